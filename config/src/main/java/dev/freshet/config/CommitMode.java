package dev.freshet.config;

/**
 * Whether a refresh waits for its commit record to reach the disk. It need not: a refresh that a
 * crash undoes is undone together with its frontier, and the slot is not confirmed past a frontier
 * that is not flushed.
 */
public enum CommitMode implements Choice {
  /** {@code SET LOCAL synchronous_commit = off}. */
  ASYNCHRONOUS,
  /** The server's or the role's own {@code synchronous_commit}. */
  SERVER
}
