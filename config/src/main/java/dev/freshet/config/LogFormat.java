package dev.freshet.config;

/** How log lines are written. */
public enum LogFormat implements Choice {
  TEXT,
  /** One JSON object a line. */
  JSON
}
