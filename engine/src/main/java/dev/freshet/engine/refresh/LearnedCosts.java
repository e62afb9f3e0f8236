package dev.freshet.engine.refresh;

import java.util.OptionalDouble;

/**
 * What refreshes of one stream table really cost, learned from the ones that were done.
 *
 * <p>Incremental cost is kept per binary order of magnitude of the delta's rows, as an
 * exponentially weighted mean (weight ½ for the newest: load changes, and a wrong guess costs one
 * refresh). A size never seen is scaled from the nearest one: linear upwards, constant downwards,
 * which overestimates, so that the first refresh of a new size is not a bet on the incremental
 * side.
 *
 * <p>Thread-confined: used under the stream table's refresh lock.
 */
final class LearnedCosts {
  private static final int BUCKETS = 40;
  private static final double NEWEST = 0.5;

  /** A size further than this many powers of two from any seen one counts as unknown. */
  private static final int REACH = 2;

  private final double[] incremental = new double[BUCKETS];
  private double full = Double.NaN;
  private boolean fullMeasured;

  LearnedCosts() {
    java.util.Arrays.fill(incremental, Double.NaN);
  }

  /** The initial fill bounds what a full refresh costs, until one was done. */
  void expectFull(double milliseconds) {
    if (!fullMeasured) {
      full = milliseconds;
    }
  }

  void observeFull(double milliseconds) {
    full = fullMeasured ? mean(full, milliseconds) : milliseconds;
    fullMeasured = true;
  }

  void observeIncremental(long deltaRows, double milliseconds) {
    int bucket = bucket(deltaRows);
    double old = incremental[bucket];
    incremental[bucket] = Double.isNaN(old) ? milliseconds : mean(old, milliseconds);
  }

  private static double mean(double old, double newest) {
    return old + NEWEST * (newest - old);
  }

  OptionalDouble full() {
    return Double.isNaN(full) ? OptionalDouble.empty() : OptionalDouble.of(full);
  }

  /** Milliseconds that an incremental refresh of this many delta rows should take, if known. */
  OptionalDouble incremental(long deltaRows) {
    int bucket = bucket(deltaRows);
    for (int distance = 0; distance <= REACH; distance++) {
      if (bucket - distance >= 0 && !Double.isNaN(incremental[bucket - distance])) {
        return OptionalDouble.of(incremental[bucket - distance] * (1 << distance));
      }
      if (bucket + distance < BUCKETS && !Double.isNaN(incremental[bucket + distance])) {
        return OptionalDouble.of(incremental[bucket + distance]);
      }
    }
    return OptionalDouble.empty();
  }

  private static int bucket(long rows) {
    return Math.min(BUCKETS - 1, 64 - Long.numberOfLeadingZeros(Math.max(0, rows)));
  }
}
