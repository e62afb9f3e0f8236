package dev.freshet.engine;

import dev.freshet.cdc.Snapshot;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Takes up the stream tables of the catalog: at start, and again what was broken. One whose query
 * can no longer be analysed is kept as broken, with the reason.
 */
final class TableAttachment {
  private final DataSource connections;
  private final Catalog catalog;
  private final Definitions definitions;
  private final SourcePreparation preparation;
  private final Filler filler;
  private final StreamTables tables;
  private final TableStates states;

  TableAttachment(
      DataSource connections,
      Catalog catalog,
      Definitions definitions,
      SourcePreparation preparation,
      Filler filler,
      StreamTables tables,
      TableStates states) {
    this.connections = connections;
    this.catalog = catalog;
    this.definitions = definitions;
    this.preparation = preparation;
    this.filler = filler;
    this.tables = tables;
    this.states = states;
  }

  /** At start: registers every stream table of the catalog with the change source. */
  void load() throws SQLException, InterruptedException {
    List<StreamTable> stored;
    try (Connection connection = connections.getConnection()) {
      stored = catalog.all(connection);
    }
    for (StreamTable table : stored) {
      attach(table);
    }
    states.suspendWaiting();
  }

  /**
   * One that is broken is tried again first.
   *
   * @throws FreshetException UNKNOWN_STREAM_TABLE, or the reason why it is broken
   */
  Maintained get(TableName name) throws SQLException, InterruptedException {
    Optional<Maintained> table = tables.find(name);
    if (table.isPresent()) {
      return table.get();
    }
    StreamTables.Broken failed =
        tables.findBroken(name).orElseThrow(() -> StreamTables.unknown(name));
    preparation.prepare(definitions.analyze(failed.table()));
    attach(failed.table());
    return tables.find(name).orElseThrow(failed::cause);
  }

  /** Tries again to analyse what is broken; tells which came back. */
  List<Maintained> retryBroken() throws SQLException, InterruptedException {
    List<Maintained> back = new ArrayList<>();
    for (StreamTables.Broken failed : tables.broken()) {
      TableName name = failed.table().name();
      Optional<StreamTable> current = find(name);
      if (current.isEmpty()) {
        tables.removeBroken(name);
        continue;
      }
      Analysis analysis;
      try {
        analysis = definitions.analyze(current.get());
      } catch (FreshetException e) {
        continue;
      }
      preparation.prepare(analysis);
      attach(current.get());
      tables.find(name).ifPresent(back::add);
    }
    return back;
  }

  private Optional<StreamTable> find(TableName name) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return catalog.find(connection, name);
    }
  }

  private void attach(StreamTable stored) throws SQLException, InterruptedException {
    StreamTable table = stored;
    try {
      Analysis analysis = definitions.analyze(table);
      if (table.pins().isEmpty()) {
        table = pinned(table, analysis);
      }
      boolean prepared = preparation.prepare(analysis).isEmpty();
      boolean valid =
          prepared
              && table.frontier().isPresent()
              && table.frontier().get().valid()
              && (!stored.pins().isEmpty() || !readsSession(analysis))
              && filler.layoutMatches(table.name(), analysis)
              && filler.hiddenTablesExist(table.name(), analysis);
      Optional<Snapshot> frontier =
          valid ? Optional.of(table.frontier().orElseThrow().snapshot()) : Optional.empty();
      if (!valid) {
        states.invalidate(table);
      }
      tables.add(filler.attach(table, definitions.settings(table.overrides()), analysis, frontier));
    } catch (FreshetException e) {
      states.markBroken(table, e);
    }
  }

  /** Whether its result depends on settings or on a time that an older release did not record. */
  private static boolean readsSession(Analysis analysis) {
    return !analysis.pinned().isEmpty() || analysis.compiled().due().isPresent();
  }

  /** An older release did not record settings: those in effect now count, and it is refilled. */
  private StreamTable pinned(StreamTable table, Analysis analysis) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      catalog.pin(connection, table.id(), analysis.pins());
      return catalog.find(connection, table.name()).orElseThrow();
    }
  }
}
