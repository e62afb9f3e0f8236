package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.Place;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.Presence;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.Service;
import dev.freshet.engine.refresh.Maintained;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Puts together what an engine knows of itself. */
final class StatusReader {
  private static final int LAST_REFRESHES = 5;

  /** Stream tables up to this size are counted, in a few milliseconds; larger ones estimated. */
  private static final long COUNTED_BYTES = 8L << 20;

  private final FreshetConfig config;
  private final DataSource connections;
  private final CaptureMode mode;
  private final ChangeSource source;
  private final RetainedLog retained;
  private final StreamTables tables;
  private final Groups groups;
  private final Supplier<Service> service;
  private final Instant startedAt;

  StatusReader(
      FreshetConfig config,
      DataSource connections,
      CaptureMode mode,
      RetainedLog retained,
      StreamTables tables,
      Supplier<Service> service,
      Instant startedAt) {
    this.config = config;
    this.connections = connections;
    this.mode = mode;
    this.source = mode.source();
    this.retained = retained;
    this.tables = tables;
    this.groups = new Groups(tables);
    this.service = service;
    this.startedAt = startedAt;
  }

  EngineStatus read() {
    List<StreamTableStatus> all = new ArrayList<>();
    for (Maintained table : tables.maintained()) {
      all.add(status(table));
    }
    for (StreamTables.Broken failed : tables.broken()) {
      all.add(
          unattached(
              failed.table(),
              config,
              failed.table().state().label(),
              failed.table().reason(),
              groups.place(
                  failed.table().name(),
                  failed.table().overrides().applyTo(config.refresh()).schedule()),
              List.of()));
    }
    return new EngineStatus(
        true,
        Version.text(),
        Optional.of(startedAt),
        describe(source.state()),
        config.cdc().mode().readsLog() ? config.cdc().slotName() : "",
        config.cdc().mode().readsLog() ? config.cdc().publicationName() : "",
        mode.mode().text(),
        "",
        Optional.of(source.received().toString()),
        Optional.of(source.confirmed().toString()),
        Math.max(0, insertPosition().bytesSince(source.received())),
        mode.retainedBytes(),
        source.bufferedBytes(),
        BufferLimits.memoryBytes(config.cdc().buffer()),
        new EngineStatus.StagedChanges(
            source.stagedBytes(),
            source.stagedTransactions(),
            source.stagingFailure(),
            retained.givenUp()),
        withStandbys(service.get()),
        all);
  }

  private Service withStandbys(Service known) {
    try (Connection connection = connections.getConnection()) {
      return known.with(standbys(connection));
    } catch (SQLException e) {
      return known;
    }
  }

  private static List<String> standbys(Connection connection) throws SQLException {
    return Presence.standbys(connection).stream().map(Presence.Session::description).toList();
  }

  private Lsn insertPosition() {
    try (Connection connection = connections.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
      row.next();
      return Lsn.parse(row.getString(1));
    } catch (SQLException e) {
      return source.received();
    }
  }

  private static String describe(ChangeSource.State state) {
    return switch (state) {
      case ChangeSource.State.Stopped _ -> "stopped";
      case ChangeSource.State.Streaming _ -> "streaming";
      case ChangeSource.State.Reconnecting(var cause, var attempt) ->
          "reconnecting (attempt " + attempt + "): " + cause;
      case ChangeSource.State.Failed(var cause, var remedy, _) ->
          "failed: " + cause + ". " + remedy;
    };
  }

  private StreamTableStatus status(Maintained table) {
    ChangeSource.Pending pending = table.consumer().pending();
    List<RefreshReport> history = table.history();
    Optional<String> waiting = groups.waiting(table);
    return new StreamTableStatus(
        table.displayName(),
        table.table().query(),
        waiting.isPresent() ? "waiting" : table.table().state().label(),
        waiting.orElse(table.table().reason()),
        table.analysis().compiled().refreshClass().label(),
        table.settings().mode().text(),
        table.settings().schedule().toString(),
        table.frontier().snapshot().toString(),
        table.frontier().lsn().toString(),
        pending
            .oldest()
            .map(oldest -> Math.max(0, source.received().bytesSince(oldest)))
            .orElse(0L),
        pending
            .oldestCommitTime()
            .map(time -> Math.max(0, Duration.between(time, Instant.now()).toNanos() / 1e6))
            .orElse(0.0),
        pending.transactions(),
        pending.changes(),
        rows(table.table()).orElse((long) table.rows()),
        table.analysis().pinned(),
        groups.place(table.table().name(), table.settings().schedule()),
        history.subList(0, Math.min(LAST_REFRESHES, history.size())));
  }

  private Optional<Long> rows(StreamTable table) {
    try (Connection connection = connections.getConnection()) {
      return estimate(connection, table);
    } catch (SQLException e) {
      return Optional.empty();
    }
  }

  private static long count(Connection connection, StreamTable table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table.name())) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Counted where that is cheap, else PostgreSQL's own estimate; empty if there is no table. */
  static Optional<Long> estimate(Connection connection, StreamTable table) throws SQLException {
    try (var statement =
        connection.prepareStatement(
            """
            SELECT c.reltuples::int8, pg_relation_size(c.oid) FROM pg_class c
            WHERE c.oid = to_regclass(?)
            """)) {
      statement.setString(1, table.name().toString());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        return Optional.of(
            row.getLong(2) <= COUNTED_BYTES
                ? count(connection, table)
                : Math.max(0, row.getLong(1)));
      }
    }
  }

  /** What the catalog alone tells. */
  static EngineStatus withoutEngine(Connection connection, Catalog catalog, FreshetConfig given)
      throws SQLException {
    CaptureDecision decision = CaptureDecision.of(given, connection);
    FreshetConfig config = decision.config();
    List<StreamTableStatus> all = new ArrayList<>();
    List<StreamTable> tables = catalog.all(connection);
    CatalogGraph graph =
        CatalogGraph.of(connection, tables, table -> table.overrides().applyTo(config.refresh()));
    for (StreamTable table : tables) {
      Optional<String> waiting = graph.waiting(table);
      all.add(
          unattached(
              table,
              config,
              waiting.isPresent() ? "waiting" : table.state().label(),
              waiting.orElse(table.reason()),
              graph.place(table),
              catalog.history(connection, table.id(), LAST_REFRESHES)));
    }
    return new EngineStatus(
        false,
        Version.text(),
        Optional.empty(),
        "stopped",
        readsLog(config) ? config.cdc().slotName() : "",
        readsLog(config) ? config.cdc().publicationName() : "",
        config.cdc().mode().text(),
        decision.reason(),
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        0,
        config.cdc().buffer().maxMemory().bytes(),
        EngineStatus.StagedChanges.NONE,
        Service.none(catalog.lastIncident(connection), standbys(connection)),
        all);
  }

  /** What an engine knows that has no change stream now. */
  static EngineStatus withoutSource(FreshetConfig config, Catalog catalog, Service service) {
    EngineStatus stored;
    List<String> standbys;
    try (Connection connection = Connections.open(config.database())) {
      stored = withoutEngine(connection, catalog, config);
      standbys = standbys(connection);
    } catch (SQLException | FreshetException e) {
      stored = unreachable(config);
      standbys = List.of();
    }
    return new EngineStatus(
        true,
        stored.version(),
        Optional.empty(),
        "stopped",
        stored.slot(),
        stored.publication(),
        stored.capture(),
        stored.captureReason(),
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        0,
        stored.bufferLimitBytes(),
        EngineStatus.StagedChanges.NONE,
        service.with(standbys),
        stored.streamTables());
  }

  private static boolean readsLog(FreshetConfig config) {
    return config.cdc().mode() != CdcMode.TRIGGER;
  }

  private static EngineStatus unreachable(FreshetConfig config) {
    return new EngineStatus(
        false,
        Version.text(),
        Optional.empty(),
        "stopped",
        readsLog(config) ? config.cdc().slotName() : "",
        readsLog(config) ? config.cdc().publicationName() : "",
        config.cdc().mode().text(),
        "",
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        0,
        config.cdc().buffer().maxMemory().bytes(),
        EngineStatus.StagedChanges.NONE,
        Service.none(Optional.empty(), List.of()),
        List.of());
  }

  private static StreamTableStatus unattached(
      StreamTable table,
      FreshetConfig config,
      String state,
      String reason,
      Place place,
      List<RefreshReport> history) {
    RefreshSettings settings = table.overrides().applyTo(config.refresh());
    return new StreamTableStatus(
        table.displayName(),
        table.query(),
        state,
        reason,
        "",
        settings.mode().text(),
        settings.schedule().toString(),
        table.frontier().map(f -> f.snapshot().toString()).orElse(""),
        table.frontier().map(f -> f.lsn().toString()).orElse(""),
        0,
        0,
        0,
        0,
        0,
        table.pins().byName(),
        place,
        history);
  }
}
