package dev.freshet.bench.server;

import dev.freshet.config.ConfigLoader;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.EmbeddedServerBuilder;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A running PostgreSQL: embedded and ours, or the user's own, of which we use one database. */
public final class BenchServer implements AutoCloseable {
  private final DatabaseConfig maintenance;
  private final Optional<EmbeddedServer> embedded;
  private int databases;

  private BenchServer(DatabaseConfig maintenance, Optional<EmbeddedServer> embedded) {
    this.maintenance = maintenance;
    this.embedded = embedded;
  }

  /**
   * Starts an embedded PostgreSQL 18.
   *
   * @param settings server parameters besides what logical decoding needs
   * @param port to listen on; 0 takes a free one
   */
  public static BenchServer startEmbedded(Map<String, String> settings, int port) {
    EmbeddedServerBuilder builder = EmbeddedServer.builder(PgVersion.V18).port(port);
    new TreeMap<>(settings).forEach(builder::setting);
    EmbeddedServer server = builder.start();
    DatabaseConfig general = FreshetConfig.defaults().database();
    DatabaseConfig database =
        new DatabaseConfig(
            server.host(),
            server.port(),
            PostgresServer.SUPERUSER,
            PostgresServer.SUPERUSER,
            Optional.empty(),
            general.ssl(),
            "freshet",
            general.connectTimeout());
    return new BenchServer(database, Optional.of(server));
  }

  /**
   * Uses the server behind {@code url}, whose role must have CREATEDB and REPLICATION.
   *
   * @throws dev.freshet.config.ConfigException if {@code url} is not a connection URL
   */
  public static BenchServer at(String url) {
    FreshetConfig config =
        ConfigLoader.load(Optional.empty(), System.getenv(), Map.of("database.url", url)).config();
    return new BenchServer(config.database(), Optional.empty());
  }

  /** The embedded server, if this is one. */
  public Optional<EmbeddedServer> embedded() {
    return embedded;
  }

  /** Connects to the database that the server came with. The caller closes. */
  public Connection connect() throws SQLException {
    return BenchDatabase.connect(maintenance);
  }

  /**
   * Makes an empty database; closing it drops it.
   *
   * @param purpose becomes part of its name, which is also the replication slot's
   * @param settings parameters that every session in it begins with
   */
  public BenchDatabase createDatabase(String purpose, Map<String, String> settings)
      throws SQLException {
    databases++;
    String name = "freshet_%s_%d_%d".formatted(purpose, ProcessHandle.current().pid(), databases);
    return create(name, settings, name);
  }

  /**
   * Makes an empty database with exactly this name (lower-case letters, digits, underscores) and
   * the default slot: one per server, as a user would have it.
   */
  public BenchDatabase createDatabaseNamed(String name) throws SQLException {
    return create(name, Map.of(), FreshetConfig.defaults().cdc().slotName());
  }

  private BenchDatabase create(String name, Map<String, String> settings, String slot)
      throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
      for (Map.Entry<String, String> setting : new TreeMap<>(settings).entrySet()) {
        statement.execute(
            "ALTER DATABASE %s SET %s = %s"
                .formatted(name, setting.getKey(), statement.enquoteLiteral(setting.getValue())));
      }
    }
    return new BenchDatabase(this, named(name), slot);
  }

  private DatabaseConfig named(String database) {
    return new DatabaseConfig(
        maintenance.host(),
        maintenance.port(),
        database,
        maintenance.user(),
        maintenance.password(),
        maintenance.ssl(),
        maintenance.applicationName(),
        maintenance.connectTimeout());
  }

  /** Stops the server if it is ours. */
  @Override
  public void close() {
    embedded.ifPresent(EmbeddedServer::close);
  }
}
