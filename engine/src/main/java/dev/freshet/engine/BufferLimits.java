package dev.freshet.engine;

import dev.freshet.cdc.staging.StagingConnections;
import dev.freshet.cdc.staging.StagingOptions;
import dev.freshet.config.BufferConfig;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;

/** How much of memory and log the changes that wait may take, and what happens beyond. */
final class BufferLimits {
  /** The rest is for deltas, which are made of what is buffered, and for everything else. */
  private static final int SHARE_OF_HEAP = 4;

  private BufferLimits() {}

  /** As configured, but a quarter of the heap at most. */
  static long memoryBytes(BufferConfig buffer) {
    return Math.min(buffer.maxMemory().bytes(), Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /** When changes are staged: at half the budget for retained log in any case. */
  static StagingOptions staging(FreshetConfig config) {
    DatabaseConfig database = config.database().forSessions();
    BufferConfig buffer = config.cdc().buffer();
    StagingConnections connections =
        StagingConnections.of(database.jdbcUrl(), database.driverProperties());
    long memory = memoryBytes(buffer);
    StagingOptions options =
        switch (buffer.mode()) {
          case MEMORY -> StagingOptions.never(connections);
          case STAGING -> StagingOptions.always(connections, memory);
          case AUTO -> StagingOptions.whereItHelps(connections, memory);
        };
    return options
        .withTransactionsUpTo(buffer.maxTransactionMemory().bytes())
        .holdingAtMost(config.cdc().maxRetainedWal().bytes() / 2);
  }
}
