package dev.freshet.engine;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.embedded.Database;
import dev.freshet.engine.refresh.Alignment;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The rule that is wrong: a delta holds all commits whose record lies before the insert position
 * that was read with the snapshot, whether the snapshot sees them or not.
 *
 * <p>Which those are is asked of PostgreSQL, by a replication slot of its own.
 */
final class CommitOrderAlignment implements Alignment, AutoCloseable {
  private static final String COMMIT = "COMMIT ";

  private final Connection connection;
  private final String slot;

  /** The end of the commit record by transaction id. */
  private final Map<Long, Lsn> commits = new HashMap<>();

  /** Of a database that nobody writes to yet. */
  CommitOrderAlignment(Database database) throws SQLException {
    connection = database.connect();
    slot = database.name() + "_order";
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_create_logical_replication_slot('" + slot + "', 'test_decoding')");
    }
  }

  @Override
  public synchronized Snapshot visible(Snapshot snapshot, Lsn insertPosition) throws SQLException {
    readCommitsBefore(insertPosition, snapshot);
    long xmax = snapshot.xmax();
    for (Map.Entry<Long, Lsn> commit : commits.entrySet()) {
      if (!commit.getValue().isAfter(insertPosition)) {
        xmax = Math.max(xmax, commit.getKey() + 1);
      }
    }
    StringJoiner running = new StringJoiner(",", snapshot.xmin() + ":" + xmax + ":", "");
    for (long xid = snapshot.xmin(); xid < xmax; xid++) {
      Lsn commit = commits.get(xid);
      if (commit == null || commit.isAfter(insertPosition)) {
        running.add(Long.toString(xid));
      }
    }
    return Snapshot.parse(running.toString());
  }

  private void readCommitsBefore(Lsn position, Snapshot snapshot) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT lsn::text, data FROM pg_logical_slot_get_changes(?, ?::pg_lsn, NULL)
            WHERE data LIKE 'COMMIT%'
            """)) {
      statement.setString(1, slot);
      statement.setString(2, position.toString());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          long xid = Long.parseLong(row.getString(2).substring(COMMIT.length()));
          commits.put(snapshot.widen((int) xid), Lsn.parse(row.getString(1)));
        }
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
