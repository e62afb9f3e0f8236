package dev.freshet.engine;

import dev.freshet.cdc.Snapshot;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.TableFit;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up the stream tables of the catalog: at start, and again what was broken. One whose query
 * can no longer be analysed is kept as broken, with the reason.
 */
final class TableAttachment {
  private static final Logger LOG = LoggerFactory.getLogger(TableAttachment.class);

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

  /**
   * At start: registers every stream table of the catalog with the change source.
   *
   * @param invalidated whose frontiers were given up just now, because the log lost changes
   * @return how many of these are refilled: nothing was lost for one that is not captured from the
   *     log
   */
  int load(Set<Long> invalidated) throws SQLException, InterruptedException {
    List<StreamTable> stored;
    try (Connection connection = connections.getConnection()) {
      stored = catalog.all(connection);
    }
    int spared = 0;
    for (StreamTable table : stored) {
      if (invalidated.contains(table.id()) && isSpared(table)) {
        spared++;
        attach(find(table.name()).orElse(table));
      } else {
        attach(table);
      }
    }
    states.suspendWaiting();
    return invalidated.size() - spared;
  }

  /** Gives its frontier back to one that reads nothing from the log. */
  private boolean isSpared(StreamTable table) throws SQLException {
    try {
      if (filler.readsLog(definitions.analyze(table))) {
        return false;
      }
    } catch (FreshetException e) {
      return false;
    }
    try (Connection connection = connections.getConnection()) {
      catalog.revalidateFrontier(connection, table.id(), filler.origin());
    }
    return true;
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
    return tables
        .find(name)
        .orElseThrow(() -> tables.findBroken(name).map(StreamTables.Broken::cause).orElseThrow());
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
      if (isInOrder(current.get())) {
        attach(current.get());
        tables.find(name).ifPresent(back::add);
      }
    }
    return back;
  }

  /** Whether it is worth taking up; the reason why not is known already. */
  private boolean isInOrder(StreamTable table) throws SQLException, InterruptedException {
    try {
      Analysis analysis = definitions.analyze(table);
      filler.fit(table.name(), analysis).requireColumns(table.displayName());
      preparation.prepare(analysis);
      return true;
    } catch (FreshetException e) {
      LOG.debug("{} stays as it is: {}", table.displayName(), e.getMessage());
      return false;
    }
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
      TableFit fit = filler.fit(table.name(), analysis);
      fit.requireColumns(table.displayName());
      if (table.pins().isEmpty()) {
        table = pinned(table, analysis);
      }
      boolean prepared = preparation.prepare(analysis).isEmpty();
      boolean valid =
          prepared
              && table.frontier().isPresent()
              && table.frontier().get().valid()
              && (!stored.pins().isEmpty() || !readsSession(analysis))
              && fit.fits()
              && filler.hiddenTablesExist(table.name(), analysis);
      Optional<Snapshot> frontier =
          valid ? Optional.of(table.frontier().orElseThrow().snapshot()) : Optional.empty();
      if (!valid) {
        states.invalidate(table);
      }
      Maintained attached =
          filler.attach(table, definitions.settings(table.overrides()), analysis, frontier);
      if (!fit.fits()) {
        attached.suspectSources(); // To be put right before its first refresh.
      }
      tables.add(attached);
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
