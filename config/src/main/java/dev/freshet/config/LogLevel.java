package dev.freshet.config;

/** The least severe messages that are logged. */
public enum LogLevel implements Choice {
  ERROR,
  WARN,
  INFO,
  DEBUG,
  TRACE
}
