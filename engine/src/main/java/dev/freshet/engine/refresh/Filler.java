package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Maintained.Compiled;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Creates, fills, replaces and drops the tables themselves.
 *
 * <pre>
 * register with the change source; S₀ := a snapshot that sees all that had been received by then;
 * T := Q(S₀); F := S₀; COMMIT
 * </pre>
 *
 * <p>Why nothing is missed and nothing comes twice: {@link CoveringSnapshot}. How a table changes
 * in place: {@link Redefinition}.
 */
public final class Filler {
  private final DataSource connections;
  private final ChangeSource source;
  private final Catalog catalog;
  private final Capture capture;
  private final int historySize;
  private final CoveringSnapshot covering;

  public Filler(
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
    this.covering = new CoveringSnapshot(connections, source);
  }

  /**
   * @throws FreshetException NAME_TAKEN if a relation of this name exists, BAD_SETTING if the
   *     schema does not
   */
  public void requireFree(TableName name) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      requireFree(connection, name);
    }
  }

  /** The same on a connection of the caller's. */
  public static void requireFree(Connection connection, TableName name) throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "SELECT to_regnamespace(?) IS NOT NULL, to_regclass(?) IS NOT NULL")) {
      statement.setString(1, TableName.quote(name.schema()));
      statement.setString(2, name.toString());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (!row.getBoolean(1)) {
          throw FreshetException.of(
              Kind.BAD_SETTING,
              "schema " + name.schema() + " does not exist",
              "run: CREATE SCHEMA " + TableName.quote(name.schema()));
        }
        if (row.getBoolean(2)) {
          throw taken(name);
        }
      }
    }
  }

  private static FreshetException taken(TableName name) {
    return FreshetException.of(
        Kind.NAME_TAKEN,
        "a relation named " + name + " exists already",
        "choose another name, or drop the other relation; freshet alter changes a stream table");
  }

  /** Creates and fills the table and its catalog rows, in one transaction. */
  public Maintained create(
      TableName name,
      String query,
      RefreshOverrides overrides,
      RefreshSettings settings,
      Analysis analysis,
      Optional<Company> company)
      throws SQLException, InterruptedException {
    Views views = Views.of(analysis);
    DeltaConsumer consumer = source.register(name.toString(), views.all(), Optional.empty());
    boolean done = false;
    try {
      Opening opening = new Opening(0, analysis, capture);
      long begin = System.nanoTime();
      Filled filled =
          inCoveringSnapshot(
              consumer,
              opening,
              company,
              (connection, cut) -> {
                long rows = fill(connection, analysis.compiled(), name, settings);
                long id = catalog.insert(connection, name, query, overrides, analysis.pins());
                catalog.putFrontier(
                    connection, id, cut.snapshot(), cut.lsn(), capture.slot(), cut.sourceFiles());
                return new Filled(id, rows, cut);
              });
      StreamTable table;
      try (Connection connection = connections.getConnection()) {
        analyze(connection, analysis.compiled(), name);
        table = catalog.find(connection, name).orElseThrow();
      }
      Maintained created =
          maintained(table, settings, analysis, views, consumer, frontier(filled.cut()));
      created.rows(filled.rows());
      created.costs().expectFull((System.nanoTime() - begin) / 1e6);
      done = true;
      return created;
    } finally {
      if (!done) {
        consumer.close();
      }
    }
  }

  private record Filled(long id, long rows, Cut cut) {}

  /**
   * Stream tables that the table to be filled reads, and all that they are connected with: they are
   * refreshed to the cut at which it is filled, in one transaction.
   *
   * @param upstreams those that it reads itself
   * @param replaced the stream table itself if it exists and gets another query
   * @param after hears what became of the others, once that is committed
   */
  public record Company(
      GroupRefresher refresher,
      Group group,
      List<Maintained> upstreams,
      Optional<Maintained> replaced,
      GroupRefresher.Patience patience,
      Consumer<Group.Results> after) {}

  private Filled inCoveringSnapshot(
      DeltaConsumer consumer,
      Opening opening,
      Optional<Company> company,
      CoveringSnapshot.Work<Filled> work)
      throws SQLException, InterruptedException {
    return company.isPresent()
        ? inCompany(
            consumer,
            opening,
            company.get(),
            (connection, cut) -> {
              opening.pin(connection);
              return work.at(connection, cut);
            })
        : covering.run(consumer, opening, work);
  }

  private Filled inCompany(
      DeltaConsumer consumer, Opening opening, Company company, CoveringSnapshot.Work<Filled> work)
      throws SQLException, InterruptedException {
    var visit = new Visit(consumer, work);
    company
        .after()
        .accept(
            company
                .refresher()
                .refresh(
                    company.group(),
                    Optional.of(
                        new GroupRefresher.Guest(
                            opening, company.upstreams(), company.replaced(), visit)),
                    company.patience()));
    return visit.filled.orElseThrow();
  }

  private final class Visit implements GroupRefresher.Guest.Work {
    private final DeltaConsumer consumer;
    private final CoveringSnapshot.Work<Filled> work;
    private Optional<Filled> filled = Optional.empty();

    Visit(DeltaConsumer consumer, CoveringSnapshot.Work<Filled> work) {
      this.consumer = consumer;
      this.work = work;
    }

    @Override
    public void at(Connection connection, Cut cut) throws SQLException, InterruptedException {
      if (!source.coversAll(consumer, cut.snapshot())) {
        throw new SnapshotTooOldException();
      }
      filled = Optional.of(work.at(connection, cut));
    }

    @Override
    public void committed(Lsn position) {
      consumer.advance(filled.orElseThrow().cut().snapshot(), position);
    }
  }

  private static long fill(
      Connection connection, CompiledQuery query, TableName name, RefreshSettings settings)
      throws SQLException {
    try {
      Sql.run(connection, query.createTable(name, settings.fillfactor()));
    } catch (SQLException e) {
      if ("42P07".equals(e.getSQLState())) {
        throw taken(name);
      }
      throw ServerErrors.translate(e, "create table " + name);
    }
    long rows = Sql.run(connection, query.fill(name));
    for (SqlStatement index : query.createIndexes(name)) {
      Sql.run(connection, index);
    }
    HiddenTables.create(connection, query, name);
    return rows;
  }

  private static void analyze(Connection connection, CompiledQuery query, TableName name)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("ANALYZE " + name);
      for (TableName hidden : query.hiddenTables(name)) {
        statement.execute("ANALYZE " + hidden);
      }
    }
  }

  private static Frontier frontier(Cut cut) {
    return new Frontier(
        cut.snapshot(), cut.lsn(), cut.sourceFiles(), cut.clock(), true, Instant.now());
  }

  private Maintained maintained(
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

  /**
   * Takes up a stream table that exists.
   *
   * @param frontier from where its changes are needed; empty if it must be refilled
   */
  public Maintained attach(
      StreamTable table, RefreshSettings settings, Analysis analysis, Optional<Snapshot> frontier)
      throws SQLException {
    if (frontier.isEmpty()) {
      HiddenTables.drop(connections, table.name());
    }
    Views views = Views.of(analysis);
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

  /** Replaces what was derived from the definition; the next refresh is full. */
  public void reattach(Maintained table, Analysis analysis, String reason) throws SQLException {
    HiddenTables.drop(connections, table.table().name());
    DeltaConsumer old = table.consumer();
    Views views = Views.of(analysis);
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

  /** Keeps no changes for it any more, until it is attached again and refilled. */
  public void suspend(Maintained table, String reason) {
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

  public void redefine(Maintained table, StreamTable stored, RefreshSettings settings) {
    table.table(stored, settings);
  }

  /**
   * Gives a stream table another query, in place, in one transaction: readers see the old content,
   * then the new.
   *
   * @param current the stream table under maintenance, unless it is broken
   * @return it, or what takes the broken one's place
   */
  public Maintained replace(
      Optional<Maintained> current,
      StreamTable table,
      String query,
      RefreshOverrides overrides,
      RefreshSettings settings,
      Analysis analysis,
      Optional<Company> company)
      throws SQLException, InterruptedException {
    TableName name = table.name();
    Views views = Views.of(analysis);
    DeltaConsumer next = source.register(name.toString(), views.all(), Optional.empty());
    boolean done = false;
    try {
      Redefinition redefinition = new Redefinition(name, analysis.compiled());
      boolean similar =
          current.isPresent()
              && layoutMatches(name, current.get().analysis())
              && redefinition.findsRowsOf(current.get().analysis().compiled())
              && hiddenTablesExist(name, current.get().analysis())
              && layoutMatches(name, analysis);
      Filled filled =
          inCoveringSnapshot(
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
                    capture.slot(),
                    cut.sourceFiles());
                written.last().take();
                return new Filled(table.id(), written.rows(), cut);
              });
      StreamTable stored;
      try (Connection connection = connections.getConnection()) {
        if (!similar) {
          analyze(connection, analysis.compiled(), name);
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
        : new Redefinition.Written(fill(connection, analysis.compiled(), name, settings), () -> {});
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
          maintained(stored, settings, analysis, views, consumer, frontier(filled.cut()));
      fresh.rows(filled.rows());
      return fresh;
    }
    Maintained table = current.get();
    DeltaConsumer old = table.consumer();
    table.table(stored, settings);
    table.compiled(Compiled.of(stored.id(), analysis, views, consumer, capture));
    table.frontier(frontier(filled.cut()));
    table.rows(filled.rows());
    table.forgetCosts();
    old.close();
    return table;
  }

  /** Stores another text of the same query: nothing is to be refreshed. */
  public void restate(
      Maintained table, String query, RefreshOverrides overrides, RefreshSettings settings)
      throws SQLException {
    try (Connection connection = connections.getConnection()) {
      catalog.update(connection, table.table().id(), query, overrides);
      table.table(catalog.find(connection, table.table().name()).orElseThrow(), settings);
    }
  }

  /**
   * Whether the table has exactly the columns, with their types, that the compiled query stores.
   */
  public boolean layoutMatches(TableName name, Analysis analysis) throws SQLException {
    return new LayoutCheck(connections).matches(name, analysis);
  }

  /** Whether the tables are there that the refreshes of the compiled query read beside it. */
  public boolean hiddenTablesExist(TableName name, Analysis analysis) throws SQLException {
    return HiddenTables.exist(connections, analysis.compiled(), name);
  }

  /** Drops tables and their catalog rows, in one transaction. */
  public void drop(List<StreamTable> dropped) throws SQLException {
    String names =
        dropped.stream().map(table -> table.name().toString()).collect(Collectors.joining(", "));
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("DROP TABLE IF EXISTS " + names);
        for (StreamTable table : dropped) {
          HiddenTables.drop(connection, table.name());
        }
        for (StreamTable table : dropped) {
          catalog.delete(connection, table.id());
        }
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw ServerErrors.translate(
            e,
            "drop stream table "
                + dropped.stream().map(StreamTable::displayName).collect(Collectors.joining(", ")));
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }
}
