package dev.freshet.engine.refresh;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Locks readers out of a table without making them wait for each other. Whoever asks for ACCESS
 * EXCLUSIVE waits behind every open transaction that has read the table, and everybody who comes
 * later waits behind him: so ask briefly, and again.
 */
final class ReaderLock {
  private static final Duration BRIEFLY = Duration.ofMillis(100);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private ReaderLock() {}

  /**
   * @throws FreshetException BUSY with the processes that hold the table
   */
  static void take(Connection connection, TableName table)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SAVEPOINT freshet_lock");
        try {
          statement.execute(
              "SET LOCAL lock_timeout = %d; LOCK TABLE %s IN ACCESS EXCLUSIVE MODE"
                  .formatted(BRIEFLY.toMillis(), table));
          statement.execute("RELEASE SAVEPOINT freshet_lock");
          return;
        } catch (SQLException e) {
          if (!"55P03".equals(e.getSQLState())) {
            throw e;
          }
          statement.execute("ROLLBACK TO SAVEPOINT freshet_lock");
          if (System.nanoTime() > deadline) {
            throw busy(statement, table, e);
          }
        }
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    }
  }

  private static FreshetException busy(Statement statement, TableName table, SQLException cause)
      throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT coalesce(string_agg(DISTINCT l.pid::text, ', '), 'unknown') FROM pg_locks l
            WHERE l.relation = to_regclass('%s') AND l.granted AND l.pid <> pg_backend_pid()
            """
                .formatted(table.toString().replace("'", "''")))) {
      row.next();
      return FreshetException.of(
          Kind.BUSY,
          "cannot change the columns or indexes of %s: it stays locked by server process %s"
              .formatted(table, row.getString(1)),
          "end those transactions (SELECT pg_terminate_backend(…)), or try again in a quiet moment",
          cause);
    }
  }
}
