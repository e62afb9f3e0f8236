package dev.freshet.sql;

/** What became of a random case. */
sealed interface Outcome {

  /**
   * Every refresh was right.
   *
   * @param reason why it is refreshed in full; empty if it is not
   * @param failedDeltas how many of the full refreshes were because the delta failed on a value
   *     that the query never evaluates
   * @param filtered whether rows that the query cannot notice are left out of its deltas
   */
  record Clean(
      RefreshClass refreshClass,
      String reason,
      int incremental,
      int full,
      int failedDeltas,
      boolean filtered)
      implements Outcome {}

  /** PostgreSQL does not accept the query, or the query itself fails. */
  record Rejected(String sqlState, String message) implements Outcome {}

  /** The query has different results with different plans: the generator's fault. */
  record Undetermined(String message) implements Outcome {}

  /**
   * A wrong result, or an error.
   *
   * @param kind what went wrong, the same for the same fault
   */
  record Failed(String kind, String message) implements Outcome {}
}
