package dev.freshet.config;

/**
 * The process itself.
 *
 * @param refreshWorkers stream tables refreshed at the same time, one connection each
 * @param historySize refreshes remembered per stream table
 */
public record EngineConfig(int refreshWorkers, int historySize, AdminConfig admin, LogConfig log) {
  public EngineConfig {
    Settings.ENGINE_REFRESH_WORKERS.require(refreshWorkers);
    Settings.ENGINE_HISTORY_SIZE.require(historySize);
  }
}
