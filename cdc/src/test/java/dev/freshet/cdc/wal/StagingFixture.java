package dev.freshet.cdc.wal;

import dev.freshet.cdc.staging.StagingOptions;
import java.time.Duration;

/** Options under which staging happens where a test wants it. */
final class StagingFixture {
  private StagingFixture() {}

  /** Every transaction leaves memory as soon as the spiller sees it. */
  static StagingOptions atOnce(StagingOptions options) {
    return new StagingOptions(
        options.connections(),
        true,
        options.maxTransactionBytes(),
        Duration.ZERO,
        0,
        0,
        options.patience());
  }
}
