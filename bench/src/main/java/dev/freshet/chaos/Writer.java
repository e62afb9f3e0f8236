package dev.freshet.chaos;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A client of the server that goes on whatever happens to it: a lost connection is opened again, a
 * refused transaction is given up. It connects directly, not over the engine's network.
 */
abstract class Writer implements AutoCloseable {
  private static final long PAUSE_AFTER_LOSS_NANOS = Duration.ofMillis(50).toNanos();

  final Random random;
  private final Load load;
  private final String name;
  private final boolean synchronous;
  private final Thread thread;
  private final AtomicLong committed = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private volatile boolean stopped;

  /**
   * @param synchronous whether its commits wait for the log to be flushed
   */
  Writer(Load load, String name, boolean synchronous, long seed) {
    this.load = load;
    this.name = name;
    this.synchronous = synchronous;
    this.random = new Random(seed);
    this.thread = Thread.ofPlatform().name("writer-" + name).daemon().unstarted(this::write);
  }

  final void start() {
    thread.start();
  }

  final long committed() {
    return committed.get();
  }

  /** Transactions that the server did not take: conflicts, alterations, lost connections. */
  final long refused() {
    return refused.get();
  }

  /** How long it rests between two transactions. */
  int meanPauseMillis() {
    return 60;
  }

  /** Finds out what became of the transaction that was under way when a connection was lost. */
  void recover(Connection connection) throws SQLException {}

  /** One transaction, from its first statement to its commit or rollback. */
  abstract void transaction(Connection connection) throws SQLException;

  private void write() {
    while (!stopped) {
      try (Connection connection = load.connect(name, synchronous)) {
        load.gate().pass(() -> recover(connection));
        connection.setAutoCommit(false);
        while (!stopped) {
          load.gate().pass(() -> attempt(connection));
          LockSupport.parkNanos(random.nextLong(2_000_000L * meanPauseMillis()));
        }
      } catch (SQLException _) {
        refused.incrementAndGet();
        LockSupport.parkNanos(PAUSE_AFTER_LOSS_NANOS);
      }
    }
  }

  private void attempt(Connection connection) throws SQLException {
    try {
      transaction(connection);
      committed.incrementAndGet();
    } catch (SQLException e) {
      if (connection.isClosed() || !connection.isValid(2)) {
        throw e;
      }
      connection.rollback();
      refused.incrementAndGet();
    }
  }

  /** Commits, or prepares first and commits after a while, as a transaction manager does. */
  final void commit(Connection connection, boolean inTwoPhases) throws SQLException {
    if (!inTwoPhases) {
      connection.commit();
      return;
    }
    String transaction = "chaos-" + name;
    execute(connection, "PREPARE TRANSACTION '" + transaction + "'");
    LockSupport.parkNanos(random.nextLong(20_000_000));
    finishPrepared(connection, transaction);
  }

  /** Commits what was prepared before a connection was lost: that promise was given. */
  final void commitPrepared(Connection connection) throws SQLException {
    String transaction = "chaos-" + name;
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT FROM pg_prepared_xacts WHERE gid = ?")) {
      statement.setString(1, transaction);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return;
        }
      }
    }
    finishPrepared(connection, transaction);
  }

  private static void finishPrepared(Connection connection, String transaction)
      throws SQLException {
    connection.setAutoCommit(true);
    execute(connection, "COMMIT PREPARED '" + transaction + "'");
    connection.setAutoCommit(false);
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static int update(Connection connection, String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.executeUpdate();
    }
  }

  /** Ends after the transaction under way. */
  @Override
  public final void close() {
    stopped = true;
    LockSupport.unpark(thread);
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
