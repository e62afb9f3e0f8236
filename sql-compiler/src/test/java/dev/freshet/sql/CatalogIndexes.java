package dev.freshet.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** The first columns of the indexes that a test's tables have. */
record CatalogIndexes(Connection connection) implements SourceIndexes {
  @Override
  public boolean find(SourceTable table, Set<String> columns) {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a"
                + " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = ?"
                + " UNION ALL SELECT 'small' FROM pg_class WHERE oid = ? AND relpages < 5")) {
      statement.setInt(1, table.oid());
      statement.setInt(2, table.oid());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (row.getString(1).equals("small") || columns.contains(row.getString(1))) {
            return true;
          }
        }
      }
      return false;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<String> key(SourceTable table, List<String> columns) {
    return columns;
  }
}
