package dev.freshet.sql.random;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a query has one result, whatever its plan. One that has several is no oracle: a stream
 * table may hold any of them.
 */
public final class Plans {
  /** Settings under which the same query is planned otherwise. */
  private static final List<String> OTHERS =
      List.of(
          "SET LOCAL enable_hashagg = off; SET LOCAL enable_hashjoin = off;"
              + " SET LOCAL enable_seqscan = off",
          "SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off;"
              + " SET LOCAL enable_material = off; SET LOCAL enable_memoize = off",
          "SET LOCAL enable_sort = off; SET LOCAL enable_hashjoin = off;"
              + " SET LOCAL enable_incremental_sort = off");

  private final Connection connection;

  private Plans(Connection connection) {
    this.connection = connection;
  }

  /**
   * Evaluates the query with other plans; says where the results are not equal.
   *
   * @param connection in a transaction, which keeps its settings
   * @throws SQLException if the query fails; the transaction is then to be rolled back
   */
  public static Optional<String> otherResult(Connection connection, String query)
      throws SQLException {
    return new Plans(connection).otherResult(query);
  }

  private Optional<String> otherResult(String query) throws SQLException {
    List<String> usual = rows("", query, "");
    for (String settings : OTHERS) {
      String before = "SAVEPOINT other; " + settings + "; ";
      if (!usual.equals(rows(before, query, "; ROLLBACK TO SAVEPOINT other"))) {
        execute("CREATE TEMPORARY TABLE usual AS " + query + "; " + settings);
        boolean differs = differs(query);
        execute("ROLLBACK TO SAVEPOINT other");
        if (differs) {
          return Optional.of("another result with " + settings + ": " + query);
        }
      }
    }
    return Optional.empty();
  }

  /** The rows of a query between other statements, as texts, in one round trip. */
  private List<String> rows(String before, String query, String after) throws SQLException {
    List<String> result = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      boolean isQuery = statement.execute(before + "SELECT q::text FROM (" + query + ") q" + after);
      while (!isQuery) {
        isQuery = statement.getMoreResults();
      }
      try (ResultSet rows = statement.getResultSet()) {
        while (rows.next()) {
          result.add(String.valueOf(rows.getString(1))); // q may be a column of the query
        }
      }
    }
    result.sort(null);
    return result;
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private boolean differs(String query) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT quote_ident(attname) || CASE WHEN atttypid IN ('json'::regtype,"
                    + " 'point'::regtype) THEN '::text' ELSE '' END FROM pg_attribute"
                    + " WHERE attrelid = 'pg_temp.usual'::regclass AND attnum > 0"
                    + " ORDER BY attnum")) {
      while (rows.next()) {
        columns.add(rows.getString(1));
      }
    }
    String list = String.join(", ", columns);
    String one = "SELECT " + list + " FROM pg_temp.usual";
    String other = "SELECT " + list + " FROM (" + query + ") q";
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "(%1$s EXCEPT ALL %2$s) UNION ALL (%2$s EXCEPT ALL %1$s)".formatted(one, other))) {
      return rows.next();
    }
  }
}
