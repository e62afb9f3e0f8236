package dev.freshet.engine.control;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who serves a database and who stands by: advisory locks, which live and die with a session.
 *
 * <pre>
 * (freshet.engine, 0)  exclusive: the engine
 * (freshet.engine, 1)  shared: everyone who stands by
 * </pre>
 */
public final class Presence {
  private static final String ENGINE = "hashtext('freshet.engine'), 0";
  private static final String STANDBY = "hashtext('freshet.engine'), 1";

  private static final String HOLDERS =
      """
      SELECT a.pid, coalesce(a.application_name, ''), coalesce(host(a.client_addr), 'local'),
             coalesce(a.backend_start, now()),
             CASE WHEN a.state = 'idle'
               THEN extract(epoch FROM clock_timestamp() - a.state_change) * 1000 ELSE 0 END::int8
      FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid = (hashtext('freshet.engine')::int8 & 4294967295)::oid
        AND l.objid = %d AND a.pid <> pg_backend_pid()
      ORDER BY a.backend_start\
      """;

  private Presence() {}

  /**
   * A session that holds one of the locks.
   *
   * @param silent how long it has been waiting for its client; an engine asks twice a second
   */
  public record Session(
      int pid, String application, String address, Instant since, Duration silent) {
    /** {@code freshet (pid 4711 from 10.0.0.7, since 2026-11-26T10:00:00Z)}. */
    public String description() {
      return "%s (pid %d from %s, since %s)"
          .formatted(
              application, pid, address, since.truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
    }
  }

  /** Becomes the engine for as long as {@code connection} lives; false if another one is. */
  public static boolean tryServe(Connection connection) throws SQLException {
    return truth(connection, "SELECT pg_try_advisory_lock(" + ENGINE + ")");
  }

  /** Shows that this session stands by. */
  public static void standBy(Connection connection) throws SQLException {
    truth(connection, "SELECT pg_try_advisory_lock_shared(" + STANDBY + ")");
  }

  /** It does no longer. */
  public static void leaveStandby(Connection connection) throws SQLException {
    truth(connection, "SELECT pg_advisory_unlock_shared(" + STANDBY + ")");
  }

  /** The engine, if it is another session than this one. */
  public static Optional<Session> engine(Connection connection) throws SQLException {
    return holders(connection, 0).stream().findFirst();
  }

  public static List<Session> standbys(Connection connection) throws SQLException {
    return holders(connection, 1);
  }

  /** Ends the session of an engine that does not answer; its lock goes with it. */
  public static void end(Connection connection, Session session) throws SQLException {
    truth(connection, "SELECT pg_terminate_backend(" + session.pid() + ", 2000)");
  }

  /** Whether some engine serves this database. */
  public static boolean isServed(Connection connection) throws SQLException {
    return truth(
        connection,
        """
        SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = (hashtext('freshet.engine')::int8 & 4294967295)::oid
          AND objid = 0 AND objsubid = 2)
        """);
  }

  private static List<Session> holders(Connection connection, int key) throws SQLException {
    List<Session> found = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(HOLDERS.formatted(key))) {
      while (row.next()) {
        found.add(
            new Session(
                row.getInt(1),
                row.getString(2),
                row.getString(3),
                row.getTimestamp(4).toInstant(),
                Duration.ofMillis(row.getLong(5))));
      }
    }
    return found;
  }

  private static boolean truth(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
