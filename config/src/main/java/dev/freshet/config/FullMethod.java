package dev.freshet.config;

/** How a full refresh writes. */
public enum FullMethod implements Choice {
  /** Only rows that differ; readers are not blocked. */
  MERGE,
  /** A new heap and fresh indexes; readers wait, as for {@code REFRESH MATERIALIZED VIEW}. */
  REBUILD
}
