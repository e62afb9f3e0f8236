package dev.freshet.engine;

import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.TableCreation.Added;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Fillfactor;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
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
  private final TableAttachment attachment;

  TableAlteration(
      DataSource connections,
      Catalog catalog,
      Definitions definitions,
      SourcePreparation preparation,
      Filler filler,
      StreamTables tables,
      TableStates states,
      TableAttachment attachment) {
    this.connections = connections;
    this.catalog = catalog;
    this.definitions = definitions;
    this.preparation = preparation;
    this.filler = filler;
    this.tables = tables;
    this.states = states;
    this.attachment = attachment;
  }

  void settings(Maintained table, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    table.lock().lockInterruptibly();
    try {
      try (Connection connection = connections.getConnection()) {
        catalog.update(connection, table.table().id(), table.table().query(), overrides);
        requireFillfactor(connection, table.table().name(), overrides);
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
   * @throws FreshetException UNKNOWN_STREAM_TABLE, UNSUPPORTED_QUERY if it would read itself,
   *     HAS_DEPENDENTS if others read columns that the query has no more, and everything that
   *     analysis, preparation and the migration throw; then nothing has changed
   */
  Added query(TableName name, String query, RefreshOverrides overrides, RefreshService refreshes)
      throws SQLException, InterruptedException {
    long begin = System.nanoTime();
    StreamTable stored = stored(name);
    Analysis first = definitions.analyze(query, overrides, stored.pins());
    Optional<Maintained> current = tables.find(name);
    Dependents.requireNoCycle(tables.graph(), name, first);
    if (current.isPresent()) {
      Dependents.requireColumns(tables, name, current.get().analysis(), first);
    }
    List<String> notices = new ArrayList<>(preparation.prepare(first));
    boolean alone =
        first.upstreams().isEmpty() && current.map(tables.graph()::isAlone).orElse(true);
    Maintained altered =
        alone
            ? current.isPresent()
                ? underLock(current.get(), query, overrides)
                : replace(Optional.empty(), stored, query, overrides, Optional.empty())
            : inCompany(current, stored, query, overrides, upstreams(first), refreshes);
    if (altered.table().state() == StreamTable.State.FAILED) {
      states.set(altered, StreamTable.State.ACTIVE, "");
    }
    try (Connection connection = connections.getConnection()) {
      requireFillfactor(connection, name, overrides);
      notices.addAll(Definitions.noticesOf(connection, altered));
    }
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
      return replace(Optional.of(table), table.table(), query, overrides, Optional.empty());
    } finally {
      table.lock().unlock();
    }
  }

  /** At a cut to which everything that it is connected with is refreshed. */
  private Maintained inCompany(
      Optional<Maintained> current,
      StreamTable stored,
      String query,
      RefreshOverrides overrides,
      List<Maintained> upstreams,
      RefreshService refreshes)
      throws SQLException, InterruptedException {
    List<Maintained> replaced = new ArrayList<>();
    refreshes.inCompany(
        upstreams,
        current,
        company -> replaced.add(replace(current, stored, query, overrides, Optional.of(company))));
    return replaced.getLast();
  }

  private Maintained replace(
      Optional<Maintained> current,
      StreamTable stored,
      String query,
      RefreshOverrides overrides,
      Optional<Filler.Company> company)
      throws SQLException, InterruptedException {
    Set<Integer> before = current.map(StreamTables::relationsOf).orElse(Set.of());
    Analysis analysis = definitions.analyze(query, stored.pins());
    Maintained replaced =
        filler.replace(
            current, stored, query, overrides, definitions.settings(overrides), analysis, company);
    tables.add(replaced);
    tables.redraw();
    preparation.retire(tables.unread(before));
    return replaced;
  }

  /** Stores another text for what is the same query to PostgreSQL. */
  void text(Maintained table, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    table.lock().lockInterruptibly();
    try {
      filler.restate(table, query, overrides, definitions.settings(overrides));
      try (Connection connection = connections.getConnection()) {
        requireFillfactor(connection, table.table().name(), overrides);
      }
    } finally {
      table.lock().unlock();
    }
  }

  private void requireFillfactor(Connection connection, TableName name, RefreshOverrides overrides)
      throws SQLException {
    Fillfactor.require(connection, name, definitions.settings(overrides).fillfactor());
  }

  private List<Maintained> upstreams(Analysis analysis) throws SQLException, InterruptedException {
    List<Maintained> upstreams = new ArrayList<>();
    for (SourceTable source : analysis.upstreamTables()) {
      upstreams.add(attachment.get(source.name()));
    }
    return upstreams;
  }
}
