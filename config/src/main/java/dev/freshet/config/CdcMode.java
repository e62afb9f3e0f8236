package dev.freshet.config;

/** Where changes come from. */
public enum CdcMode implements Choice {
  /** The write-ahead log, decoded by pgoutput on one replication slot. */
  WAL,
  /** Triggers that write to buffer tables. */
  TRIGGER,
  /** Debezium's PostgreSQL connector. */
  DEBEZIUM,
  /** The log where it can be read, else triggers until it can. */
  AUTO;

  /**
   * Whether changes come from the log, through a slot. To be asked once {@code AUTO} is decided.
   */
  public boolean readsLog() {
    return this == WAL || this == DEBEZIUM;
  }
}
