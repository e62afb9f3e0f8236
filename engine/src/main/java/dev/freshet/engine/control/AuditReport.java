package dev.freshet.engine.control;

import java.util.List;
import java.util.Optional;

/**
 * The result of comparing a stream table with its query in one snapshot.
 *
 * @param snapshot the snapshot, as {@code pg_snapshot} text
 * @param refresh the refresh that brought the stream table to that snapshot
 * @param differences at most as many rows as asked for; empty means equal
 * @param error why it could not be audited, if so
 */
public record AuditReport(
    String name,
    boolean equal,
    String snapshot,
    long rows,
    Optional<RefreshReport> refresh,
    List<Difference> differences,
    Optional<String> error) {

  /**
   * @param side {@code missing} (the query has it) or {@code unexpected} (the stream table has it)
   */
  public record Difference(String side, long copies, String row) {}
}
