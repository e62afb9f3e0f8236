package dev.freshet.cdc.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The transactions that hold a table, or a partition of it, for writing.
 *
 * <p>A session learns of a replaced trigger function when it locks the table, at the latest. So
 * once those have ended that held the lock when the replacement was committed, nobody calls the old
 * function any more. (Transaction ids would not tell: a statement that has locked the table and not
 * written yet has none.) Nothing is locked to find out, so nobody queues behind.
 */
public final class OlderWriters {
  private static final long POLL_MILLIS = 20;

  private final Connection connection;
  private final int relation;
  private final Set<String> noted;

  private OlderWriters(Connection connection, int relation, Set<String> noted) {
    this.connection = connection;
    this.relation = relation;
    this.noted = noted;
  }

  /** Notes who holds it now: to be called after the replacement is committed, in auto-commit. */
  public static OlderWriters holdingNow(Connection connection, int relation) throws SQLException {
    return new OlderWriters(connection, relation, holders(connection, relation));
  }

  /** Whether all of them have ended. */
  public boolean haveEnded() throws SQLException {
    if (!noted.isEmpty()) {
      noted.retainAll(holders(connection, relation));
    }
    return noted.isEmpty();
  }

  /**
   * Waits until all of them have ended.
   *
   * @return one that still holds it up when the time is over; nothing if all have ended
   */
  public Optional<String> await(Duration timeout) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!haveEnded()) {
      if (System.nanoTime() - deadline >= 0) {
        return noted.stream().findFirst();
      }
      Thread.sleep(POLL_MILLIS);
    }
    return Optional.empty();
  }

  private static Set<String> holders(Connection connection, int relation) throws SQLException {
    String query =
        """
        SELECT virtualtransaction || coalesce(' of server process ' || pid, ' (prepared)')
        FROM pg_catalog.pg_locks
        WHERE locktype = 'relation' AND granted
          AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
          AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                       'AccessExclusiveLock')
          AND (relation = %1$s
               OR relation IN (SELECT relid FROM pg_catalog.pg_partition_tree(%1$s)))
          AND pid IS DISTINCT FROM pg_backend_pid()\
        """
            .formatted(Integer.toUnsignedString(relation));
    Set<String> holders = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        holders.add(row.getString(1));
      }
    }
    return holders;
  }
}
