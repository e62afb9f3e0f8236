package dev.freshet.bench.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares a table with the query that it should equal, as bags and both ways, in one statement and
 * therefore in one snapshot:
 *
 * <pre>
 * (T EXCEPT ALL Q) ∪ (Q EXCEPT ALL T) = ∅
 * </pre>
 */
public final class Comparison {
  private Comparison() {}

  /** How many rows one side has and the other has not; 0 means equal. */
  public static long differences(Connection connection, String table, String query)
      throws SQLException {
    String columns = String.join(", ", columns(connection, query));
    String stored = "SELECT %s FROM %s".formatted(columns, table);
    String sql =
        """
        SELECT (SELECT count(*) FROM ((%1$s) EXCEPT ALL (%2$s)) AS unexpected)
             + (SELECT count(*) FROM ((%2$s) EXCEPT ALL (%1$s)) AS missing)\
        """
            .formatted(stored, query);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Whether both have the same number of rows and the same sum of 64-bit row hashes: equal bags
   * always do, different ones with a probability of about 2⁻⁶⁴. For tables that are too large to
   * compare row by row.
   */
  public static boolean sameFingerprint(Connection connection, String table, String query)
      throws SQLException {
    String columns = String.join(", ", columns(connection, query));
    String stored = "SELECT %s FROM %s".formatted(columns, table);
    return fingerprint(connection, stored).equals(fingerprint(connection, query));
  }

  private static String fingerprint(Connection connection, String query) throws SQLException {
    return StreamTables.query(
        connection,
        "SELECT count(*) || ' ' || coalesce(sum(hash_record_extended(rows, 0)), 0)"
            + " FROM ("
            + query
            + ") AS rows");
  }

  private static List<String> columns(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet none = statement.executeQuery("SELECT * FROM (" + query + ") AS query LIMIT 0")) {
      ResultSetMetaData shape = none.getMetaData();
      List<String> columns = new ArrayList<>();
      for (int i = 1; i <= shape.getColumnCount(); i++) {
        columns.add(statement.enquoteIdentifier(shape.getColumnName(i), false));
      }
      return columns;
    }
  }
}
