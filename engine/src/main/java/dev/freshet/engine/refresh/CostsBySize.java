package dev.freshet.engine.refresh;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What incremental refreshes have cost whose deltas are of the same sources, by binary orders of
 * magnitude of their rows.
 *
 * <p>A size never seen is scaled from the nearest one: linear upwards, constant downwards, which
 * overestimates. From far below, only a bound comes: more rows do not cost less.
 *
 * <p><b>Trials.</b> Where a full refresh is expected to be cheaper, nothing more is learned of the
 * incremental one; its cost may have been a disturbance, or the sources may have got the index that
 * was missing. So after some full refreshes in its place it is tried again. That may cost up to a
 * full refresh, hence each failure in a row doubles the number of full refreshes before the next:
 * of n refreshes no more than about log₂ n are trials.
 */
final class CostsBySize {
  private static final int BUCKETS = 40;

  /** Full refreshes before the first trial. */
  private static final int PATIENCE = 2;

  private static final int MOST_FAILURES = 8;

  /** A size further than this many powers of two above any seen one is not estimated from it. */
  private static final int REACH = 2;

  private final Bucket[] buckets = new Bucket[BUCKETS];

  /** Incremental refreshes of one order of magnitude. */
  private static final class Bucket {
    private final Samples samples = new Samples();
    private int failures;
    private int fullsSince;

    Basis basis() {
      return samples.isSingle() ? Basis.ONE : Basis.SEVERAL;
    }

    boolean isTrialDue() {
      return fullsSince >= Math.max(PATIENCE, 1 << Math.min(failures, MOST_FAILURES));
    }
  }

  /** What an estimate rests on. */
  enum Basis {
    SEVERAL,
    /** One sample: it warmed caches and may have been disturbed, and nothing tells. */
    ONE,
    /** Much smaller deltas only: it may cost far more. */
    BOUND
  }

  record Estimate(double milliseconds, Basis basis) {
    boolean isBound() {
      return basis == Basis.BOUND;
    }
  }

  CostsBySize() {
    for (int i = 0; i < BUCKETS; i++) {
      buckets[i] = new Bucket();
    }
  }

  /** What a delta of this many rows should cost, if anything is known. */
  Optional<Estimate> estimate(long rows) {
    int bucket = bucket(rows);
    for (int distance = 0; distance < BUCKETS; distance++) {
      OptionalDouble smaller = at(bucket - distance);
      if (smaller.isPresent()) {
        return Optional.of(
            distance <= REACH
                ? new Estimate(
                    smaller.getAsDouble() * (1 << distance), buckets[bucket - distance].basis())
                : new Estimate(smaller.getAsDouble(), Basis.BOUND));
      }
      OptionalDouble larger = at(bucket + distance);
      if (larger.isPresent()) {
        return Optional.of(new Estimate(larger.getAsDouble(), buckets[bucket + distance].basis()));
      }
    }
    return Optional.empty();
  }

  /** It was done, and was not dearer than a full refresh as far as is known. */
  void succeeded(long rows, double milliseconds) {
    int bucket = bucket(rows);
    buckets[bucket].samples.add(milliseconds);
    for (int i = 0; i <= bucket; i++) {
      if (i >= bucket - REACH) {
        buckets[i].failures = 0;
        buckets[i].fullsSince = 0;
      }
      if (i < bucket && at(i).orElse(0) > milliseconds) {
        buckets[i].samples.clear();
      }
    }
  }

  /** It was done, and a full refresh is cheaper. */
  void failed(long rows, double milliseconds) {
    buckets[bucket(rows)].samples.add(milliseconds);
    countFailure(rows);
  }

  /** It was given up after so long. */
  void stopped(long rows, double milliseconds) {
    buckets[bucket(rows)].samples.replace(milliseconds);
    countFailure(rows);
  }

  private void countFailure(long rows) {
    int bucket = bucket(rows);
    int failures = buckets[bucket].failures + 1;
    for (int i = bucket; i <= Math.min(BUCKETS - 1, bucket + REACH); i++) {
      buckets[i].failures = Math.max(buckets[i].failures, failures);
      buckets[i].fullsSince = 0;
    }
  }

  /** A full refresh took the place of one of this many delta rows. */
  void preferredFull(long rows) {
    int bucket = bucket(rows);
    for (int i = Math.max(0, bucket - REACH); i <= Math.min(BUCKETS - 1, bucket + REACH); i++) {
      buckets[i].fullsSince++;
    }
  }

  /** Whether an incremental refresh that is believed to be dearer shall be tried again. */
  boolean isTrialDue(long rows) {
    return buckets[bucket(rows)].isTrialDue();
  }

  private OptionalDouble at(int bucket) {
    return bucket < 0 || bucket >= BUCKETS
        ? OptionalDouble.empty()
        : buckets[bucket].samples.least();
  }

  private static int bucket(long rows) {
    return Math.min(BUCKETS - 1, 64 - Long.numberOfLeadingZeros(Math.max(0, rows)));
  }
}
