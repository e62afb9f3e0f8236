package dev.freshet.bench.freshness;

import dev.freshet.bench.server.BenchDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Changes {@code src} at a steady rate: two writers, five rows per transaction, of ten transactions
 * eight update, one inserts, one deletes what was inserted so. Rows that are there at first stay,
 * so that every id that is drawn hits.
 */
final class BackgroundLoad implements AutoCloseable {
  private static final int WRITERS = 2;
  private static final int ROWS_PER_TRANSACTION = 5;

  private final BenchDatabase database;
  private final int highestId;
  private final long intervalNanos;
  private final AtomicLong changes = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile Optional<SQLException> failure = Optional.empty();
  private volatile boolean stopped;

  /**
   * @param highestId ids to update are drawn from 1 to this; the probe's row, which has the next
   *     id, is none of them
   */
  BackgroundLoad(BenchDatabase database, int highestId, int changesPerSecond, long seed) {
    this.database = database;
    this.highestId = highestId;
    this.intervalNanos =
        (long) (1e9 * WRITERS * ROWS_PER_TRANSACTION / Math.max(1, changesPerSecond));
    for (int i = 0; i < WRITERS; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      threads.add(Thread.ofPlatform().name("load-" + i).daemon().unstarted(() -> write(random)));
    }
  }

  void start() {
    threads.forEach(Thread::start);
  }

  /** Rows changed so far. */
  long changes() {
    return changes.get();
  }

  Optional<SQLException> failure() {
    return failure;
  }

  private void write(SplittableRandom random) {
    try (Connection connection = database.connect();
        PreparedStatement update =
            connection.prepareStatement("UPDATE src SET amount = amount + 1 WHERE id = ANY (?)");
        PreparedStatement delete =
            connection.prepareStatement(
                """
                DELETE FROM src WHERE id IN
                  (SELECT id FROM src WHERE id > ? ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED)\
                """);
        PreparedStatement insert =
            connection.prepareStatement(
                """
                INSERT INTO src (region, category, amount, score)
                SELECT region, 'A', ?, 1
                FROM unnest(ARRAY['north', 'south', 'east', 'west', 'central']) AS region\
                """)) {
      long due = System.nanoTime();
      while (!stopped) {
        changes.addAndGet(transaction(connection, random, update, delete, insert));
        due = Math.max(due + intervalNanos, System.nanoTime() - 1_000_000_000L);
        for (long wait = due - System.nanoTime(); wait > 0 && !stopped; ) {
          LockSupport.parkNanos(wait);
          wait = due - System.nanoTime();
        }
      }
    } catch (SQLException e) {
      if (!stopped) {
        failure = Optional.of(e);
      }
    }
  }

  private int transaction(
      Connection connection,
      SplittableRandom random,
      PreparedStatement update,
      PreparedStatement delete,
      PreparedStatement insert)
      throws SQLException {
    int dice = random.nextInt(10);
    if (dice == 0) {
      insert.setInt(1, random.nextInt(10_000));
      return insert.executeUpdate();
    }
    if (dice == 1) {
      delete.setInt(1, highestId + 1);
      delete.setInt(2, ROWS_PER_TRANSACTION);
      int deleted = delete.executeUpdate();
      if (deleted > 0) {
        return deleted;
      }
    }
    // Sorted, so that the writers never wait for each other in a circle.
    Integer[] ids =
        random
            .ints(ROWS_PER_TRANSACTION, 1, highestId + 1)
            .sorted()
            .boxed()
            .toArray(Integer[]::new);
    update.setArray(1, connection.createArrayOf("int4", ids));
    return update.executeUpdate();
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(LockSupport::unpark);
    for (Thread thread : threads) {
      try {
        thread.join(5_000);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
