package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.debezium.DebeziumChangeSource;
import dev.freshet.cdc.debezium.DebeziumOptions;
import dev.freshet.cdc.wal.WalOptions;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.engine.FreshetException.Kind;

/** The log, read by Debezium's engine where its jars are on the class path. */
final class DebeziumCapture {
  private DebeziumCapture() {}

  /**
   * A source that is not started.
   *
   * @throws dev.freshet.cdc.wal.CaptureException if Debezium is not there, with what to do
   */
  static ChangeSource source(DatabaseConfig database, WalOptions options) {
    try {
      return DebeziumChangeSource.of(
          new DebeziumOptions(
              database.host(),
              database.port(),
              database.name(),
              database.jdbcUrl(),
              database.driverProperties(),
              options));
    } catch (IllegalArgumentException e) {
      throw FreshetException.of(
          Kind.BAD_SETTING,
          String.valueOf(e.getMessage()),
          "choose another cdc.publication-name, or set cdc.mode: wal",
          e);
    }
  }
}
