package dev.freshet.demo;

import dev.freshet.bench.report.Samples;
import dev.freshet.engine.control.RefreshReport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** What is known of one stream table while the demo runs. Thread-safe. */
final class TableFigures {
  private static final int REMEMBERED_SAMPLES = 400;
  private static final long RATE_WINDOW_NANOS = 3_000_000_000L;

  /** Consumed changes of one refresh. */
  private record Consumed(long atNanos, long changes) {}

  private final Deque<Double> freshness = new ArrayDeque<>();
  private final Deque<Consumed> consumed = new ArrayDeque<>();
  private long refreshes;
  private long failures;
  private long rows;
  private Optional<RefreshReport> last = Optional.empty();

  synchronized void refreshed(RefreshReport report, long nowNanos) {
    refreshes++;
    if (report.mode() == RefreshReport.Mode.FAILED) {
      failures++;
    }
    last = Optional.of(report);
    consumed.addLast(new Consumed(nowNanos, report.changes()));
    forget(nowNanos);
  }

  private void forget(long nowNanos) {
    while (!consumed.isEmpty() && nowNanos - consumed.getFirst().atNanos() > RATE_WINDOW_NANOS) {
      consumed.removeFirst();
    }
  }

  /** A marked commit became visible after this many milliseconds. */
  synchronized void visibleAfter(double millis) {
    freshness.addLast(millis);
    if (freshness.size() > REMEMBERED_SAMPLES) {
      freshness.removeFirst();
    }
  }

  synchronized void setRows(long count) {
    rows = count;
  }

  synchronized long rows() {
    return rows;
  }

  synchronized long refreshes() {
    return refreshes;
  }

  synchronized long failures() {
    return failures;
  }

  synchronized Optional<RefreshReport> last() {
    return last;
  }

  /** Source row changes that refreshes consumed, per second, over the last three seconds. */
  synchronized double changesPerSecond(long nowNanos) {
    forget(nowNanos);
    long changes = consumed.stream().mapToLong(Consumed::changes).sum();
    return changes / (RATE_WINDOW_NANOS / 1e9);
  }

  /** Milliseconds from commit to visible, of the newest marked commits; empty before the first. */
  synchronized Optional<Samples> freshness() {
    return freshness.isEmpty() ? Optional.empty() : Optional.of(Samples.of(freshness));
  }
}
