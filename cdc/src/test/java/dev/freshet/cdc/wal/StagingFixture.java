package dev.freshet.cdc.wal;

import dev.freshet.cdc.staging.StagingConnections;
import dev.freshet.cdc.staging.StagingOptions;
import java.time.Duration;

/** Options under which staging happens where a test wants it. */
final class StagingFixture {
  private StagingFixture() {}

  /** Every transaction leaves memory as soon as the spiller sees it. */
  static StagingOptions atOnce(StagingOptions options) {
    return atOnce(options, options.connections(), 0);
  }

  /** The same, but that the latest chunks stay in memory too. */
  static StagingOptions atOnce(
      StagingOptions options, StagingConnections connections, long keptBytes) {
    return new StagingOptions(
        connections,
        true,
        options.maxTransactionBytes(),
        Duration.ZERO,
        0,
        0,
        keptBytes,
        options.patience());
  }
}
