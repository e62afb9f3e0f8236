package dev.freshet.engine.refresh;

import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.StorageLayout;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;

/** Compares a table that exists with the layout that a compiled query wants. */
final class LayoutCheck {
  private static final String COLUMNS =
      """
      SELECT attname, atttypid::int8 FROM pg_attribute
      WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped
      ORDER BY attnum
      """;

  private final DataSource connections;

  LayoutCheck(DataSource connections) {
    this.connections = connections;
  }

  boolean matches(TableName name, Analysis analysis) throws SQLException {
    Map<String, Integer> actual = actual(name);
    Map<String, Integer> types = new HashMap<>();
    for (OutputColumn column : analysis.query().columns()) {
      types.put(column.name(), column.type().oid());
    }
    StorageLayout layout = analysis.compiled().layout();
    if (actual.size() != layout.columns().size()) {
      return false;
    }
    for (StorageLayout.Column column : layout.columns()) {
      Integer type = actual.get(column.name());
      if (type == null || (!column.hidden() && !type.equals(types.get(column.name())))) {
        return false;
      }
    }
    return true;
  }

  private Map<String, Integer> actual(TableName name) throws SQLException {
    Map<String, Integer> columns = new LinkedHashMap<>();
    try (Connection connection = connections.getConnection();
        PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, name.toString());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          columns.put(row.getString(1), (int) row.getLong(2));
        }
      }
    }
    return columns;
  }
}
