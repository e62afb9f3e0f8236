package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.FillTransaction.Filled;
import dev.freshet.engine.refresh.Filler.Company;
import dev.freshet.engine.refresh.Maintained.Compiled;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/** Gives a stream table another query, in place, in one transaction. */
final class Replacement {
  private final DataSource connections;
  private final ChangeSource source;
  private final Catalog catalog;
  private final Capture capture;
  private final FillTransaction transaction;
  private final Attachment attachment;

  Replacement(
      DataSource connections,
      ChangeSource source,
      Catalog catalog,
      Capture capture,
      FillTransaction transaction,
      Attachment attachment) {
    this.connections = connections;
    this.source = source;
    this.catalog = catalog;
    this.capture = capture;
    this.transaction = transaction;
    this.attachment = attachment;
  }

  Maintained replace(
      Optional<Maintained> current,
      StreamTable table,
      String query,
      RefreshOverrides overrides,
      RefreshSettings settings,
      Analysis analysis,
      Optional<Company> company)
      throws SQLException, InterruptedException {
    TableName name = table.name();
    Views views = Views.of(analysis, capture);
    DeltaConsumer next = source.register(name.toString(), views.all(), Optional.empty());
    boolean done = false;
    try {
      Redefinition redefinition = new Redefinition(name, analysis.compiled());
      boolean similar =
          current.isPresent()
              && fits(name, current.get().analysis())
              && redefinition.findsRowsOf(current.get().analysis().compiled())
              && HiddenTables.exist(connections, current.get().analysis().compiled(), name)
              && fits(name, analysis);
      Filled filled =
          transaction.run(
              next,
              new Opening(table.id(), analysis, capture),
              company,
              (connection, cut) -> {
                Redefinition.Written written =
                    rewritten(connection, redefinition, similar, analysis, name, settings);
                catalog.update(connection, table.id(), query, overrides);
                catalog.putFrontier(
                    connection,
                    table.id(),
                    cut.snapshot(),
                    cut.lsn(),
                    capture.origin(),
                    cut.sourceFiles());
                written.last().take();
                return new Filled(table.id(), written.rows(), cut);
              });
      StreamTable stored;
      try (Connection connection = connections.getConnection()) {
        if (!similar) {
          Filler.analyze(connection, analysis.compiled(), name);
        }
        stored = catalog.find(connection, name).orElseThrow();
      }
      Maintained replaced = exchange(current, stored, settings, analysis, views, next, filled);
      done = true;
      return replaced;
    } finally {
      if (!done) {
        next.close();
      }
    }
  }

  private boolean fits(TableName name, Analysis analysis) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return TableFit.of(connection, name, analysis).fits();
    }
  }

  private static Redefinition.Written rewritten(
      Connection connection,
      Redefinition redefinition,
      boolean similar,
      Analysis analysis,
      TableName name,
      RefreshSettings settings)
      throws SQLException, InterruptedException {
    if (similar) {
      return new Redefinition.Written(redefinition.byDifferences(connection), () -> {});
    }
    TableShape now = TableShape.of(connection, name);
    return now.exists()
        ? redefinition.migrate(connection, now)
        : new Redefinition.Written(
            Filler.fill(connection, analysis.compiled(), name, settings), () -> {});
  }

  private Maintained exchange(
      Optional<Maintained> current,
      StreamTable stored,
      RefreshSettings settings,
      Analysis analysis,
      Views views,
      DeltaConsumer consumer,
      Filled filled) {
    if (current.isEmpty()) {
      Maintained fresh =
          attachment.maintained(
              stored, settings, analysis, views, consumer, Attachment.frontier(filled.cut()));
      fresh.rows(filled.rows());
      return fresh;
    }
    Maintained table = current.get();
    DeltaConsumer old = table.consumer();
    table.table(stored, settings);
    table.compiled(Compiled.of(stored.id(), analysis, views, consumer, capture));
    table.frontier(Attachment.frontier(filled.cut()));
    table.rows(filled.rows());
    table.forgetCosts();
    old.close();
    return table;
  }
}
