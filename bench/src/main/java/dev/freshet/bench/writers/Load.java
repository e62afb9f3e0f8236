package dev.freshet.bench.writers;

import dev.freshet.bench.server.BenchDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Writers of small transactions: each moves an amount between two accounts and notes it in a
 * ledger, three statements and a commit.
 */
final class Load {
  static final int WRITERS = 4;
  static final int ACCOUNTS = 10_000;
  private static final long HIGHEST_MICROS = 60_000_000;

  /**
   * What the writers got done together.
   *
   * @param micros latency of each transaction, begin to commit returned
   */
  record Done(long transactions, double seconds, Histogram micros) {
    double perSecond() {
      return transactions / seconds;
    }
  }

  private final BenchDatabase database;
  private final Attachment target;
  private final long seed;

  Load(BenchDatabase database, Attachment target, long seed) {
    this.database = database;
    this.target = target;
    this.seed = seed;
  }

  static Histogram histogram() {
    return new Histogram(HIGHEST_MICROS, 3);
  }

  /** As fast as they can. */
  Done saturate(Duration duration) throws SQLException {
    return run(duration, 0);
  }

  /** At a fixed rate of transactions per second, all writers together. */
  Done pace(Duration duration, double perSecond) throws SQLException {
    return run(duration, (long) (WRITERS * 1e9 / perSecond));
  }

  private Done run(Duration duration, long intervalNanos) throws SQLException {
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      long start = System.nanoTime();
      long end = start + duration.toNanos();
      List<Future<Histogram>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        long random = seed * 31 + i;
        long first = start + i * (intervalNanos / WRITERS);
        Callable<Histogram> writer = () -> write(first, end, intervalNanos, random);
        writers.add(threads.submit(writer));
      }
      Histogram all = histogram();
      for (Future<Histogram> writer : writers) {
        all.add(result(writer));
      }
      return new Done(all.getTotalCount(), (System.nanoTime() - start) / 1e9, all);
    }
  }

  private static Histogram result(Future<Histogram> writer) throws SQLException {
    try {
      return writer.get();
    } catch (ExecutionException e) {
      throw new SQLException("a writer failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private Histogram write(long first, long end, long intervalNanos, long random)
      throws SQLException {
    Histogram micros = histogram();
    SplittableRandom dice = new SplittableRandom(random);
    try (Connection connection = database.connect();
        PreparedStatement move =
            connection.prepareStatement(
                "UPDATE %s SET balance = balance + ? WHERE id = ?".formatted(target.account()));
        PreparedStatement note =
            connection.prepareStatement(
                "INSERT INTO %s (account, amount) VALUES (?, ?)".formatted(target.ledger()))) {
      connection.setAutoCommit(false);
      long free = System.nanoTime();
      long due = intervalNanos > 0 ? Math.max(first, free) : first;
      while (due < end && free < end) {
        // Late because the writer was busy counts; late because the timer woke late does not.
        boolean wasBusy = intervalNanos > 0 && free > due;
        for (long wait = due - System.nanoTime(); intervalNanos > 0 && wait > 0; ) {
          LockSupport.parkNanos(wait);
          wait = due - System.nanoTime();
        }
        long begin = wasBusy ? due : System.nanoTime();
        transaction(connection, move, note, dice);
        free = System.nanoTime();
        micros.recordValue(Math.min(HIGHEST_MICROS, (free - begin) / 1_000));
        due += intervalNanos;
      }
    }
    return micros;
  }

  private static void transaction(
      Connection connection, PreparedStatement move, PreparedStatement note, SplittableRandom dice)
      throws SQLException {
    int one = 1 + dice.nextInt(ACCOUNTS);
    int other = 1 + dice.nextInt(ACCOUNTS);
    int amount = 1 + dice.nextInt(100);
    // In the order of their ids, so that writers never wait for each other in a circle.
    update(move, -amount, Math.min(one, other));
    update(move, amount, Math.max(one, other));
    update(note, one, amount);
    connection.commit();
  }

  private static void update(PreparedStatement statement, int first, int second)
      throws SQLException {
    statement.setInt(1, first);
    statement.setInt(2, second);
    statement.executeUpdate();
  }
}
