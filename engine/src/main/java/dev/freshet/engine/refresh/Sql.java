package dev.freshet.engine.refresh;

import dev.freshet.sql.SqlStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Runs statements that have no parameters. */
final class Sql {
  private Sql() {}

  /** How many rows it wrote. */
  static long run(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.execute();
      return Math.max(0, statement.getLargeUpdateCount());
    }
  }

  static long run(Connection connection, SqlStatement sql) throws SQLException {
    return run(connection, sql.sql());
  }

  static void runAll(Connection connection, List<String> statements) throws SQLException {
    for (String statement : statements) {
      run(connection, statement);
    }
  }
}
