package dev.freshet.engine.refresh;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * What refreshes of one stream table really cost, learned from the ones that were done.
 *
 * <p>Incremental cost is kept per binary order of magnitude of the delta's rows. An estimate is the
 * least of the last {@link #SAMPLES} samples: the first refresh of a kind compiles, plans and warms
 * caches, and any may be disturbed, but none is faster than the work takes. A size never seen is
 * scaled from the nearest one: linear upwards, constant downwards, which overestimates, so that the
 * first refresh of a new size is not a bet on the incremental side.
 *
 * <p>Each full refresh that was chosen over a known incremental cost makes that cost {@link
 * #FADING} times what it was, so that a wrong estimate is put to the test again instead of standing
 * for ever.
 *
 * <p>Cost of finding out: how many delta rows came of how many changes is remembered too, so that a
 * refresh that will be full need not consolidate a delta first. Every {@link #LOOK_EVERY}th does.
 *
 * <p>Thread-confined: used under the stream table's refresh lock.
 */
final class LearnedCosts {
  private static final int BUCKETS = 40;
  private static final int SAMPLES = 4;
  private static final double FADING = 0.95;

  /** What the first sample counts for: it compiled, planned and warmed what later ones find. */
  private static final double FIRST = 0.1;

  private static final int LOOK_EVERY = 8;

  /** A size further than this many powers of two from any seen one counts as unknown. */
  private static final int REACH = 2;

  private final Samples[] incremental = new Samples[BUCKETS];
  private final Samples full = new Samples(1);
  private OptionalDouble fill = OptionalDouble.empty();
  private double rowsPerChange = Double.NaN;
  private int foreseen;

  /** The last few samples, in milliseconds. */
  private static final class Samples {
    private final double[] last = new double[SAMPLES];
    private final double firstCountsFor;
    private int count;

    Samples(double firstCountsFor) {
      this.firstCountsFor = firstCountsFor;
    }

    void add(double milliseconds) {
      last[count % SAMPLES] = milliseconds;
      count++;
    }

    void fade() {
      for (int i = 0; i < SAMPLES; i++) {
        last[i] *= FADING;
      }
    }

    OptionalDouble least() {
      return count == 1
          ? OptionalDouble.of(last[0] * firstCountsFor)
          : Arrays.stream(last, 0, Math.min(count, SAMPLES)).min();
    }
  }

  LearnedCosts() {
    for (int i = 0; i < BUCKETS; i++) {
      incremental[i] = new Samples(FIRST);
    }
  }

  /** The initial fill bounds what a full refresh costs, until one was done. */
  void expectFull(double milliseconds) {
    fill = OptionalDouble.of(milliseconds);
  }

  void observeFull(double milliseconds) {
    full.add(milliseconds);
  }

  void observeIncremental(long deltaRows, double milliseconds) {
    incremental[bucket(deltaRows)].add(milliseconds);
  }

  /** A full refresh was preferred to an incremental one of this many delta rows. */
  void preferredFull(long deltaRows) {
    int bucket = bucket(deltaRows);
    for (int i = Math.max(0, bucket - REACH); i <= Math.min(BUCKETS - 1, bucket + REACH); i++) {
      incremental[i].fade();
    }
  }

  /** A delta was consolidated: {@code changes} row changes became {@code deltaRows} rows. */
  void observeConsolidation(long changes, long deltaRows) {
    rowsPerChange = changes == 0 ? Double.NaN : (double) deltaRows / changes;
  }

  /** Delta rows per row change, as far as known; empty when it is time to look again. */
  OptionalDouble rowsPerChange() {
    if (Double.isNaN(rowsPerChange) || ++foreseen % LOOK_EVERY == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(rowsPerChange);
  }

  OptionalDouble full() {
    OptionalDouble measured = full.least();
    return measured.isPresent() ? measured : fill;
  }

  /** Whether {@link #full} is what a full refresh took, not what the fill did. */
  boolean isFullMeasured() {
    return full.least().isPresent();
  }

  /** Milliseconds that an incremental refresh of this many delta rows should take, if known. */
  OptionalDouble incremental(long deltaRows) {
    int bucket = bucket(deltaRows);
    for (int distance = 0; distance <= REACH; distance++) {
      OptionalDouble smaller = at(bucket - distance);
      if (smaller.isPresent()) {
        return OptionalDouble.of(smaller.getAsDouble() * (1 << distance));
      }
      OptionalDouble larger = at(bucket + distance);
      if (larger.isPresent()) {
        return larger;
      }
    }
    return OptionalDouble.empty();
  }

  private OptionalDouble at(int bucket) {
    return bucket < 0 || bucket >= BUCKETS ? OptionalDouble.empty() : incremental[bucket].least();
  }

  private static int bucket(long rows) {
    return Math.min(BUCKETS - 1, 64 - Long.numberOfLeadingZeros(Math.max(0, rows)));
  }
}
