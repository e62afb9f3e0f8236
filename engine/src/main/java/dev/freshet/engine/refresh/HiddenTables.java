package dev.freshet.engine.refresh;

import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * The tables beside a stream table that hold the rows of its query's recursions.
 *
 * <p>Law: they are at the stream table's frontier, because every statement that moves one moves
 * them too. Where the frontier is not valid they are dropped, and the refresh in full that follows
 * makes them.
 */
final class HiddenTables {
  private HiddenTables() {}

  static void create(Connection connection, CompiledQuery query, TableName name)
      throws SQLException {
    for (SqlStatement statement : query.createHiddenTables(name)) {
      Sql.run(connection, statement);
    }
  }

  static boolean exist(DataSource connections, CompiledQuery query, TableName name)
      throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return missing(connection, query.hiddenTables(name)).isEmpty();
    }
  }

  /** Whatever there is, in a transaction of its own. */
  static void drop(DataSource connections, TableName name) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      drop(connection, name);
    }
  }

  /** Whatever there is: an earlier query may have had others. */
  static void drop(Connection connection, TableName name) throws SQLException {
    List<TableName> possible = CompiledQuery.possibleHiddenTables(name);
    List<TableName> missing = missing(connection, possible);
    String there =
        possible.stream()
            .filter(table -> !missing.contains(table))
            .map(TableName::toString)
            .collect(Collectors.joining(", "));
    if (!there.isEmpty()) {
      Sql.run(connection, "DROP TABLE " + there);
    }
  }

  private static List<TableName> missing(Connection connection, List<TableName> tables)
      throws SQLException {
    if (tables.isEmpty()) {
      return List.of();
    }
    List<TableName> missing = new ArrayList<>();
    String questions = tables.stream().map(_ -> "to_regclass(?)").collect(Collectors.joining(", "));
    try (PreparedStatement statement = connection.prepareStatement("SELECT " + questions)) {
      for (int i = 0; i < tables.size(); i++) {
        statement.setString(i + 1, tables.get(i).toString());
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        for (int i = 0; i < tables.size(); i++) {
          if (row.getString(i + 1) == null) {
            missing.add(tables.get(i));
          }
        }
      }
    }
    return missing;
  }
}
