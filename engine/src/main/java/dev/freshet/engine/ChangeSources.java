package dev.freshet.engine;

import dev.freshet.cdc.server.ServerCheck;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.TriggerCapture;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Opens the change source that {@code cdc.mode} asks for: a mode more is a case more here. */
final class ChangeSources {
  private ChangeSources() {}

  /**
   * @param tracked where connections of its own are opened
   * @param givenUp where it notes the frontiers for which changes were lost
   */
  static CaptureMode open(
      FreshetConfig config,
      DataSource pool,
      Catalog catalog,
      TrackedConnections tracked,
      GivenUp givenUp)
      throws SQLException {
    return switch (config.cdc().mode()) {
      case WAL, DEBEZIUM -> WalCapture.open(config, pool, catalog, tracked, givenUp);
      case TRIGGER -> TriggerMode.open(config, pool);
      case AUTO -> throw unavailable(config.cdc().mode());
    };
  }

  /** What {@link CaptureMode#capture} is, without opening it. */
  static Capture capture(FreshetConfig config, int version) {
    return switch (config.cdc().mode()) {
      case WAL, DEBEZIUM -> WalCapture.capture(config, version);
      case TRIGGER -> new TriggerCapture();
      case AUTO -> throw unavailable(config.cdc().mode());
    };
  }

  /** Installs it beside another one that is in use. */
  static SourcePreparation introduce(FreshetConfig config, DataSource pool, Catalog catalog)
      throws SQLException {
    return switch (config.cdc().mode()) {
      case WAL, DEBEZIUM -> WalCapture.introduce(config, pool, catalog);
      case TRIGGER -> TriggerMode.open(config, pool).preparation();
      case AUTO -> throw unavailable(config.cdc().mode());
    };
  }

  /** Whether the server decodes its log, and for this role. */
  static boolean canReadLog(Connection connection, FreshetConfig config) throws SQLException {
    return ServerCheck.run(connection, config.cdc().slotName()).findings().isEmpty();
  }

  private static IllegalStateException unavailable(CdcMode mode) {
    return new IllegalStateException("the configuration refuses cdc.mode: " + mode.text());
  }
}
