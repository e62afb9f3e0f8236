package dev.freshet.engine.refresh;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The last few durations of something, in milliseconds. The least of them estimates what it takes:
 * any may be disturbed, but none is faster than the work takes.
 */
final class Samples {
  private static final int KEPT = 4;

  private final double[] last = new double[KEPT];
  private int count;

  void add(double milliseconds) {
    last[count % KEPT] = milliseconds;
    count++;
  }

  /** It took longer than was believed possible, at least this: what was believed is forgotten. */
  void replace(double atLeastMilliseconds) {
    count = 0;
    add(atLeastMilliseconds);
  }

  void clear() {
    count = 0;
  }

  boolean isSingle() {
    return count == 1;
  }

  OptionalDouble least() {
    return Arrays.stream(last, 0, Math.min(count, KEPT)).min();
  }
}
