package dev.freshet.engine.refresh;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Stop-watch of one refresh: milliseconds by phase, in order; and of its cost, which is what the
 * next refresh of this kind will take again.
 */
final class Phases {
  private static final double NANOS_PER_MILLI = 1e6;

  private final Instant startedAt = Instant.now();
  private final long begin = System.nanoTime();
  private long mark = begin;
  private long costBegin = begin;
  private long deltaNanos;
  private long leftOutNanos;
  private final Map<String, Double> byName = new LinkedHashMap<>();

  /** Books the time since the last mark under {@code phase}. */
  void mark(String phase) {
    long now = System.nanoTime();
    book(phase, now - mark);
    mark = now;
  }

  /** The same for a phase that only an incremental refresh needs. */
  void markDelta(String phase) {
    deltaNanos += System.nanoTime() - mark;
    mark(phase);
  }

  private void book(String phase, long nanos) {
    byName.merge(phase, nanos / NANOS_PER_MILLI, Double::sum);
  }

  /** Takes what later refreshes find done out of the cost. */
  <T> T once(Supplier<T> work) {
    long start = System.nanoTime();
    try {
      return work.get();
    } finally {
      leaveOut(start);
    }
  }

  /** Takes the time since {@code startNanos} out of the cost. */
  void leaveOut(long startNanos) {
    leftOutNanos += System.nanoTime() - startNanos;
  }

  /** Books what was done since the last mark as lost. The cost begins anew. */
  void giveUp() {
    mark("given up");
    costBegin = mark;
    deltaNanos = 0;
    leftOutNanos = 0;
  }

  double total() {
    return (System.nanoTime() - begin) / NANOS_PER_MILLI;
  }

  double incrementalCost() {
    return (System.nanoTime() - costBegin - leftOutNanos) / NANOS_PER_MILLI;
  }

  /** Without the delta that it did not use: that one is spared if the next is foreseen. */
  double fullCost() {
    return incrementalCost() - deltaNanos / NANOS_PER_MILLI;
  }

  Instant startedAt() {
    return startedAt;
  }

  Map<String, Double> byName() {
    return Map.copyOf(byName);
  }
}
