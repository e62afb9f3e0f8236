package dev.freshet.engine;

import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.refresh.Alignment;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assertions;

/** A database of its own with an engine on it, as tests use them. */
public final class Freshet implements AutoCloseable {
  private final Database database;
  private FreshetConfig config;
  private Engine engine;

  private Freshet(Database database, FreshetConfig config, Engine engine) {
    this.database = database;
    this.config = config;
    this.engine = engine;
  }

  /** Sets Freshet up in a fresh database and attaches an engine whose schedules do not run. */
  public static Freshet on(PostgresServer server, Map<String, String> settings)
      throws SQLException {
    return on(server.freshDatabase(), settings, Alignment.BY_SNAPSHOT);
  }

  /** The same in a database that exists, with another rule of alignment. */
  static Freshet on(Database database, Map<String, String> settings, Alignment alignment)
      throws SQLException {
    FreshetConfig config = configFor(database, settings);
    install(database, config);
    return new Freshet(database, config, EngineFactory.open(config, alignment));
  }

  /** Attaches an engine to a database in which Freshet was set up before. */
  static Freshet onExisting(Database database, Map<String, String> settings) {
    FreshetConfig config = configFor(database, settings);
    return new Freshet(database, config, Engine.open(config));
  }

  public static FreshetConfig configFor(Database database, Map<String, String> settings) {
    return FreshetConfig.of(keysFor(database, settings));
  }

  static Map<String, String> keysFor(Database database, Map<String, String> settings) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("database.host", database.server().host());
    keys.put("database.port", Integer.toString(database.server().port()));
    keys.put("database.name", database.name());
    keys.put("database.user", PostgresServer.SUPERUSER);
    keys.put("cdc.slot-name", database.name());
    keys.put("refresh.schedule", "manual");
    keys.putAll(settings);
    return keys;
  }

  public static void install(Database database, FreshetConfig config) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      CatalogSchema.install(connection);
      if (config.cdc().mode() == CdcMode.TRIGGER) {
        return;
      }
      statement.execute(
          "CREATE PUBLICATION %s WITH (publish_via_partition_root = true)"
              .formatted(config.cdc().publicationName()));
    }
  }

  public Database database() {
    return database;
  }

  public FreshetConfig config() {
    return config;
  }

  public Engine engine() {
    return engine;
  }

  /** Whether changes come from triggers. */
  boolean usesTriggers() {
    return config.cdc().mode() == CdcMode.TRIGGER;
  }

  /** Runs statements, each in its own transaction. */
  public void sql(String... statements) throws SQLException {
    database.execute(statements);
  }

  public Reply.Created create(String name, String query) {
    return create(name, query, Map.of());
  }

  public Reply.Created create(String name, String query, Map<String, String> settings) {
    return (Reply.Created) engine.execute(new Command.Create(name, query, settings, false));
  }

  public RefreshReport refresh(String name) {
    return refresh(name, Optional.empty());
  }

  /** Refreshes from the delta, whatever its size. */
  public RefreshReport refreshIncrementally(String name) {
    return refresh(name, Optional.of("incremental"));
  }

  /** Refreshes from the delta, and requires that this was possible and gave the right result. */
  public RefreshReport follow(String name) {
    RefreshReport report = refreshIncrementally(name);
    Assertions.assertThat(report.mode()).as(report.reason()).isEqualTo(Mode.INCREMENTAL);
    Reply.Audited audited = (Reply.Audited) engine.execute(new Command.Audit(List.of(name), 5));
    Assertions.assertThat(audited.reports()).allMatch(AuditReport::equal);
    return report;
  }

  /** Refreshes a stream table's whole graph, and requires that every member followed its delta. */
  public void followGraph(String name) {
    Reply.Refreshed refreshed =
        (Reply.Refreshed) engine.execute(new Command.Refresh(List.of(name), Optional.empty()));
    Assertions.assertThat(refreshed.reports())
        .extracting(RefreshReport::mode)
        .doesNotContain(Mode.FULL, Mode.REBUILD);
    Assertions.assertThat(audit()).allMatch(AuditReport::equal);
  }

  public RefreshReport refresh(String name, Optional<String> mode) {
    Reply.Refreshed refreshed =
        (Reply.Refreshed) engine.execute(new Command.Refresh(List.of(name), mode));
    return refreshed.reports().getFirst();
  }

  /** Refreshes and compares every stream table with its query, each at one snapshot. */
  public List<AuditReport> audit() {
    return ((Reply.Audited) engine.execute(new Command.Audit(List.of(), 5))).reports();
  }

  public StreamTableStatus status(String name) {
    return engine.status().streamTables().stream()
        .filter(table -> table.name().equals(name.contains(".") ? name : "public." + name))
        .findFirst()
        .orElseThrow();
  }

  /** The rows of a query as text, in order. */
  public List<String> rows(String query) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT r::text FROM (" + query + ") r")) {
      List<String> rows = new ArrayList<>();
      while (row.next()) {
        rows.add(row.getString(1));
      }
      return rows;
    }
  }

  /** Closes the engine and opens another one on the same database. */
  public void restartEngine() {
    engine.close();
    engine = Engine.open(config);
  }

  /** The same with other settings. */
  public void restartEngine(Map<String, String> settings) {
    engine.close();
    Map<String, String> all = new LinkedHashMap<>();
    all.put("cdc.mode", config.cdc().mode().text());
    all.putAll(settings);
    config = configFor(database, all);
    engine = Engine.open(config);
  }

  @Override
  public void close() throws SQLException {
    engine.close();
    database.close();
  }
}
