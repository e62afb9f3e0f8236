package dev.freshet.engine.schedule;

import java.time.Duration;

/** How long to wait after the n-th failure in a row: doubling from 250 ms to 30 s. */
final class Backoff {
  private static final long FIRST_MILLIS = 250;
  private static final long LONGEST_MILLIS = 30_000;

  private int failures;

  synchronized Duration next() {
    long wait = FIRST_MILLIS << Math.min(failures, 20);
    failures++;
    return Duration.ofMillis(Math.min(wait, LONGEST_MILLIS));
  }

  synchronized void reset() {
    failures = 0;
  }

  synchronized boolean failing() {
    return failures > 0;
  }
}
