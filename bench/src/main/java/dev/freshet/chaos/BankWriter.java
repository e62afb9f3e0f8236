package dev.freshet.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;

/** Moves money between accounts, and accounts between branches; never makes any. */
final class BankWriter extends Writer {
  BankWriter(Load load, int number, boolean synchronous, long seed) {
    super(load, "bank-" + number, synchronous, seed);
  }

  @Override
  void recover(Connection connection) throws SQLException {
    commitPrepared(connection);
  }

  @Override
  void transaction(Connection connection) throws SQLException {
    int hops = 1 + random.nextInt(3);
    for (int i = 0; i < hops; i++) {
      transfer(connection);
    }
    switch (random.nextInt(10)) {
      case 0 -> undoneTo(connection);
      case 1 ->
          update(
              connection,
              "UPDATE account SET branch = ? WHERE id = ?",
              1 + random.nextInt(SourceTables.BRANCHES),
              account());
      case 2 -> closeAndOpen(connection);
      case 3 -> update(connection, "UPDATE branch SET name = name || '' WHERE id = 1");
      default -> {
        // A transfer alone.
      }
    }
    if (random.nextInt(12) == 0) {
      connection.rollback();
    } else {
      commit(connection, random.nextInt(10) == 0);
    }
  }

  /** Accounts 1 and 2 belong to the markers. */
  private int account() {
    return 3 + random.nextInt(SourceTables.ACCOUNTS - 2);
  }

  private void transfer(Connection connection) throws SQLException {
    int from = account();
    int to = account();
    long amount = 1 + random.nextInt(100);
    // In the order of their keys, or two writers would wait for each other.
    move(connection, Math.min(from, to), from < to ? -amount : amount);
    move(connection, Math.max(from, to), from < to ? amount : -amount);
  }

  /** An account that another writer has just closed is not there: then nothing is moved at all. */
  private static void move(Connection connection, int account, long amount) throws SQLException {
    String sql = "UPDATE account SET balance = balance + ? WHERE id = ?";
    if (update(connection, sql, amount, account) == 0) {
      throw new SQLException("account %d is closed".formatted(account));
    }
  }

  private void undoneTo(Connection connection) throws SQLException {
    Savepoint before = connection.setSavepoint();
    update(connection, "UPDATE account SET balance = balance + 1000000 WHERE id = ?", account());
    connection.rollback(before);
  }

  /** The row goes and another one comes in its place, within one transaction. */
  private void closeAndOpen(Connection connection) throws SQLException {
    update(
        connection,
        """
        WITH gone AS (DELETE FROM account WHERE id = ? RETURNING *)
        UPDATE account SET balance = account.balance + gone.balance, owner = gone.owner
        FROM gone WHERE account.id = 3\
        """,
        4 + random.nextInt(SourceTables.ACCOUNTS - 3));
    update(
        connection,
        """
        INSERT INTO account SELECT i, 1 + i %% %d, 'owner ' || i, 0 FROM generate_series(3, %d) i
        ON CONFLICT DO NOTHING\
        """
            .formatted(SourceTables.BRANCHES, SourceTables.ACCOUNTS));
  }
}
