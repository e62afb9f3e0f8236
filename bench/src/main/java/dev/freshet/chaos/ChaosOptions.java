package dev.freshet.chaos;

import dev.freshet.embedded.PgVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a run is to do.
 *
 * @param events how many, at most
 * @param limit after which no event begins
 * @param seed of kinds, moments and writers; the scheduling of processes is not repeated
 * @param keepGoing whether a failed check ends the run
 */
record ChaosOptions(
    int events,
    Optional<Duration> limit,
    long seed,
    List<Kind> kinds,
    PgVersion version,
    boolean keepGoing) {
  ChaosOptions {
    kinds = List.copyOf(kinds);
  }
}
