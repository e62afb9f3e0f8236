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
import java.util.concurrent.TimeUnit;
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
 * <p>What commits after S₀ is in the buffer, because registration came first; what was received
 * before registration is in S₀, because an S₀ that does not see it is thrown away.
 */
public final class Filler {
  private static final int ATTEMPTS = 200;
  private static final long PAUSE_MILLIS = 10;

  private final DataSource connections;
  private final ChangeSource source;
  private final Catalog catalog;
  private final Capture capture;
  private final int historySize;

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
  }

  /**
   * @throws FreshetException NAME_TAKEN if a relation of this name exists, BAD_SETTING if the
   *     schema does not
   */
  public void requireFree(TableName name) throws SQLException {
    try (Connection connection = connections.getConnection();
        var statement =
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
                long id = catalog.insert(connection, name, query, overrides);
                catalog.putFrontier(
                    connection, id, cut.snapshot(), cut.lsn(), capture.slot(), cut.sourceFiles());
                return new Filled(id, rows, cut);
              });
      StreamTable table;
      try (Connection connection = connections.getConnection()) {
        analyze(connection, name);
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

  private interface Work {
    Filled at(Connection connection, Cut cut) throws SQLException;
  }

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
      DeltaConsumer consumer, Opening opening, Optional<Company> company, Work work)
      throws SQLException, InterruptedException {
    return company.isPresent()
        ? inCompany(consumer, opening, company.get(), work)
        : inCoveringSnapshot(consumer, opening, work);
  }

  private Filled inCompany(DeltaConsumer consumer, Opening opening, Company company, Work work)
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
    private final Work work;
    private Optional<Filled> filled = Optional.empty();

    Visit(DeltaConsumer consumer, Work work) {
      this.consumer = consumer;
      this.work = work;
    }

    @Override
    public void at(Connection connection, Cut cut) throws SQLException {
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

  private Filled inCoveringSnapshot(DeltaConsumer consumer, Opening opening, Work work)
      throws SQLException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = connections.getConnection();
          Statement statement = connection.createStatement()) {
        boolean open = true;
        try {
          Cut cut = opening.open(connection, "", Optional.empty());
          if (source.coversAll(consumer, cut.snapshot())) {
            Filled filled = work.at(connection, cut);
            statement.execute("COMMIT");
            open = false;
            consumer.advance(cut.snapshot(), insertPosition(statement));
            return filled;
          }
        } finally {
          if (open && !connection.isClosed()) {
            statement.execute("ROLLBACK");
          }
        }
      }
      if (attempt == ATTEMPTS) {
        throw FreshetException.of(
            Kind.BUSY,
            "transactions that were committed in the log stay invisible to new snapshots",
            "a synchronous standby is slow or gone: see pg_stat_replication");
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  private static Lsn insertPosition(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
      row.next();
      return Lsn.parse(row.getString(1));
    }
  }

  private static long fill(
      Connection connection, CompiledQuery query, TableName name, RefreshSettings settings)
      throws SQLException {
    try {
      run(connection, query.createTable(name, settings.fillfactor()));
    } catch (SQLException e) {
      if ("42P07".equals(e.getSQLState())) {
        throw taken(name);
      }
      throw ServerErrors.translate(e, "create table " + name);
    }
    long rows = run(connection, query.fill(name));
    for (SqlStatement index : query.createIndexes(name)) {
      run(connection, index);
    }
    return rows;
  }

  private static long run(Connection connection, SqlStatement sql) throws SQLException {
    try (var statement = connection.prepareStatement(sql.sql())) {
      statement.execute();
      return Math.max(0, statement.getLargeUpdateCount());
    }
  }

  private static void analyze(Connection connection, TableName name) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("ANALYZE " + name);
    }
  }

  private static Frontier frontier(Cut cut) {
    return new Frontier(cut.snapshot(), cut.lsn(), cut.sourceFiles(), true, Instant.now());
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
        frontier.snapshot(), frontier.lsn(), frontier.sourceFiles(), valid, frontier.refreshedAt());
  }

  /** Replaces what was derived from the definition; the next refresh is full. */
  public void reattach(Maintained table, Analysis analysis, String reason) throws SQLException {
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
        table.frontier());
  }

  public void redefine(Maintained table, StreamTable stored, RefreshSettings settings) {
    table.table(stored, settings);
  }

  /**
   * Gives a stream table another query: by differences if the columns stay the same, otherwise in a
   * new table that takes the old one's name in the transaction that fills it.
   */
  public void replace(
      Maintained table,
      String query,
      RefreshOverrides overrides,
      RefreshSettings settings,
      Analysis analysis,
      Optional<Company> company)
      throws SQLException, InterruptedException {
    TableName name = table.table().name();
    boolean sameColumns = layoutMatches(name, analysis) && sameIndexes(table, analysis, name);
    DeltaConsumer old = table.consumer();
    Views views = Views.of(analysis);
    DeltaConsumer next = source.register(name.toString(), views.all(), Optional.empty());
    boolean done = false;
    try {
      Opening opening = new Opening(table.table().id(), analysis, capture);
      long id = table.table().id();
      Filled filled =
          inCoveringSnapshot(
              next,
              opening,
              company,
              (connection, cut) -> {
                long rows =
                    sameColumns
                        ? byDifferences(connection, analysis.compiled(), name)
                        : anew(connection, analysis.compiled(), name, settings);
                catalog.update(connection, id, query, overrides);
                catalog.putFrontier(
                    connection, id, cut.snapshot(), cut.lsn(), capture.slot(), cut.sourceFiles());
                return new Filled(id, rows, cut);
              });
      done = true;
      try (Connection connection = connections.getConnection()) {
        table.table(catalog.find(connection, name).orElseThrow(), settings);
      }
      table.compiled(Compiled.of(id, analysis, views, next, capture));
      table.frontier(frontier(filled.cut()));
      table.rows(filled.rows());
      old.close();
    } finally {
      if (!done) {
        next.close();
      }
    }
  }

  private static boolean sameIndexes(Maintained table, Analysis analysis, TableName name) {
    return table.analysis().compiled().createIndexes(name).stream()
        .map(SqlStatement::sql)
        .toList()
        .equals(analysis.compiled().createIndexes(name).stream().map(SqlStatement::sql).toList());
  }

  private static long byDifferences(Connection connection, CompiledQuery query, TableName name)
      throws SQLException {
    for (SqlStatement statement : query.full(name)) {
      run(connection, statement);
    }
    try (Statement count = connection.createStatement();
        ResultSet row = count.executeQuery("SELECT count(*) FROM " + name)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static long anew(
      Connection connection, CompiledQuery query, TableName name, RefreshSettings settings)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE " + name);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "replace table " + name + ", whose columns change");
    }
    return fill(connection, query, name, settings);
  }

  /**
   * Whether the table has exactly the columns, with their types, that the compiled query stores.
   */
  public boolean layoutMatches(TableName name, Analysis analysis) throws SQLException {
    return new LayoutCheck(connections).matches(name, analysis);
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
