package dev.freshet.config;

/** Where changes come from. */
public enum CdcMode implements Choice {
  /** The write-ahead log, decoded by pgoutput on one replication slot. */
  WAL,
  /** Triggers that write to buffer tables. */
  TRIGGER,
  /** Debezium's PostgreSQL connector. */
  DEBEZIUM
}
