package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
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
import dev.freshet.engine.refresh.FillTransaction.Filled;
import dev.freshet.engine.setup.Grants;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
  private final FillTransaction transaction;
  private final Attachment attachment;
  private final Replacement replacement;

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
    this.transaction = new FillTransaction(connections, source);
    this.attachment = new Attachment(connections, source, catalog, capture, historySize);
    this.replacement =
        new Replacement(connections, source, catalog, capture, transaction, attachment);
  }

  /**
   * @throws FreshetException NAME_TAKEN if a relation of this name exists, BAD_SETTING if the
   *     schema does not, MISSING_PRIVILEGE if nothing can be created there
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
            "SELECT to_regnamespace(?) IS NOT NULL, to_regclass(?) IS NOT NULL,"
                + " has_schema_privilege(to_regnamespace(?), 'CREATE')")) {
      statement.setString(1, TableName.quote(name.schema()));
      statement.setString(2, name.toString());
      statement.setString(3, TableName.quote(name.schema()));
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
        if (!row.getBoolean(3)) {
          throw FreshetException.of(
              Kind.MISSING_PRIVILEGE,
              "tables cannot be created in schema " + name.schema(),
              "run: GRANT USAGE, CREATE ON SCHEMA %s TO %s;"
                  .formatted(Grants.identifier(name.schema()), ServerErrors.ROLE));
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
    Views views = Views.of(analysis, capture);
    DeltaConsumer consumer = source.register(name.toString(), views.all(), Optional.empty());
    boolean done = false;
    try {
      Opening opening = new Opening(0, analysis, capture);
      long begin = System.nanoTime();
      Filled filled =
          transaction.run(
              consumer,
              opening,
              company,
              (connection, cut) -> {
                long rows = fill(connection, analysis.compiled(), name, settings);
                long id = catalog.insert(connection, name, query, overrides, analysis.pins());
                catalog.putFrontier(
                    connection, id, cut.snapshot(), cut.lsn(), capture.origin(), cut.sourceFiles());
                return new Filled(id, rows, cut);
              });
      StreamTable table;
      try (Connection connection = connections.getConnection()) {
        analyze(connection, analysis.compiled(), name);
        table = catalog.find(connection, name).orElseThrow();
      }
      Maintained created =
          attachment.maintained(
              table, settings, analysis, views, consumer, Attachment.frontier(filled.cut()));
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

  static long fill(
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

  static void analyze(Connection connection, CompiledQuery query, TableName name)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("ANALYZE " + name);
      for (TableName hidden : query.hiddenTables(name)) {
        statement.execute("ANALYZE " + hidden);
      }
    }
  }

  /** Whether the changes of its sources come from the log, at least some of them. */
  public boolean readsLog(Analysis analysis) {
    return !Views.of(analysis, capture).all().isEmpty();
  }

  /** Where changes come from, as frontiers have it. */
  public String origin() {
    return capture.origin();
  }

  /**
   * Takes up a stream table that exists.
   *
   * @param frontier from where its changes are needed; empty if it must be refilled
   */
  public Maintained attach(
      StreamTable table, RefreshSettings settings, Analysis analysis, Optional<Snapshot> frontier)
      throws SQLException {
    return attachment.attach(table, settings, analysis, frontier);
  }

  /** Replaces what was derived from the definition; the next refresh is full. */
  public void reattach(Maintained table, Analysis analysis, String reason) throws SQLException {
    attachment.reattach(table, analysis, reason);
  }

  /**
   * Goes on from a frontier that sees all that the one in memory sees, and that the catalog has. So
   * every change that it does not see is still kept, and nothing is to be refilled.
   */
  public void adopt(Maintained table, Frontier stored) throws SQLException {
    try (Connection connection = connections.getConnection();
        Statement statement = connection.createStatement()) {
      table.consumer().advance(stored.snapshot(), CoveringSnapshot.insertPosition(statement));
      table.frontier(stored);
    }
  }

  /** Keeps no changes for it any more, until it is attached again and refilled. */
  public void suspend(Maintained table, String reason) {
    attachment.suspend(table, reason);
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
    return replacement.replace(current, table, query, overrides, settings, analysis, company);
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

  /** How the table compares with what the compiled query wants to store in it. */
  public TableFit fit(TableName name, Analysis analysis) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return TableFit.of(connection, name, analysis);
    }
  }

  /** Gives columns another type modifier; wider ones without touching a row. */
  public void modify(TableName name, TableFit.Modified columns)
      throws SQLException, InterruptedException {
    try (Connection connection = connections.getConnection()) {
      Redefinition.modify(connection, name, columns.types());
    }
  }

  /**
   * Whether the refreshes of {@code next} can go on with the rows as the table's own query has left
   * them.
   */
  public boolean findsSameRows(Maintained table, Analysis next) {
    return new Redefinition(table.table().name(), next.compiled())
        .findsRowsOf(table.analysis().compiled());
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
