package dev.freshet.engine.workload;

import dev.freshet.embedded.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Commits, rolls back, prepares and leaves open transactions until told to stop.
 *
 * <p>Conflicts with other writers are part of the game. A server that goes away is waited for.
 */
final class Writer implements Runnable {
  /**
   * Unique violation, deadlock, lock timeout; and 57014, seen once on 15: presumably a lock timeout
   * that fired while the lock was granted, since nothing in the workload cancels.
   */
  private static final Set<String> CONFLICTS = Set.of("23505", "40P01", "55P03", "57014");

  private static final long RECONNECT_NANOS = 20_000_000;
  private static final long SHORT_NANOS = 1_000_000;
  private static final long LONG_NANOS = 250_000_000;

  private final Database database;
  private final int number;
  private final Random random;
  private final AtomicBoolean stop;
  private final AtomicLong committed;
  private volatile @Nullable SQLException failure;
  private int prepared;

  Writer(Database database, int number, long seed, AtomicBoolean stop, AtomicLong committed) {
    this.database = database;
    this.number = number;
    this.random = new Random(seed * 31 + number);
    this.stop = stop;
    this.committed = committed;
  }

  /** What ended this writer before its time, if anything did. */
  @Nullable SQLException failure() {
    return failure;
  }

  @Override
  public void run() {
    while (!stop.get()) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SET lock_timeout = '60ms'");
        while (!stop.get()) {
          transact(statement);
        }
      } catch (SQLException e) {
        if (!isServerGone(e)) {
          failure = e;
          return;
        }
        LockSupport.parkNanos(RECONNECT_NANOS);
      }
    }
  }

  static boolean isServerGone(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("08") || state.startsWith("57P");
  }

  private void transact(Statement statement) throws SQLException {
    try {
      statement.execute("SET synchronous_commit = " + (random.nextInt(3) == 0 ? "off" : "on"));
      statement.execute("BEGIN");
      int changes = 1 + random.nextInt(6);
      for (int i = 0; i < changes; i++) {
        if (random.nextInt(4) == 0) {
          inSavepoint(statement);
        } else {
          Change.any(random, number).run(statement);
        }
      }
      end(statement);
    } catch (SQLException e) {
      if (!CONFLICTS.contains(String.valueOf(e.getSQLState()))) {
        throw e;
      }
      statement.execute("ROLLBACK");
    }
    LockSupport.parkNanos((long) (random.nextDouble() * SHORT_NANOS));
  }

  /** Changes in a subtransaction, perhaps in one inside it, kept or not. */
  private void inSavepoint(Statement statement) throws SQLException {
    statement.execute("SAVEPOINT outer_one");
    Change.any(random, number).run(statement);
    if (random.nextInt(3) == 0) {
      statement.execute("SAVEPOINT inner_one");
      Change.any(random, number).run(statement);
      statement.execute((random.nextBoolean() ? "ROLLBACK TO " : "RELEASE ") + "inner_one");
    }
    statement.execute((random.nextBoolean() ? "ROLLBACK TO " : "RELEASE ") + "outer_one");
  }

  private void end(Statement statement) throws SQLException {
    switch (random.nextInt(24)) {
      case 0, 1, 2 -> statement.execute("ROLLBACK");
      case 3, 4 -> {
        String gid = "%s writer %d number %d".formatted(database.name(), number, prepared++);
        statement.execute("PREPARE TRANSACTION '" + gid + "'");
        pause(LONG_NANOS);
        boolean keep = random.nextInt(4) > 0;
        statement.execute((keep ? "COMMIT" : "ROLLBACK") + " PREPARED '" + gid + "'");
        committed.addAndGet(keep ? 1 : 0);
      }
      case 5 -> {
        pause(LONG_NANOS);
        commit(statement);
      }
      case 6, 7, 8 -> {
        pause(SHORT_NANOS);
        commit(statement);
      }
      default -> commit(statement);
    }
  }

  private void pause(long longest) {
    long end = System.nanoTime() + (long) (random.nextDouble() * longest);
    while (!stop.get() && System.nanoTime() < end) {
      LockSupport.parkNanos(Math.min(end - System.nanoTime(), SHORT_NANOS * 5));
    }
  }

  private void commit(Statement statement) throws SQLException {
    statement.execute("COMMIT");
    committed.incrementAndGet();
  }
}
