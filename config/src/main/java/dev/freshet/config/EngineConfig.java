package dev.freshet.config;

import java.time.Duration;

/**
 * The process itself.
 *
 * @param refreshWorkers stream tables refreshed at the same time, one connection each
 * @param historySize refreshes remembered per stream table
 * @param takeoverAfter how long the serving engine may be silent before one that stands by ends it
 */
public record EngineConfig(
    int refreshWorkers, int historySize, Duration takeoverAfter, AdminConfig admin, LogConfig log) {
  public EngineConfig {
    Settings.ENGINE_REFRESH_WORKERS.require(refreshWorkers);
    Settings.ENGINE_HISTORY_SIZE.require(historySize);
    Settings.ENGINE_TAKEOVER_AFTER.require(takeoverAfter);
  }
}
