package dev.freshet.config;

/** How a stream table is brought up to date. */
public enum RefreshMode implements Choice {
  /** Incrementally where the query allows it and the delta is small enough, otherwise in full. */
  AUTO,
  /** From deltas only; a query that cannot be maintained so is refused. */
  INCREMENTAL,
  /** By evaluating the query. */
  FULL
}
