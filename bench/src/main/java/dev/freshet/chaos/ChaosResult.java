package dev.freshet.chaos;

import java.time.Duration;
import java.util.List;

/**
 * What a run has found.
 *
 * @param postgres the server's version
 * @param starts of engines
 * @param failures what must not be, in the order in which it was found; empty if all is well
 */
record ChaosResult(
    ChaosOptions options,
    String postgres,
    Duration elapsed,
    List<Event> events,
    Checks checks,
    Traffic traffic,
    int starts,
    List<String> failures) {
  /**
   * @param audits after events
   * @param mismatches stream tables that an audit found to differ from their queries
   * @param lost lists that lacked an acknowledged append, or had one twice
   * @param looks of the witness
   */
  record Checks(long audits, long mismatches, long lost, long looks) {
    static final Checks NONE = new Checks(0, 0, 0, 0);

    Checks and(Audit.Finding finding) {
      return new Checks(
          audits + 1,
          mismatches + finding.mismatches().size(),
          lost + finding.lost().size(),
          looks);
    }

    Checks withLooks(long witness) {
      return new Checks(audits, mismatches, lost, witness);
    }

    /** Of a stream table with its query. */
    long comparisons() {
      return audits * Shape.ALL.size();
    }
  }

  /**
   * @param committed transactions of the writers
   * @param refused transactions that the server did not take
   * @param acknowledged appends that were confirmed
   */
  record Traffic(long committed, long refused, long acknowledged) {
    static Traffic of(Load load) {
      return new Traffic(
          load.committed(),
          load.refused(),
          load.lists().stream()
              .flatMap(writer -> writer.acknowledged().values().stream())
              .mapToLong(Integer::longValue)
              .sum());
    }
  }

  ChaosResult {
    events = List.copyOf(events);
    failures = List.copyOf(failures);
  }

  boolean isClean() {
    return failures.isEmpty();
  }
}
