package dev.freshet.cdc.wal;

import dev.freshet.cdc.Lsn;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Threads that wait for the log to reach something: a marker, or a position.
 *
 * <p>A marker may arrive before anybody waits for it, so the last ones are remembered.
 */
public final class Waiters {
  private static final int REMEMBERED_TOKENS = 4096;

  private final ReentrantLock lock = new ReentrantLock();
  private final Runnable onWait;
  private final Condition changed = lock.newCondition();
  private final LinkedHashSet<String> tokens = new LinkedHashSet<>();
  private long losses;
  private boolean connected;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile long waitingSince;

  /**
   * Nobody waits yet.
   *
   * @param onWait wakes the reading thread when somebody begins to wait
   */
  public Waiters(Runnable onWait) {
    this.onWait = onWait;
  }

  boolean isAnybodyWaiting() {
    return waiting.get() > 0;
  }

  /** The reading thread received a marker. */
  public void arrived(String token) {
    lock.lock();
    try {
      tokens.add(token);
      if (tokens.size() > REMEMBERED_TOKENS) {
        tokens.removeFirst();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The received position moved. */
  public void progressed() {
    if (isAnybodyWaiting()) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  public void connected(boolean isConnected) {
    lock.lock();
    try {
      if (!isConnected) {
        losses++;
      }
      connected = isConnected;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether somebody has waited for {@code nanos} or longer. */
  boolean isWaitingLongerThan(long nanos) {
    return waiting.get() > 0 && System.nanoTime() - waitingSince >= nanos;
  }

  /** False on timeout or if the connection is not there all the time. */
  public boolean awaitToken(String token, Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long before = losses;
      BooleanSupplier lost = () -> losses != before || !connected;
      return await(() -> tokens.contains(token) || lost.getAsBoolean(), timeout)
          && !lost.getAsBoolean()
          && tokens.remove(token);
    } finally {
      lock.unlock();
    }
  }

  /** False on timeout. */
  public boolean awaitPosition(Supplier<Lsn> received, Lsn wanted, Duration timeout)
      throws InterruptedException {
    lock.lock();
    try {
      return await(() -> !received.get().isBefore(wanted), timeout);
    } finally {
      lock.unlock();
    }
  }

  private boolean await(BooleanSupplier reached, Duration timeout) throws InterruptedException {
    if (reached.getAsBoolean()) {
      return true;
    }
    if (waiting.get() == 0) {
      waitingSince = System.nanoTime();
    }
    waiting.incrementAndGet();
    onWait.run();
    try {
      long left = timeout.toNanos();
      while (!reached.getAsBoolean()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      waiting.decrementAndGet();
    }
  }
}
