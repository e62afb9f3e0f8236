package dev.freshet.bench.server;

import dev.freshet.config.AdminConfig;
import dev.freshet.config.CdcConfig;
import dev.freshet.config.CdcMode;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.EngineConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.Engine;
import dev.freshet.engine.setup.Setup;
import dev.freshet.engine.setup.SetupReport;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A database of its own for one purpose, and the engine's configuration for it. */
public final class BenchDatabase implements AutoCloseable {
  private final BenchServer server;
  private final DatabaseConfig config;
  private final String slot;

  BenchDatabase(BenchServer server, DatabaseConfig config, String slot) {
    this.server = server;
    this.config = config;
    this.slot = slot;
  }

  static Connection connect(DatabaseConfig config) throws SQLException {
    return DriverManager.getConnection(config.jdbcUrl(), config.driverProperties());
  }

  public String name() {
    return config.name();
  }

  /** Where it is and as whom to connect. */
  public DatabaseConfig config() {
    return config;
  }

  /** Connects in auto-commit mode. The caller closes. */
  public Connection connect() throws SQLException {
    return connect(config);
  }

  /** Runs statements, each in its own transaction. */
  public void execute(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The defaults for this database, but for the slot's name, and without an HTTP port. */
  public FreshetConfig engineConfig() {
    FreshetConfig general = FreshetConfig.defaults();
    CdcConfig cdc = general.cdc();
    EngineConfig engine = general.engine();
    return new FreshetConfig(
        config,
        new CdcConfig(
            cdc.mode(),
            slot,
            cdc.publicationName(),
            cdc.managePublication(),
            cdc.manageReplicaIdentity(),
            cdc.replicaIdentityLockTimeout(),
            cdc.buffer(),
            cdc.maxRetainedWal(),
            cdc.statusInterval(),
            cdc.failover(),
            cdc.pollInterval()),
        general.refresh(),
        new EngineConfig(
            engine.refreshWorkers(),
            engine.historySize(),
            engine.takeoverAfter(),
            new AdminConfig(engine.admin().bindAddress(), 0),
            engine.log()),
        List.of());
  }

  /**
   * Sets Freshet up here if it is not, and attaches an engine. The caller starts and closes it.
   *
   * @throws IllegalStateException if the server lacks something, with all that is missing
   */
  public Engine openEngine() {
    return openEngine(CdcMode.WAL);
  }

  /** The same with another way of capturing changes. */
  public Engine openEngine(CdcMode mode) {
    FreshetConfig config = engineConfig().with(mode);
    SetupReport report = Setup.init(config);
    if (!report.ready()) {
      throw new IllegalStateException("cannot set Freshet up: " + report.checks());
    }
    return Engine.open(config);
  }

  /** Drops the slots of this database and the database itself, ending whatever uses them. */
  @Override
  public void close() throws SQLException {
    try (Connection connection = server.connect()) {
      run(
          connection,
          "SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots"
              + " WHERE database = ? AND active_pid IS NOT NULL");
      run(
          connection,
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
              + " WHERE database = ? AND NOT temporary");
      try (Statement statement = connection.createStatement()) {
        statement.execute("DROP DATABASE IF EXISTS " + config.name() + " WITH (FORCE)");
      }
    }
  }

  private void run(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, config.name());
      statement.execute();
    }
  }
}
