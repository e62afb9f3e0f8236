package dev.freshet.engine.refresh;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.refresh.Migration.WantedIndex;
import dev.freshet.engine.refresh.TableShape.Index;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Gives the table of a stream table another query, in place and in the caller's transaction.
 *
 * <p>Where storage and row identity stay, the new query's full refresh writes the differences.
 * Otherwise the new rows are computed into a temporary table first, which has exactly the columns
 * and can show exactly the indexes that the new query wants; comparing the two tables tells the
 * {@link Migration}. Readers are locked out as late as possible: never while a query is evaluated.
 */
final class Redefinition {
  private static final TableName PREPARED = new TableName("pg_temp", "__freshet_next");

  private final TableName table;
  private final CompiledQuery next;

  Redefinition(TableName table, CompiledQuery next) {
    this.table = table;
    this.next = next;
  }

  /** What is left to do last, right before the commit, and how many rows there are. */
  record Written(long rows, Step last) {}

  /** A step that must be taken under the caller's transaction. */
  interface Step {
    void take() throws SQLException, InterruptedException;
  }

  /**
   * Whether the new query's full refresh turns the rows of {@code old} into its own: it finds rows
   * by the same identity, kept unique by the same indexes, in the same columns.
   */
  boolean findsRowsOf(CompiledQuery old) {
    return old.layout().equals(next.layout())
        && texts(old.createIndexes(table)).equals(texts(next.createIndexes(table)))
        && texts(old.createHiddenTables(table)).equals(texts(next.createHiddenTables(table)))
        && old.full(table).size() == next.full(table).size();
  }

  private static List<String> texts(List<SqlStatement> statements) {
    return statements.stream().map(SqlStatement::sql).toList();
  }

  /** Writes only the rows that differ; nobody waits. */
  long byDifferences(Connection connection) throws SQLException {
    for (SqlStatement statement : next.full(table)) {
      Sql.run(connection, statement);
    }
    try (Statement count = connection.createStatement();
        ResultSet row = count.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Changes columns, rows and indexes.
   *
   * @return with the step that locks readers out for a moment, unless they are by then
   * @throws FreshetException if something that depends on a column is in the way
   */
  Written migrate(Connection connection, TableShape now) throws SQLException, InterruptedException {
    Sql.run(connection, next.createTable(PREPARED, 100));
    List<WantedIndex> wanted = wantedIndexes(connection);
    long rows = Sql.run(connection, next.fill(PREPARED));
    TableShape shape = TableShape.of(connection, PREPARED);
    Migration migration = Migration.of(table, oid(connection), now, shape, wanted);
    Exchange exchange = new Exchange(table, PREPARED, shape.columns().keySet());
    Sql.runAll(connection, migration.renamed());
    if (migration.cleared()) {
      Sql.run(connection, "DELETE FROM " + table);
      ReaderLock.take(connection, table);
      change(connection, table, migration.reshaped());
      Sql.run(connection, exchange.insertAll());
    } else {
      exchange(connection, exchange, migration.going());
    }
    Sql.runAll(connection, migration.built());
    Sql.run(connection, "DROP TABLE " + PREPARED);
    HiddenTables.drop(connection, table);
    HiddenTables.create(connection, next, table);
    return new Written(rows, () -> drop(connection, migration.dropped()));
  }

  /** The indexes as PostgreSQL prints them: made on the temporary table, and dropped again. */
  private List<WantedIndex> wantedIndexes(Connection connection) throws SQLException {
    for (SqlStatement index : next.createIndexes(PREPARED)) {
      Sql.run(connection, index);
    }
    Map<String, Index> byName =
        TableShape.of(connection, PREPARED).indexes().stream()
            .collect(Collectors.toMap(Index::name, Function.identity()));
    List<String> there = texts(next.createIndexes(PREPARED));
    List<String> here = texts(next.createIndexes(table));
    List<WantedIndex> wanted = new ArrayList<>();
    for (int i = 0; i < there.size(); i++) {
      wanted.add(
          new WantedIndex(
              indexName(here.get(i)),
              Optional.ofNullable(byName.get(indexName(there.get(i)))).orElseThrow(),
              here.get(i)));
    }
    for (String name : byName.keySet()) {
      Sql.run(connection, "DROP INDEX " + new TableName(PREPARED.schema(), name));
    }
    return wanted;
  }

  /** The quoted word behind INDEX. */
  private static String indexName(String create) {
    int begin = create.indexOf('"') + 1;
    int end = create.indexOf("\" ON ", begin);
    return create.substring(begin, end).replace("\"\"", "\"");
  }

  private int oid(Connection connection) throws SQLException {
    try (var statement = connection.prepareStatement("SELECT to_regclass(?)::oid::int8")) {
      statement.setString(1, table.toString());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return (int) row.getLong(1);
      }
    }
  }

  /** The old identity may hold for the new rows too: then nobody waits for its index to go. */
  private void exchange(Connection connection, Exchange exchange, List<String> going)
      throws SQLException, InterruptedException {
    Sql.run(connection, "SAVEPOINT freshet_rows");
    try {
      Sql.run(connection, exchange.delete());
      Sql.run(connection, exchange.insert());
    } catch (SQLException e) {
      if (going.isEmpty() || !"23505".equals(e.getSQLState())) {
        throw e;
      }
      Sql.run(connection, "ROLLBACK TO SAVEPOINT freshet_rows");
      ReaderLock.take(connection, table);
      change(connection, table, going);
      Sql.run(connection, exchange.delete());
      Sql.run(connection, exchange.insert());
    }
  }

  /** Gives columns another type modifier, in a transaction of its own. */
  static void modify(Connection connection, TableName table, Map<String, String> types)
      throws SQLException, InterruptedException {
    String clauses =
        types.entrySet().stream()
            .map(
                column ->
                    "ALTER " + TableName.quote(column.getKey()) + " TYPE " + column.getValue())
            .collect(Collectors.joining(", "));
    connection.setAutoCommit(false);
    try {
      ReaderLock.take(connection, table);
      change(connection, table, List.of("ALTER TABLE " + table + " " + clauses));
      connection.commit();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private void drop(Connection connection, List<String> statements)
      throws SQLException, InterruptedException {
    if (!statements.isEmpty()) {
      ReaderLock.take(connection, table);
      change(connection, table, statements);
    }
  }

  private static void change(Connection connection, TableName table, List<String> statements)
      throws SQLException {
    try {
      Sql.runAll(connection, statements);
    } catch (SQLException e) {
      throw switch (String.valueOf(e.getSQLState())) {
        case "2BP01", "0A000" -> inTheWay(e, table);
        default -> ServerErrors.translate(e, "change the columns of " + table);
      };
    }
  }

  private static FreshetException inTheWay(SQLException e, TableName table) {
    FreshetException said = ServerErrors.translate(e, "change the columns of " + table);
    return FreshetException.fromServer(
        Kind.SERVER_ERROR,
        String.valueOf(said.getMessage()),
        "nothing was changed. Drop what depends on the column (DROP VIEW, DROP POLICY …), alter the"
            + " stream table again, and create it anew",
        String.valueOf(e.getSQLState()),
        Optional.empty(),
        e);
  }
}
