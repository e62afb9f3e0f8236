package dev.freshet.engine.control;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One refresh: what was done and why.
 *
 * @param name {@code schema.table}
 * @param mode what was done
 * @param reason why this mode, for people: {@code delta 1,000 rows, ratio 0.01}, {@code source
 *     truncated}, …
 * @param changes row changes of the sources that were consolidated
 * @param deltaRows rows shipped to the server after consolidation and reduction
 * @param rowsWritten rows inserted, updated or deleted in the stream table
 * @param milliseconds from the call to the commit; in a graph, of this stream table's own part
 * @param expectedMilliseconds what the cost model expected of this mode, if it knew
 * @param phases milliseconds by phase: snapshot, wait, delta, ship, apply (frontier and commit
 *     included), given up (begun and stopped, because it took longer than the other way)
 * @param freshness milliseconds from the oldest consumed commit's arrival to the refresh's commit
 * @param error for a failed refresh: what, and SQLSTATE where there is one
 */
public record RefreshReport(
    String name,
    Mode mode,
    String reason,
    long changes,
    long deltaRows,
    long rowsWritten,
    Instant startedAt,
    double milliseconds,
    Optional<Double> expectedMilliseconds,
    Map<String, Double> phases,
    Optional<Double> freshness,
    Optional<String> error) {

  /** The same with another freshness. */
  public RefreshReport withFreshness(Optional<Double> other) {
    return new RefreshReport(
        name,
        mode,
        reason,
        changes,
        deltaRows,
        rowsWritten,
        startedAt,
        milliseconds,
        expectedMilliseconds,
        phases,
        other,
        error);
  }

  /** What a refresh did. */
  public enum Mode {
    NOOP,
    INCREMENTAL,
    FULL,
    REBUILD,
    FAILED
  }
}
