package dev.freshet.chaos;

import dev.freshet.embedded.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A transaction that changes every stream table, and the wait until all of them show it: by their
 * frontiers, which are written with the stream tables. So it tells whether schedules, capture and
 * refreshes work again, and asks the engine nothing.
 */
final class Marker {
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration RETRY = Duration.ofMillis(50);

  private static final String BEHIND =
      """
      SELECT s.table_name || CASE WHEN f.valid IS NOT TRUE THEN ' (to be refilled)' ELSE '' END
        || CASE s.state WHEN 'failed' THEN ' (failed: ' || s.state_reason || ')' ELSE '' END
      FROM freshet.stream_table s LEFT JOIN freshet.frontier f ON f.stream_table_id = s.id
      WHERE f.valid IS NOT TRUE OR NOT pg_visible_in_snapshot('%s'::xid8, f.snapshot)
      ORDER BY 1
      """;

  private final Database database;
  private int number;

  Marker(Database database) {
    this.database = database;
  }

  /** What is done between two looks at the frontiers. */
  @FunctionalInterface
  interface Meanwhile {
    void look();
  }

  /**
   * Writes a marker and waits until every stream table has it.
   *
   * @throws ChaosFailure when they have not after {@code patience}, with those that are missing
   */
  void pass(Duration patience, Meanwhile meanwhile) {
    long deadline = System.nanoTime() + patience.toNanos();
    Optional<String> transaction = Optional.empty();
    String problem = "no marker could be written";
    while (System.nanoTime() < deadline) {
      meanwhile.look();
      try (Connection connection = database.connect()) {
        if (transaction.isEmpty()) {
          transaction = Optional.of(write(connection));
        }
        List<String> behind = behind(connection, transaction.get());
        while (!behind.isEmpty() && System.nanoTime() < deadline) {
          problem = String.join(", ", behind);
          Engines.pause(POLL);
          meanwhile.look();
          behind = behind(connection, transaction.get());
        }
        if (behind.isEmpty()) {
          return;
        }
      } catch (SQLException e) {
        problem = String.valueOf(e.getMessage());
        Engines.pause(RETRY);
      }
    }
    throw new ChaosFailure("not recovered after %d s: %s".formatted(patience.toSeconds(), problem));
  }

  private static List<String> behind(Connection connection, String transaction)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(BEHIND.formatted(transaction))) {
      List<String> names = new ArrayList<>();
      while (row.next()) {
        names.add(row.getString(1));
      }
      return names;
    }
  }

  /** Returns its transaction id. */
  private String write(Connection connection) throws SQLException {
    number++;
    int from = 1 + number % 2;
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '1s'");
      statement.execute("UPDATE account SET balance = balance - 1 WHERE id = " + from);
      statement.execute("UPDATE account SET balance = balance + 1 WHERE id = " + (3 - from));
      statement.execute(
          "UPDATE branch SET name = 'branch 2, marker %d' WHERE id = 2".formatted(number));
      statement.execute(
          "INSERT INTO append SELECT 0, 1 + coalesce(max(n), 0) FROM append WHERE list = 0");
      statement.execute("UPDATE item SET price = price + 1 WHERE id = -1");
      statement.execute("INSERT INTO tag VALUES (-1, 'marker %d')".formatted(number));
      statement.execute("DELETE FROM tag WHERE label = 'marker %d'".formatted(number - 3));
      statement.execute("UPDATE edge SET weight = weight + 1 WHERE child = 1");
      statement.execute("UPDATE reading SET value = value + 1 WHERE day = 0 AND id = -1");
      String transaction;
      try (ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
        row.next();
        transaction = row.getString(1);
      }
      connection.commit();
      connection.setAutoCommit(true);
      return transaction;
    }
  }
}
