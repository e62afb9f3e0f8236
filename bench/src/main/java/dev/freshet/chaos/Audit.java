package dev.freshet.chaos;

import dev.freshet.embedded.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The comparison after an event, by a connection of our own: writers are held up and a last marker
 * has reached every stream table, so their frontiers are what one snapshot sees. PostgreSQL
 * compares, as bags, both ways.
 */
final class Audit {
  private static final int SHOWN_ROWS = 5;

  private static final String LISTS =
      """
      SELECT list, last, n = last AND items = (SELECT string_agg(i::text, ',' ORDER BY i)
                                               FROM generate_series(1, last) i)
      FROM list_copy\
      """;

  private final Database database;
  private final Load load;

  Audit(Database database, Load load) {
    this.database = database;
    this.load = load;
  }

  /**
   * @param mismatches stream tables that differ from their queries, with some of the rows
   * @param lost acknowledged appends that a list does not have, or has twice
   */
  record Finding(List<String> mismatches, List<String> lost) {
    boolean isClean() {
      return mismatches.isEmpty() && lost.isEmpty();
    }
  }

  /** What brings stream tables up to date while nobody writes. */
  @FunctionalInterface
  interface CatchUp {
    void await();
  }

  /**
   * Holds the writers up, compares, and lets them go on.
   *
   * @param catchUp returns when every stream table shows all that is committed
   */
  Finding compare(Duration patience, CatchUp catchUp) throws SQLException {
    List<String> mismatches = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    load.gate()
        .quietly(
            patience,
            () -> {
              catchUp.await();
              try (Connection connection = database.connect()) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                mismatches.addAll(wrongTotal(connection));
                for (Shape shape : Shape.ALL) {
                  mismatches.addAll(differences(connection, shape));
                }
                lost.addAll(lostAppends(connection));
                connection.rollback();
              }
            });
    return new Finding(List.copyOf(mismatches), List.copyOf(lost));
  }

  private static List<String> differences(Connection connection, Shape shape) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String columns = columns(statement, shape);
      String sql =
          """
          (SELECT 'unexpected' AS side, x.* FROM (SELECT %1$s FROM public.%2$s EXCEPT ALL (%3$s)) x
          UNION ALL
          SELECT 'missing', x.* FROM ((%3$s) EXCEPT ALL SELECT %1$s FROM public.%2$s) x)
          LIMIT %4$d\
          """
              .formatted(columns, shape.name(), shape.query(), SHOWN_ROWS);
      List<String> rows = new ArrayList<>();
      try (ResultSet row = statement.executeQuery("SELECT d::text FROM (" + sql + ") d")) {
        while (row.next()) {
          rows.add(row.getString(1));
        }
      }
      return rows.isEmpty()
          ? List.of()
          : List.of("%s differs from its query: %s".formatted(shape.name(), rows));
    }
  }

  /** Otherwise the writers, or the server, would be to blame for what the witness sees. */
  private static List<String> wrongTotal(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT sum(balance) FROM account")) {
      row.next();
      long total = row.getLong(1);
      return total == SourceTables.TOTAL
          ? List.of()
          : List.of("the accounts themselves have %d".formatted(total));
    }
  }

  private static String columns(Statement statement, Shape shape) throws SQLException {
    try (ResultSet none =
        statement.executeQuery("SELECT * FROM (" + shape.query() + ") q LIMIT 0")) {
      ResultSetMetaData described = none.getMetaData();
      StringJoiner names = new StringJoiner(", ");
      for (int i = 1; i <= described.getColumnCount(); i++) {
        names.add(described.getColumnName(i));
      }
      return names.toString();
    }
  }

  /** What was acknowledged is there, once, in order, at the graph's second level. */
  private List<String> lostAppends(Connection connection) throws SQLException {
    Map<Integer, Integer> lengths = new HashMap<>();
    List<String> lost = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(LISTS)) {
      while (row.next()) {
        lengths.put(row.getInt(1), row.getInt(2));
        if (!row.getBoolean(3)) {
          lost.add("list %d has gaps or doubles".formatted(row.getInt(1)));
        }
      }
    }
    for (ListWriter writer : load.lists()) {
      writer
          .acknowledged()
          .forEach(
              (list, acknowledged) -> {
                int length = lengths.getOrDefault(list, 0);
                if (length < acknowledged) {
                  lost.add(
                      "list %d ends with %d, %d was acknowledged"
                          .formatted(list, length, acknowledged));
                }
              });
    }
    return lost;
  }
}
