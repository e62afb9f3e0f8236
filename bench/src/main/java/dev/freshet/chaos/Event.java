package dev.freshet.chaos;

import java.time.Duration;
import java.util.List;

/**
 * What came of one event.
 *
 * @param recovery from the end of the harm until every stream table showed a transaction that began
 *     after it
 * @param refilled the stream tables that were filled anew, each once
 */
record Event(int number, Kind kind, Duration recovery, List<String> refilled) {
  Event {
    refilled = List.copyOf(refilled);
  }
}
