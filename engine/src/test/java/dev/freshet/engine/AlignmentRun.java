package dev.freshet.engine;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.workload.Shop;
import dev.freshet.engine.workload.Writers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * Refreshes every stream table of a {@link Shop} again and again, several at a time, under writers,
 * and compares each with its query inside the refresh's own transaction.
 */
final class AlignmentRun {
  private static final int REFRESHERS = 4;

  /** Differing refreshes that are kept for the report; the count goes on. */
  private static final int SHOWN = 5;

  private final Freshet freshet;
  private final long seed;
  private final Map<Mode, Integer> refreshes = new EnumMap<>(Mode.class);
  private final List<AuditReport> differing = Collections.synchronizedList(new ArrayList<>());
  private volatile int differences;
  private long transactions;

  AlignmentRun(Freshet freshet, long seed) {
    this.freshet = freshet;
    this.seed = seed;
  }

  /** A seed given by {@code -Dfreshet.seed}, or a new one; told, so that a run can be repeated. */
  static long seed(Class<?> test) {
    long seed = Long.getLong("freshet.seed", System.nanoTime() ^ ProcessHandle.current().pid());
    System.out.printf("%s: -Dfreshet.seed=%d%n", test.getSimpleName(), seed);
    return seed;
  }

  /** The stream tables; their deltas are never too large for an incremental refresh. */
  static void createStreamTables(Freshet freshet) throws SQLException {
    Shop.open(freshet.database());
    Shop.queries()
        .forEach(
            (name, query) ->
                freshet.create(name, query, Map.of("max-change-ratio", "1", "cost", "off")));
  }

  /** Writes and refreshes for {@code duration}, then until all that was written has arrived. */
  AlignmentRun during(Duration duration, int writers) throws Exception {
    run(duration, writers, () -> true);
    Shop.queries().keySet().forEach(this::audit);
    System.out.println(this);
    return this;
  }

  /** Stops at the first difference. */
  AlignmentRun untilOneDiffers(Duration longest, int writers) throws Exception {
    run(longest, writers, () -> differences == 0);
    System.out.println(this);
    return this;
  }

  private void run(Duration duration, int writers, BooleanSupplier goesOn) throws Exception {
    List<String> names = List.copyOf(Shop.queries().keySet());
    long end = System.nanoTime() + duration.toNanos();
    try (Writers load = Writers.start(freshet.database(), writers, seed);
        ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread::new)) {
      List<Future<?>> loops = new ArrayList<>();
      for (int i = 0; i < REFRESHERS; i++) {
        Random random = new Random(seed + i);
        loops.add(
            executor.submit(
                () -> {
                  while (System.nanoTime() < end && goesOn.getAsBoolean()) {
                    audit(names.get(random.nextInt(names.size())));
                  }
                }));
      }
      for (Future<?> loop : loops) {
        finish(loop);
      }
      transactions = load.committed();
    }
  }

  private static void finish(Future<?> loop) throws Exception {
    try {
      loop.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private void audit(String name) {
    Reply.Audited reply =
        (Reply.Audited) freshet.engine().execute(new Command.Audit(List.of(name), 3));
    AuditReport report = reply.reports().getFirst();
    synchronized (refreshes) {
      report.refresh().ifPresent(refresh -> refreshes.merge(refresh.mode(), 1, Integer::sum));
      if (!report.equal()) {
        differences++;
        if (differing.size() < SHOWN) {
          differing.add(report);
        }
      }
    }
  }

  /** Refreshes that were compared. */
  int compared() {
    return refreshes.values().stream().mapToInt(Integer::intValue).sum();
  }

  int count(Mode mode) {
    return refreshes.getOrDefault(mode, 0);
  }

  /** Of the refreshes that had something to do, the share that was done from changes. */
  double incrementalShare() {
    int incremental = count(Mode.INCREMENTAL);
    return incremental / (double) Math.max(1, compared() - count(Mode.NOOP));
  }

  int differences() {
    return differences;
  }

  /** The first refreshes whose result was not their query's. */
  List<AuditReport> differing() {
    return List.copyOf(differing);
  }

  @Override
  public String toString() {
    return "%,d refreshes compared under %,d transactions: %s, %.1f %% incremental, differing: %d"
        .formatted(compared(), transactions, refreshes, 100 * incrementalShare(), differences);
  }
}
