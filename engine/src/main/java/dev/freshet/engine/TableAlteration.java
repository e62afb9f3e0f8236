package dev.freshet.engine;

import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.refresh.Filler;
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

  /** One that is to get another query: what the old one suffered from does not matter any more. */
  Maintained getToRedefine(TableName name, String query) throws SQLException, InterruptedException {
    Optional<StreamTables.Broken> failed = tables.findBroken(name);
    if (failed.isEmpty()) {
      return attachment.get(name);
    }
    preparation.prepare(definitions.analyze(query));
    try (Connection connection = connections.getConnection()) {
      catalog.update(
          connection, failed.get().table().id(), query, failed.get().table().overrides());
      attachment.attach(
          catalog.find(connection, name).orElseThrow(() -> StreamTables.unknown(name)));
    }
    return attachment.get(name);
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
   * Gives a stream table another query; readers see the old content, then the new.
   *
   * @throws FreshetException UNSUPPORTED_QUERY if it would read itself, HAS_DEPENDENTS if others
   *     read columns that the query has no more
   */
  List<String> query(
      Maintained table, String query, RefreshOverrides overrides, RefreshService refreshes)
      throws SQLException, InterruptedException {
    TableName name = table.table().name();
    Analysis first = definitions.analyze(query, overrides);
    Dependents.requireNoCycle(tables.graph(), name, first);
    Dependents.requireColumns(tables, name, table.analysis(), first);
    List<String> notices = new ArrayList<>(preparation.prepare(first));
    if (first.upstreams().isEmpty() && tables.graph().isAlone(table)) {
      table.lock().lockInterruptibly();
      try {
        replace(table, query, overrides, Optional.empty());
      } finally {
        table.lock().unlock();
      }
    } else {
      refreshes.inCompany(
          upstreams(first),
          Optional.of(table),
          company -> replace(table, query, overrides, Optional.of(company)));
    }
    notices.addAll(Definitions.noticesOf(table));
    return notices;
  }

  private void replace(
      Maintained table, String query, RefreshOverrides overrides, Optional<Filler.Company> company)
      throws SQLException, InterruptedException {
    Set<Integer> before = StreamTables.relationsOf(table);
    filler.replace(
        table,
        query,
        overrides,
        definitions.settings(overrides),
        definitions.analyze(query),
        company);
    tables.redraw();
    preparation.retire(tables.unread(before));
  }

  private List<Maintained> upstreams(Analysis analysis) throws SQLException, InterruptedException {
    List<Maintained> upstreams = new ArrayList<>();
    for (SourceTable source : analysis.upstreamTables()) {
      upstreams.add(attachment.get(source.name()));
    }
    return upstreams;
  }
}
