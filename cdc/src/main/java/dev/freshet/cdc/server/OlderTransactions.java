package dev.freshet.cdc.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Waits for the transactions that were running when a table was published.
 *
 * <p>What such a transaction wrote to the table before is not published, although it commits later.
 * So a fill has to begin after its end. Either wait until the oldest running transaction is younger
 * than the publication, or take a SHARE lock on the tables for a moment, which waits for their
 * writers alone.
 */
public final class OlderTransactions {
  private static final long POLL_MILLIS = 20;
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  /** Who is waited for, as far as this role may see. */
  public record Holder(String description) {}

  private final Connection connection;
  private final long noted;

  private OlderTransactions(Connection connection, long noted) {
    this.connection = connection;
    this.noted = noted;
  }

  /**
   * Notes which transactions run now: to be called after the publication's change is committed, in
   * auto-commit mode.
   *
   * <p>Takes a transaction id of its own, since a snapshot's xmax does not do: it is the id after
   * the last one that <em>ended</em>, and younger ones may be running.
   */
  public static OlderTransactions runningNow(Connection connection) throws SQLException {
    return new OlderTransactions(
        connection, number(connection, "SELECT pg_current_xact_id()::text::int8"));
  }

  /** Whether all of them have ended. */
  public boolean haveEnded() throws SQLException {
    return number(connection, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8")
        >= noted;
  }

  /**
   * Waits until all of them have ended.
   *
   * @return who still holds it up when the time is over; nothing if all have ended
   */
  public Optional<Holder> await(Duration timeout) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!haveEnded()) {
      if (System.nanoTime() - deadline >= 0) {
        return Optional.of(oldest());
      }
      Thread.sleep(POLL_MILLIS);
    }
    return Optional.empty();
  }

  private Holder oldest() throws SQLException {
    // pg_locks shows every role who holds a transaction id; pg_stat_activity hides the details.
    String query =
        """
        SELECT CASE WHEN l.pid IS NULL
                    THEN format('prepared transaction %L of %s', p.gid, p.prepared)
                    ELSE format('server process %s (%s, %s, since %s)', l.pid,
                         coalesce(a.usename, 'unknown role'), coalesce(a.state, 'state hidden'),
                         coalesce(a.xact_start::text, 'unknown')) END
        FROM pg_catalog.pg_locks l
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = l.transactionid
        WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock'
        ORDER BY age(l.transactionid) DESC LIMIT 1\
        """;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return new Holder(row.next() ? row.getString(1) : "a transaction that has just ended");
    }
  }

  /**
   * Tries the quicker way: a SHARE lock on the tables, given back at once. Needs a privilege to
   * write to them.
   *
   * @return true if no transaction that wrote to the tables before is running any more
   */
  public static boolean lockOut(
      Connection connection, Collection<TableName> tables, Duration lockTimeout)
      throws SQLException {
    String names = tables.stream().map(TableName::sql).collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "BEGIN; SET LOCAL lock_timeout = '%dms'; LOCK TABLE %s IN SHARE MODE; COMMIT"
              .formatted(lockTimeout.toMillis(), names));
      return true;
    } catch (SQLException e) {
      try (Statement rollback = connection.createStatement()) {
        rollback.execute("ROLLBACK");
      }
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
