package dev.freshet.config;

/** Whether the replication slot is synchronised to standbys (PostgreSQL 17 and later). */
public enum SlotFailover implements Choice {
  /** On where the server is 17 or later. */
  AUTO,
  ON,
  OFF
}
