package dev.freshet.bench.noop;

import dev.freshet.bench.server.StreamTables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the statements that others send to the connection's database: by {@code
 * pg_stat_statements} where the server has it, else by the transactions in {@code pg_stat_database}
 * (PostgreSQL manual, "The Cumulative Statistics System"), which sessions report about once a
 * second.
 */
final class StatementCount {
  private static final int EXAMPLES = 3;
  private static final Duration REPORTING_DELAY = Duration.ofMillis(1_200);

  private final boolean byStatements;
  private long before;
  private long own;

  private StatementCount(boolean byStatements) {
    this.byStatements = byStatements;
  }

  /**
   * @param method how it was counted
   * @param examples the most frequent statements, shortened
   */
  record Counted(long calls, String method, List<String> examples) {
    Counted {
      examples = List.copyOf(examples);
    }
  }

  static StatementCount of(Connection connection) throws SQLException {
    String libraries = StreamTables.query(connection, "SHOW shared_preload_libraries");
    boolean available = libraries.contains("pg_stat_statements");
    if (available) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
      }
    }
    return new StatementCount(available);
  }

  void reset(Connection connection) throws SQLException {
    if (byStatements) {
      StreamTables.query(connection, "SELECT pg_stat_statements_reset()::text");
    } else {
      StreamTables.pause(REPORTING_DELAY);
      before = transactions(connection);
      own = 1;
    }
  }

  Counted read(Connection connection) throws SQLException {
    if (byStatements) {
      return byStatements(connection);
    }
    StreamTables.pause(REPORTING_DELAY);
    long calls = Math.max(0, transactions(connection) - before - own);
    return new Counted(calls, "transactions in pg_stat_database", List.of());
  }

  private static Counted byStatements(Connection connection) throws SQLException {
    long calls = 0;
    List<String> examples = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT calls, query FROM pg_stat_statements
                WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND query NOT LIKE '%pg_stat_statements%'
                ORDER BY calls DESC\
                """)) {
      while (row.next()) {
        calls += row.getLong(1);
        if (examples.size() < EXAMPLES) {
          String text = row.getString(2).replaceAll("\\s+", " ");
          examples.add(row.getLong(1) + " × " + text.substring(0, Math.min(70, text.length())));
        }
      }
    }
    return new Counted(calls, "pg_stat_statements", examples);
  }

  private static long transactions(Connection connection) throws SQLException {
    return Long.parseLong(
        StreamTables.query(
            connection,
            "SELECT (xact_commit + xact_rollback)::text FROM pg_stat_database"
                + " WHERE datname = current_database()"));
  }
}
