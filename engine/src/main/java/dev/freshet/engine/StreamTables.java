package dev.freshet.engine;

import dev.freshet.cdc.Snapshot;
import dev.freshet.config.FreshetConfig;
import dev.freshet.config.RefreshMode;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream tables under maintenance, and how they come, change and go.
 *
 * <p>A stream table whose query can no longer be analysed is kept as {@link Broken}: its frontier
 * is marked invalid first, so the log it would need is not held back and it is refilled once the
 * cause is gone.
 */
final class StreamTables {
  private static final Logger LOG = LoggerFactory.getLogger(StreamTables.class);

  /** A stream table that cannot be refreshed until something outside is put right. */
  record Broken(StreamTable table, FreshetException cause) {}

  private final FreshetConfig config;
  private final DataSource connections;
  private final Catalog catalog;
  private final QueryAnalyzer analyzer;
  private final SourcePreparation preparation;
  private final Filler filler;
  private final Map<TableName, Maintained> maintained = new ConcurrentSkipListMap<>();
  private final Map<TableName, Broken> broken = new ConcurrentSkipListMap<>();

  StreamTables(
      FreshetConfig config,
      DataSource connections,
      Catalog catalog,
      QueryAnalyzer analyzer,
      SourcePreparation preparation,
      Filler filler) {
    this.config = config;
    this.connections = connections;
    this.catalog = catalog;
    this.analyzer = analyzer;
    this.preparation = preparation;
    this.filler = filler;
  }

  Collection<Maintained> maintained() {
    return maintained.values();
  }

  Collection<Broken> broken() {
    return broken.values();
  }

  Optional<Maintained> find(TableName name) {
    return Optional.ofNullable(maintained.get(name));
  }

  /**
   * One that is broken is tried again first.
   *
   * @throws FreshetException UNKNOWN_STREAM_TABLE, or the reason why it is broken
   */
  Maintained get(TableName name) throws SQLException, InterruptedException {
    Maintained table = maintained.get(name);
    if (table != null) {
      return table;
    }
    Broken failed = broken.get(name);
    if (failed == null) {
      throw unknown(name);
    }
    preparation.prepare(analyze(failed.table().query()));
    attach(failed.table());
    return Optional.ofNullable(maintained.get(name)).orElseThrow(failed::cause);
  }

  /** One that is to get another query: what the old one suffered from does not matter any more. */
  Maintained getToRedefine(TableName name, String query) throws SQLException, InterruptedException {
    Broken failed = broken.get(name);
    if (failed == null) {
      return get(name);
    }
    preparation.prepare(analyze(query));
    try (Connection connection = connections.getConnection()) {
      catalog.update(connection, failed.table().id(), query, failed.table().overrides());
      attach(catalog.find(connection, name).orElseThrow(() -> unknown(name)));
    }
    return get(name);
  }

  /**
   * Gives up maintaining a stream table until its cause is gone: nothing is buffered and no log is
   * held back for it; it will be refilled.
   */
  void fail(Maintained table, FreshetException cause) throws SQLException {
    markBroken(table.table(), cause);
    maintained.remove(table.table().name(), table);
    table.consumer().close();
  }

  /** Whether {@code table} is still what is maintained under its name. */
  boolean isMaintained(Maintained table) {
    return maintained.get(table.table().name()) == table;
  }

  static FreshetException unknown(TableName name) {
    return FreshetException.of(
        Kind.UNKNOWN_STREAM_TABLE,
        "there is no stream table " + Names.display(name),
        "freshet list shows all of them");
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
  }

  private void attach(StreamTable table) throws SQLException, InterruptedException {
    try {
      Analysis analysis = analyze(table.query());
      boolean prepared = preparation.prepare(analysis).isEmpty();
      boolean valid =
          prepared
              && table.frontier().isPresent()
              && table.frontier().get().valid()
              && filler.layoutMatches(table.name(), analysis);
      Optional<Snapshot> frontier =
          valid ? Optional.of(table.frontier().orElseThrow().snapshot()) : Optional.empty();
      if (!valid) {
        invalidate(table);
      }
      Maintained attached = filler.attach(table, settings(table.overrides()), analysis, frontier);
      maintained.put(table.name(), attached);
      broken.remove(table.name());
    } catch (FreshetException e) {
      markBroken(table, e);
    }
  }

  private void markBroken(StreamTable table, FreshetException cause) throws SQLException {
    LOG.error("stream table {} cannot be refreshed: {}", table.displayName(), cause.getMessage());
    try (Connection connection = connections.getConnection()) {
      catalog.invalidateFrontier(connection, table.id());
      catalog.setState(
          connection, table.id(), StreamTable.State.FAILED, String.valueOf(cause.getMessage()));
      StreamTable stored = catalog.find(connection, table.name()).orElse(table);
      broken.put(table.name(), new Broken(stored, cause));
    }
  }

  private void invalidate(StreamTable table) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      catalog.invalidateFrontier(connection, table.id());
    }
  }

  /** Tries again to analyse what is broken; tells which came back. */
  List<Maintained> retryBroken() throws SQLException, InterruptedException {
    List<Maintained> back = new ArrayList<>();
    for (Broken failed : broken.values()) {
      Optional<StreamTable> current;
      try (Connection connection = connections.getConnection()) {
        current = catalog.find(connection, failed.table().name());
      }
      if (current.isEmpty()) {
        broken.remove(failed.table().name());
        continue;
      }
      try {
        analyze(current.get().query());
      } catch (FreshetException e) {
        continue;
      }
      preparation.prepare(analyze(current.get().query()));
      attach(current.get());
      find(failed.table().name()).ifPresent(back::add);
    }
    return back;
  }

  /** On a connection of its own: names are resolved with the role's own search path. */
  Analysis analyze(String query) throws SQLException {
    try (Connection connection = Connections.open(config.database())) {
      Analysis analysis = analyzer.analyze(connection, query);
      Optional<String> unreadable = QueryAnalyzer.unreadable(connection, analysis.bases());
      if (unreadable.isPresent()) {
        throw FreshetException.of(
            Kind.MISSING_PRIVILEGE,
            "the role " + config.database().user() + " may not read " + unreadable.get(),
            "run: GRANT SELECT ON %s TO %s"
                .formatted(unreadable.get(), TableName.quote(config.database().user())));
      }
      return analysis;
    }
  }

  RefreshSettings settings(RefreshOverrides overrides) {
    return overrides.applyTo(config.refresh());
  }

  /** A new stream table and what the user should know about it. */
  record Added(Maintained table, double milliseconds, List<String> notices) {}

  /**
   * Prepares the sources, fills the table from a snapshot and begins to maintain it.
   *
   * @throws FreshetException NAME_TAKEN and everything that analysis and preparation throw
   */
  Added create(TableName name, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    long begin = System.nanoTime();
    filler.requireFree(name);
    Analysis analysis = analyze(query);
    requireIncremental(settings(overrides), analysis);
    List<String> notices = new ArrayList<>(preparation.prepare(analysis));
    Maintained created = filler.create(name, query, overrides, settings(overrides), analyze(query));
    maintained.put(name, created);
    notices.addAll(noticesOf(created));
    return new Added(created, (System.nanoTime() - begin) / 1e6, notices);
  }

  private static void requireIncremental(RefreshSettings settings, Analysis analysis) {
    if (settings.mode() == RefreshMode.INCREMENTAL && analysis.compiled().deltaNeeds().isEmpty()) {
      throw FreshetException.of(
          Kind.UNSUPPORTED_QUERY,
          "the query cannot be maintained incrementally: " + analysis.compiled().explain().reason(),
          "use mode auto, or change the query; freshet explain shows each operator");
    }
  }

  private static List<String> noticesOf(Maintained table) {
    List<String> notices = new ArrayList<>();
    var compiled = table.analysis().compiled();
    if (compiled.deltaNeeds().isEmpty()) {
      notices.add("refreshed in full: " + compiled.explain().reason());
      if (!table.changesAreAnnounced()) {
        notices.add("its changes are not captured, so every tick of its schedule evaluates it");
      }
    }
    return notices;
  }

  /** Drops the table and forgets it. */
  void drop(TableName name) throws SQLException, InterruptedException {
    Maintained table = maintained.get(name);
    if (table == null) {
      Broken failed = broken.get(name);
      if (failed == null) {
        throw unknown(name);
      }
      filler.drop(failed.table());
      broken.remove(name);
      return;
    }
    table.lock().lockInterruptibly();
    try {
      filler.drop(table.table());
      maintained.remove(name);
      table.consumer().close();
      preparation.retire(unused(table));
    } finally {
      table.lock().unlock();
    }
  }

  private Set<Integer> unused(Maintained dropped) {
    Set<Integer> relations = new HashSet<>(relationsOf(dropped));
    maintained.values().forEach(other -> relations.removeAll(relationsOf(other)));
    return relations;
  }

  static Set<Integer> relationsOf(Maintained table) {
    Set<Integer> relations = new HashSet<>();
    for (SourceTable base : table.analysis().bases()) {
      relations.add(base.oid());
    }
    return relations;
  }

  void alterSettings(Maintained table, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    table.lock().lockInterruptibly();
    try (Connection connection = connections.getConnection()) {
      catalog.update(connection, table.table().id(), table.table().query(), overrides);
      filler.redefine(table, reload(connection, table), settings(overrides));
    } finally {
      table.lock().unlock();
    }
  }

  /** Gives a stream table another query; readers see the old content, then the new. */
  List<String> alterQuery(Maintained table, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    Analysis first = analyze(query);
    requireIncremental(settings(overrides), first);
    List<String> notices = new ArrayList<>(preparation.prepare(first));
    table.lock().lockInterruptibly();
    try {
      Set<Integer> before = relationsOf(table);
      filler.replace(table, query, overrides, settings(overrides), analyze(query));
      before.removeAll(relationsOf(table));
      maintained.values().forEach(other -> before.removeAll(relationsOf(other)));
      preparation.retire(before);
      notices.addAll(noticesOf(table));
      return notices;
    } finally {
      table.lock().unlock();
    }
  }

  void setState(Maintained table, StreamTable.State state, String reason) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      catalog.setState(connection, table.table().id(), state, reason);
      filler.redefine(table, reload(connection, table), table.settings());
    }
  }

  private StreamTable reload(Connection connection, Maintained table) throws SQLException {
    return catalog
        .find(connection, table.table().name())
        .orElseThrow(() -> unknown(table.table().name()));
  }

  /** After a source was altered: a fresh analysis, and a full refresh to follow. */
  void sourcesChanged(Maintained table) throws SQLException, InterruptedException {
    Analysis analysis = analyze(table.table().query());
    if (table.frontier().valid()
        && !table.sourcesReplaced()
        && analysis.meansTheSameAs(table.analysis())) {
      preparation.prepare(analysis);
      table.trustSources();
      return;
    }
    if (!filler.layoutMatches(table.table().name(), analysis)) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          "a source of " + table.displayName() + " was altered and the query's columns changed",
          "freshet alter %s --query … builds the stream table anew".formatted(table.displayName()));
    }
    preparation.prepare(analysis);
    invalidate(table.table());
    filler.reattach(table, analyze(table.table().query()), "a source was altered");
    LOG.info("{}: a source was altered, compiled again and refilled", table.displayName());
  }

  /**
   * After a new connection: gives up every frontier in memory that the catalog does not have,
   * because a crash of the server undid the refresh.
   *
   * @return false if a stream table is busy: ask again later
   */
  boolean frontiersAreStored() throws SQLException, InterruptedException {
    for (Maintained table : maintained.values()) {
      if (!table.lock().tryLock()) {
        return false;
      }
      try {
        if (isMaintained(table) && table.frontier().valid() && !isStored(table)) {
          frontierMoved(table);
          LOG.warn("{}: its last refresh was undone, it is refilled", table.displayName());
        }
      } finally {
        table.lock().unlock();
      }
    }
    return true;
  }

  private boolean isStored(Maintained table) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return catalog
          .find(connection, table.table().name())
          .flatMap(StreamTable::frontier)
          .map(Frontier::snapshot)
          .equals(Optional.of(table.frontier().snapshot()));
    }
  }

  void frontierMoved(Maintained table) throws SQLException {
    StreamTable stored;
    try (Connection connection = connections.getConnection()) {
      stored = reload(connection, table);
    }
    invalidate(stored);
    filler.reattach(
        table, table.analysis(), "its frontier was moved by somebody else or undone by a crash");
  }

  /** The relation's stream tables analyse it again before their next refresh. */
  void suspect(int relation) {
    for (Maintained table : maintained.values()) {
      if (relationsOf(table).contains(relation)) {
        table.suspectSources();
      }
    }
  }
}
