package dev.freshet.config;

/** Where changes wait for their stream tables. */
public enum BufferMode implements Choice {
  /** In the JVM only; what does not fit is given up, and slow schedules hold back the log. */
  MEMORY,
  /** In staging tables, as soon as they have waited for a second. */
  STAGING,
  /** In the JVM as long as they fit and hold back little log, else in staging tables. */
  AUTO
}
