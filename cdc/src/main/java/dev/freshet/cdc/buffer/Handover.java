package dev.freshet.cdc.buffer;

import dev.freshet.cdc.buffer.TransactionRows.Taken;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What the reading thread and the spiller's thread tell each other: parts of large transactions one
 * way, progress and failure the other. It is bounded by the reading thread, which waits for room as
 * long as staging makes progress.
 */
final class Handover {
  private static final long HEARTBEAT_MILLIS = 1_000;

  /** A part of a transaction in progress. */
  record Part(Spill spill, List<Taken> rows, long bytes, boolean last) {}

  private final long patienceNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock, as the states of spills are.
  private final ArrayDeque<Part> parts = new ArrayDeque<>();
  private long bytes;
  private long steps;
  private boolean pressed;
  private boolean stopped;
  private Optional<String> failure = Optional.empty();

  Handover(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  private interface Action<T> {
    T run();
  }

  private <T> T locked(Action<T> action) {
    lock.lock();
    try {
      return action.run();
    } finally {
      lock.unlock();
    }
  }

  private void changing(Runnable action) {
    lock.lock();
    try {
      action.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // The reading thread's side.

  /** Hands over a part of a transaction in progress. */
  void hand(Spill spill, List<Taken> rows, long size, boolean last) {
    changing(
        () -> {
          if (spill.state() == Spill.State.OPEN) {
            parts.addLast(new Part(spill, rows, size, last));
            bytes += size;
          }
        });
  }

  /** The rest of it will not come: the connection is gone, it will be sent again. */
  void forget(Spill spill) {
    changing(
        () -> {
          spill.state(Spill.State.LOST);
          parts.addLast(new Part(spill, List.of(), 0, true));
        });
  }

  /** Bytes that were handed over and are not staged yet. */
  long bytes() {
    return locked(() -> bytes);
  }

  /** Memory becomes scarce. */
  void press() {
    lock.lock();
    try {
      if (!pressed) {
        pressed = true;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Why nothing can be staged at present. */
  Optional<String> failure() {
    return locked(() -> failure);
  }

  /**
   * Waits for staging, as long as it makes progress.
   *
   * @param heartbeat called about every second, to keep the connection to the server alive
   * @return false if it fails, or makes no progress
   */
  boolean await(BooleanSupplier reached, Runnable heartbeat) throws InterruptedException {
    lock.lock();
    try {
      long seen = steps;
      long since = System.nanoTime();
      long beat = since;
      while (!reached.getAsBoolean()) {
        if (failure.isPresent() || stopped) {
          return false;
        }
        changed.await(HEARTBEAT_MILLIS, TimeUnit.MILLISECONDS);
        if (steps != seen) {
          seen = steps;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > patienceNanos) {
          return false;
        }
        if (System.nanoTime() - beat >= TimeUnit.MILLISECONDS.toNanos(HEARTBEAT_MILLIS)) {
          heartbeat.run();
          beat = System.nanoTime();
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a transaction is staged as a whole. If that does not happen it is lost for good.
   */
  Spill.State awaitStaged(Spill spill, Runnable heartbeat) throws InterruptedException {
    await(() -> spill.state() != Spill.State.OPEN, heartbeat);
    lock.lock();
    try {
      if (spill.state() == Spill.State.OPEN) {
        spill.state(Spill.State.LOST);
      }
      return spill.state();
    } finally {
      lock.unlock();
    }
  }

  // The spiller's side.

  /** The next part; none after a while, or when memory becomes scarce. */
  Optional<Part> next(long patienceMillis) {
    lock.lock();
    try {
      if (parts.isEmpty() && !pressed && !stopped) {
        changed.await(patienceMillis, TimeUnit.MILLISECONDS);
      }
      pressed = false;
      return Optional.ofNullable(parts.pollFirst());
    } catch (InterruptedException e) {
      stopped = true;
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether there is something more urgent than what waits in memory. */
  boolean isCalling() {
    return locked(() -> !parts.isEmpty() || stopped);
  }

  boolean isStopped() {
    return locked(() -> stopped);
  }

  boolean isOpen(Spill spill) {
    return locked(() -> spill.state() == Spill.State.OPEN);
  }

  /**
   * All of a transaction is durable: it is published, unless the reading thread has lost patience.
   *
   * @param publish puts it into the buffer; returns the relations that somebody needs
   */
  void staged(Spill spill, Supplier<Set<Integer>> publish) {
    changing(
        () -> {
          if (spill.state() == Spill.State.OPEN) {
            spill.needed(publish.get());
            spill.state(Spill.State.STAGED);
          }
        });
  }

  /** Something was staged, {@code size} bytes of it handed over. */
  void progressed(long size) {
    changing(
        () -> {
          bytes -= size;
          steps++;
        });
  }

  /** A part could not be staged: the whole transaction is lost. */
  void lose(Part part) {
    changing(
        () -> {
          if (part.spill().state() == Spill.State.OPEN) {
            part.spill().state(Spill.State.LOST);
          }
          bytes -= part.bytes();
        });
  }

  /** Nothing can be staged; true if it could before. */
  boolean failed(String reason) {
    lock.lock();
    try {
      boolean first = failure.isEmpty() && !stopped;
      failure = Optional.of(reason);
      changed.signalAll();
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Changes can be staged; true if they could not before. */
  boolean recovered() {
    lock.lock();
    try {
      boolean failing = failure.isPresent();
      failure = Optional.empty();
      return failing;
    } finally {
      lock.unlock();
    }
  }

  void stop() {
    changing(() -> stopped = true);
  }
}
