package dev.freshet.chaos;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Lets transactions pass, many at once, or one observer while none is under way. */
final class Gate {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

  /** Work with the database. */
  @FunctionalInterface
  interface Work {
    void run() throws SQLException;
  }

  /** Runs a transaction, when nobody observes. */
  void pass(Work transaction) throws SQLException {
    lock.readLock().lock();
    try {
      transaction.run();
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Runs {@code observation} while no transaction is under way.
   *
   * @throws ChaosFailure if the transactions under way do not end
   */
  void quietly(Duration patience, Work observation) throws SQLException {
    try {
      if (!lock.writeLock().tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ChaosFailure("writers have been stuck for %d s".formatted(patience.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    try {
      observation.run();
    } finally {
      lock.writeLock().unlock();
    }
  }
}
