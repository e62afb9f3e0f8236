package dev.freshet.bench.decode;

import dev.freshet.bench.matrix.SourceTables;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Changes that wait in the log behind a slot. Whoever reads them gets a copy of that slot, so all
 * read the same log.
 *
 * @param relation oid of {@code src}
 * @param changes row changes in the log
 * @param from the snapshot before them
 * @param to a snapshot after them
 * @param end a position behind their last commit and before one more commit
 */
record Backlog(int relation, long changes, Snapshot from, Snapshot to, Lsn end) {
  static final String PUBLICATION = "freshet_bench";
  private static final String PLUGIN = "pgoutput";
  private static final int ROWS_PER_TRANSACTION = 1_000;

  /**
   * The slot of which readers get copies; slot names are the server's, so it bears the database's.
   */
  private static String slot(BenchDatabase database) {
    return database.name() + "_base";
  }

  /**
   * Makes the backlog: 70 % updates, 15 % deletes, 15 % inserts, a thousand rows per transaction.
   *
   * @param identity {@code DEFAULT} or {@code FULL}
   */
  static Backlog create(BenchDatabase database, int changes, String identity, long seed)
      throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      SourceTables.create(connection, changes, seed);
      statement.execute("ALTER TABLE src REPLICA IDENTITY " + identity);
      statement.execute("CREATE PUBLICATION %s FOR TABLE src".formatted(PUBLICATION));
      StreamTables.query(
          connection,
          "SELECT slot_name FROM pg_create_logical_replication_slot('%s', '%s')"
              .formatted(slot(database), PLUGIN));
      Snapshot from = snapshot(connection);
      long done = 0;
      int transactions = Math.max(1, changes / ROWS_PER_TRANSACTION);
      for (int i = 0; i < transactions; i++) {
        done += transaction(statement, i, transactions);
      }
      Lsn end = StreamTables.insertPosition(connection);
      // One commit more, so that a reader that waits for the end is not left without a message.
      statement.execute("UPDATE src SET score = score WHERE id = 1");
      int relation =
          Integer.parseInt(StreamTables.query(connection, "SELECT 'src'::regclass::oid"));
      return new Backlog(relation, done, from, snapshot(connection), end);
    }
  }

  /** Updates the first seven tenths of the ids, deletes the rest, inserts as many. */
  private static int transaction(Statement statement, int index, int transactions)
      throws SQLException {
    int kind = index * 20 / transactions;
    int first = index * ROWS_PER_TRANSACTION + 1;
    int last = first + ROWS_PER_TRANSACTION - 1;
    if (kind < 14) {
      return statement.executeUpdate(
          "UPDATE src SET amount = amount + 1 WHERE id BETWEEN %d AND %d".formatted(first, last));
    }
    if (kind < 17) {
      return statement.executeUpdate(
          "DELETE FROM src WHERE id BETWEEN %d AND %d".formatted(first, last));
    }
    return statement.executeUpdate(
        "INSERT INTO src (region, category, amount, score)"
            + " SELECT 'north', 'A', i, 1 FROM generate_series(%d, %d) AS i"
                .formatted(first, last));
  }

  private static Snapshot snapshot(Connection connection) throws SQLException {
    return Snapshot.parse(StreamTables.query(connection, "SELECT pg_current_snapshot()::text"));
  }

  /** Makes a slot that will send the whole backlog. */
  static String copySlot(BenchDatabase database, Connection connection, int number)
      throws SQLException {
    String copy = "%s_%d".formatted(database.name(), number);
    StreamTables.query(
        connection,
        "SELECT slot_name FROM pg_copy_logical_replication_slot('%s', '%s')"
            .formatted(slot(database), copy));
    return copy;
  }

  static void dropSlot(Connection connection, String slot) throws SQLException {
    StreamTables.query(
        connection,
        "SELECT coalesce(pg_terminate_backend(active_pid, 10000), true)"
            + " FROM pg_replication_slots WHERE slot_name = '%s'".formatted(slot));
    StreamTables.query(connection, "SELECT pg_drop_replication_slot('%s')".formatted(slot));
  }
}
