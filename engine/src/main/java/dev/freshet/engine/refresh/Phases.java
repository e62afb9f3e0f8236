package dev.freshet.engine.refresh;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Stop-watch of one refresh: milliseconds by phase, in order. */
final class Phases {
  private static final double NANOS_PER_MILLI = 1e6;

  private final Instant startedAt = Instant.now();
  private final long begin = System.nanoTime();
  private long mark = begin;
  private final Map<String, Double> byName = new LinkedHashMap<>();

  /** Books the time since the last mark under {@code phase}. */
  void mark(String phase) {
    long now = System.nanoTime();
    byName.merge(phase, (now - mark) / NANOS_PER_MILLI, Double::sum);
    mark = now;
  }

  double total() {
    return (System.nanoTime() - begin) / NANOS_PER_MILLI;
  }

  Instant startedAt() {
    return startedAt;
  }

  Map<String, Double> byName() {
    return Map.copyOf(byName);
  }
}
