package dev.freshet.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Appends 1, 2, 3 … to lists of its own, one list after the other. It goes on behind what the
 * server has, so that a list has no gaps; what the server has confirmed must be there ever after.
 */
final class ListWriter extends Writer {
  /** Where a list ends and the next one begins; short enough to be looked at all the time. */
  private static final int LENGTH = 250;

  private static final int WRITERS = 10;

  private final int number;
  private final boolean lasting;
  private final boolean inTwoPhases;
  private final Map<Integer, Integer> acknowledged = new ConcurrentSkipListMap<>();
  private int list;
  private int next = 1;

  /**
   * @param number below 10; its lists are this one, 10 more, 20 more …
   */
  ListWriter(Load load, int number, boolean synchronous, boolean inTwoPhases, long seed) {
    super(load, "list-" + number, synchronous, seed);
    this.number = number;
    this.list = number;
    this.lasting = synchronous;
    this.inTwoPhases = inTwoPhases;
  }

  /** By list, the last append whose commit returned and that a crash of the server may not undo. */
  Map<Integer, Integer> acknowledged() {
    return acknowledged;
  }

  @Override
  int meanPauseMillis() {
    return 120;
  }

  @Override
  void recover(Connection connection) throws SQLException {
    commitPrepared(connection);
    if (!lasting) {
      acknowledged.clear(); // Without a flush a crash may have taken the last ones.
    }
    list = number;
    next = 1;
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT list, max(n) FROM append WHERE list %% %d = %d GROUP BY list ORDER BY list"
                    .formatted(WRITERS, number))) {
      while (row.next()) {
        appended(row.getInt(1), row.getInt(2));
      }
    }
  }

  private void appended(int to, int last) {
    acknowledged.merge(to, last, Math::max);
    boolean full = last >= LENGTH;
    list = full ? to + WRITERS : to;
    next = full ? 1 : last + 1;
  }

  @Override
  void transaction(Connection connection) throws SQLException {
    if (random.nextInt(8) == 0) {
      append(connection, next);
      connection.rollback();
      return;
    }
    int last = next + random.nextInt(2);
    for (int n = next; n <= last; n++) {
      if (random.nextInt(6) == 0) {
        Savepoint before = connection.setSavepoint();
        append(connection, n + 1_000_000);
        connection.rollback(before);
      }
      append(connection, n);
    }
    commit(connection, inTwoPhases);
    appended(list, last);
  }

  private void append(Connection connection, int n) throws SQLException {
    update(connection, "INSERT INTO append VALUES (?, ?, 'written')", list, n);
  }
}
