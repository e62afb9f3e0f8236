package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Snapshot;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Maintained.Compiled;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import javax.sql.DataSource;

/** Takes stream tables under maintenance that exist, and lets go of them. */
final class Attachment {
  private final DataSource connections;
  private final ChangeSource source;
  private final Catalog catalog;
  private final Capture capture;
  private final int historySize;

  Attachment(
      DataSource connections,
      ChangeSource source,
      Catalog catalog,
      Capture capture,
      int historySize) {
    this.connections = connections;
    this.source = source;
    this.catalog = catalog;
    this.capture = capture;
    this.historySize = historySize;
  }

  static Frontier frontier(Cut cut) {
    return new Frontier(
        cut.snapshot(), cut.lsn(), cut.sourceFiles(), cut.clock(), true, Instant.now());
  }

  Maintained maintained(
      StreamTable table,
      RefreshSettings settings,
      Analysis analysis,
      Views views,
      DeltaConsumer consumer,
      Frontier frontier) {
    return new Maintained(
        table,
        settings,
        Compiled.of(table.id(), analysis, views, consumer, capture),
        frontier,
        historySize);
  }

  Maintained attach(
      StreamTable table, RefreshSettings settings, Analysis analysis, Optional<Snapshot> frontier)
      throws SQLException {
    if (frontier.isEmpty()) {
      HiddenTables.drop(connections, table.name());
    }
    Views views = Views.of(analysis, capture);
    DeltaConsumer consumer = source.register(table.name().toString(), views.all(), frontier);
    Maintained attached =
        maintained(table, settings, analysis, views, consumer, stored(table, frontier.isPresent()));
    try (Connection connection = connections.getConnection();
        var statement =
            connection.prepareStatement(
                "SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = to_regclass(?)")) {
      statement.setString(1, table.name().toString());
      try (ResultSet row = statement.executeQuery()) {
        attached.rows(row.next() ? row.getDouble(1) : 0);
      }
    }
    return attached;
  }

  private static Frontier stored(StreamTable table, boolean valid) {
    Frontier frontier =
        table
            .frontier()
            .orElseThrow(() -> new IllegalStateException(table.displayName() + " has no frontier"));
    return new Frontier(
        frontier.snapshot(),
        frontier.lsn(),
        frontier.sourceFiles(),
        frontier.clock(),
        valid,
        frontier.refreshedAt());
  }

  void reattach(Maintained table, Analysis analysis, String reason) throws SQLException {
    HiddenTables.drop(connections, table.table().name());
    DeltaConsumer old = table.consumer();
    Views views = Views.of(analysis, capture);
    DeltaConsumer next =
        source.register(table.table().name().toString(), views.all(), Optional.empty());
    StreamTable stored;
    try (Connection connection = connections.getConnection()) {
      stored = catalog.find(connection, table.table().name()).orElseThrow();
    }
    table.compiled(Compiled.of(stored.id(), analysis, views, next, capture));
    table.table(withReason(stored, reason), table.settings());
    table.frontier(stored(stored, false));
    old.close();
  }

  void suspend(Maintained table, String reason) {
    table.consumer().close();
    table.suspend();
    table.table(withReason(table.table(), reason), table.settings());
    Frontier frontier = table.frontier();
    table.frontier(
        new Frontier(
            frontier.snapshot(),
            frontier.lsn(),
            frontier.sourceFiles(),
            frontier.clock(),
            false,
            frontier.refreshedAt()));
  }

  private static StreamTable withReason(StreamTable table, String reason) {
    return new StreamTable(
        table.id(),
        table.name(),
        table.query(),
        table.overrides(),
        table.state(),
        reason,
        table.frontier(),
        table.pins());
  }
}
