package dev.freshet.engine.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The number of the engine that serves the database: each one that takes over counts it up.
 *
 * <p>The advisory lock tells who may serve, but an engine whose session was cut learns that late.
 * So every refresh locks {@code freshet.engine} in {@link #REFRESHING} mode before its snapshot and
 * reads the epoch in it ({@link #IS_OURS}), and taking over locks it against that:
 *
 * <pre>
 * a refresh of epoch e commits  ⇒  before epoch e + 1 began
 * </pre>
 *
 * <p>Held until commit, the lock makes the successor wait for refreshes under way; taken before the
 * snapshot, it makes a later refresh see the new epoch and give up. (Chapter "Explicit Locking" of
 * PostgreSQL's manual: LOCK TABLE takes no snapshot.)
 */
public final class Epoch {
  /** Conflicts with taking over, but not with another refresh, nor with pg_dump. */
  public static final String REFRESHING = "LOCK TABLE freshet.engine IN ROW EXCLUSIVE MODE";

  /** The setting of an engine's sessions that holds its epoch. */
  public static final String SETTING = "freshet.epoch";

  /** Whether this session's engine is the one that took over last. */
  public static final String IS_OURS =
      "(SELECT epoch::text = current_setting('freshet.epoch', true) FROM freshet.engine)";

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final int LOCK_WAIT_MILLIS = 1000;

  private Epoch() {}

  /** The epoch now. */
  public static long current(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT epoch FROM freshet.engine")) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /**
   * Begins the next epoch, durably. Whoever holds the engine's advisory lock may do so. Refreshes
   * of a predecessor that are still running after a second are ended: their engine is gone, or has
   * lost the lock.
   */
  public static long next(Connection connection) throws SQLException {
    while (true) {
      try {
        return tryNext(connection);
      } catch (SQLException e) {
        if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
          throw e;
        }
        endRefreshes(connection);
      }
    }
  }

  private static long tryNext(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = " + LOCK_WAIT_MILLIS);
      statement.execute("SET LOCAL synchronous_commit = local");
      statement.execute("LOCK TABLE freshet.engine IN SHARE MODE");
      long epoch;
      try (ResultSet row =
          statement.executeQuery(
              """
              INSERT INTO freshet.engine (epoch) VALUES (1)
              ON CONFLICT (single) DO UPDATE SET epoch = engine.epoch + 1, since = now()
              RETURNING epoch\
              """)) {
        row.next();
        epoch = row.getLong(1);
      }
      connection.commit();
      return epoch;
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static void endRefreshes(Connection connection) throws SQLException {
    List<Integer> refreshing = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT pid FROM pg_locks WHERE granted AND pid <> pg_backend_pid()
                  AND locktype = 'relation' AND mode = 'RowExclusiveLock'
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND relation = 'freshet.engine'::regclass\
                """)) {
      while (row.next()) {
        refreshing.add(row.getInt(1));
      }
    }
    for (int pid : refreshing) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_terminate_backend(" + pid + ", 1000)");
      }
    }
  }
}
