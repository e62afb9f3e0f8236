package dev.freshet.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** The state of an engine, and those who wait for another one. */
final class CurrentState {
  private final ReentrantLock mutex = new ReentrantLock();
  private final Condition changed = mutex.newCondition();
  private volatile EngineState state;

  CurrentState(EngineState first) {
    state = first;
  }

  EngineState get() {
    return state;
  }

  boolean isClosed() {
    return state instanceof EngineState.Closed;
  }

  /** False if the engine was closed meanwhile: then nothing changes any more. */
  boolean change(EngineState next) {
    mutex.lock();
    try {
      if (isClosed()) {
        return false;
      }
      state = next;
      changed.signalAll();
      return true;
    } finally {
      mutex.unlock();
    }
  }

  /** Closed from now on; tells what it was before. */
  EngineState close() {
    mutex.lock();
    try {
      EngineState last = state;
      state = new EngineState.Closed(Instant.now());
      changed.signalAll();
      return last;
    } finally {
      mutex.unlock();
    }
  }

  /** Something that others look at beside the state has changed. */
  void wake() {
    mutex.lock();
    try {
      changed.signalAll();
    } finally {
      mutex.unlock();
    }
  }

  /**
   * Until something has changed, or the time is over.
   *
   * @param quiet whether there is anything to wait for; asked so that no change is missed
   */
  void await(BooleanSupplier quiet, Duration longest) {
    mutex.lock();
    try {
      if (quiet.getAsBoolean() && !isClosed()) {
        boolean _ = changed.await(longest.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      mutex.unlock();
    }
  }

  /** The state once it is none that passes by itself, or as it is when the time is over. */
  EngineState settled(Duration patience) throws InterruptedException {
    return await(now -> !(now instanceof EngineState.Attaching), patience);
  }

  /** The state once it is one of those, or as it is when the time is over. */
  EngineState await(Predicate<EngineState> those, Duration patience) throws InterruptedException {
    mutex.lock();
    try {
      long left = patience.toNanos();
      while (!those.test(state) && left > 0) {
        left = changed.awaitNanos(left);
      }
      return state;
    } finally {
      mutex.unlock();
    }
  }
}
