package dev.freshet.engine;

import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.TableCreation.Added;
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
import java.util.Set;
import javax.sql.DataSource;

/** How a stream table changes by command: its settings, its query. */
final class TableAlteration {
  private final DataSource connections;
  private final Catalog catalog;
  private final Definitions definitions;
  private final SourcePreparation preparation;
  private final Filler filler;
  private final StreamTables tables;
  private final TableStates states;

  TableAlteration(
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

  void settings(Maintained table, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    table.lock().lockInterruptibly();
    try {
      try (Connection connection = connections.getConnection()) {
        catalog.update(connection, table.table().id(), table.table().query(), overrides);
      }
      filler.redefine(table, states.stored(table), definitions.settings(overrides));
    } finally {
      table.lock().unlock();
    }
  }

  /**
   * Gives a stream table another query; readers see the old content, then the new. What a broken
   * one suffered from does not matter any more.
   *
   * @throws FreshetException UNKNOWN_STREAM_TABLE, and everything that analysis, preparation and
   *     the migration throw; then nothing has changed
   */
  Added query(TableName name, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    long begin = System.nanoTime();
    StreamTable stored = stored(name);
    List<String> notices =
        new ArrayList<>(preparation.prepare(definitions.analyze(query, overrides)));
    Optional<Maintained> current = tables.find(name);
    Maintained altered =
        current.isPresent()
            ? underLock(current.get(), query, overrides)
            : replace(Optional.empty(), stored, query, overrides);
    if (altered.table().state() == StreamTable.State.FAILED) {
      states.set(altered, StreamTable.State.ACTIVE, "");
    }
    notices.addAll(Definitions.noticesOf(altered));
    return new Added(altered, (System.nanoTime() - begin) / 1e6, notices);
  }

  /** The stream table of this name, broken or not. */
  StreamTable stored(TableName name) {
    return tables
        .find(name)
        .map(Maintained::table)
        .or(() -> tables.findBroken(name).map(StreamTables.Broken::table))
        .orElseThrow(() -> StreamTables.unknown(name));
  }

  private Maintained underLock(Maintained table, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    table.lock().lockInterruptibly();
    try {
      return replace(Optional.of(table), table.table(), query, overrides);
    } finally {
      table.lock().unlock();
    }
  }

  private Maintained replace(
      Optional<Maintained> current, StreamTable stored, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    Set<Integer> before = current.map(StreamTables::relationsOf).orElse(Set.of());
    Analysis analysis = definitions.analyze(query);
    Maintained replaced =
        filler.replace(
            current, stored, query, overrides, definitions.settings(overrides), analysis);
    tables.add(replaced);
    preparation.retire(tables.unread(before));
    return replaced;
  }

  /** Stores another text for what is the same query to PostgreSQL. */
  void text(Maintained table, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    table.lock().lockInterruptibly();
    try {
      filler.restate(table, query, overrides, definitions.settings(overrides));
    } finally {
      table.lock().unlock();
    }
  }
}
