package dev.freshet.bench.freshness;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.Benchmark;
import dev.freshet.bench.matrix.Scenario;
import dev.freshet.bench.matrix.SourceTables;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.report.TextTable;
import dev.freshet.bench.report.Verdict;
import dev.freshet.bench.report.Verdict.Bound;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.bench.server.Comparison;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * From commit to visible, in five stream tables with the schedule {@code continuous}, under a
 * steady load of changes.
 */
public record FreshnessBenchmark(Duration warmUp, Duration duration, int rows, int changesPerSecond)
    implements Benchmark {
  private static final double P50_LIMIT = 20;
  private static final double P99_LIMIT = 100;
  private static final double LOAD_KEPT_UP = 0.95;

  @Override
  public String name() {
    return "freshness";
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    run.progress().expect(4);
    try (BenchDatabase database = run.server().createDatabase("freshness", Map.of());
        Connection connection = database.connect();
        Engine engine = database.openEngine()) {
      run.progress().step("making %,d rows and five stream tables".formatted(rows));
      SourceTables.create(connection, rows, run.seed());
      int id = Probe.insertRow(connection);
      for (Scenario scenario : Scenario.values()) {
        StreamTables.create(
            engine, table(scenario), scenario.query(), Map.of("schedule", "continuous"));
      }
      engine.start();
      long changes;
      double seconds;
      try (Probe probe = Probe.of(database.connect(), database.connect(), id)) {
        try (BackgroundLoad load =
            new BackgroundLoad(database, rows, changesPerSecond, run.seed())) {
          load.start();
          run.progress().step("warming up");
          shoot(probe, warmUp, false, run.seed());
          run.progress()
              .step(
                  "probing for %d s at %,d changes/s"
                      .formatted(duration.toSeconds(), changesPerSecond));
          long before = load.changes();
          long start = System.nanoTime();
          shoot(probe, duration, true, run.seed());
          seconds = (System.nanoTime() - start) / 1e9;
          changes = load.changes() - before;
          if (load.failure().isPresent()) {
            throw load.failure().get();
          }
        }
        run.progress().step("checking the results");
        return report(run, probe, changes / seconds, check(engine, connection));
      }
    }
  }

  private static String table(Scenario scenario) {
    return "public.st_" + scenario.label();
  }

  /** Probes at random distances, so that they do not keep step with the engine. */
  private static void shoot(Probe probe, Duration duration, boolean count, long seed)
      throws SQLException {
    SplittableRandom random = new SplittableRandom(seed);
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      probe.shoot(count);
      StreamTables.pause(Duration.ofMillis(2 + random.nextInt(30)));
    }
  }

  private static Map<Scenario, Boolean> check(Engine engine, Connection connection)
      throws SQLException {
    Map<Scenario, Boolean> equal = new LinkedHashMap<>();
    for (Scenario scenario : Scenario.values()) {
      StreamTables.refresh(engine, table(scenario), Optional.empty());
      equal.put(
          scenario, Comparison.differences(connection, table(scenario), scenario.query()) == 0);
    }
    return equal;
  }

  private BenchReport report(
      BenchRun run, Probe probe, double changeRate, Map<Scenario, Boolean> equal)
      throws SQLException {
    List<Map<String, Object>> lines = new ArrayList<>();
    List<List<String>> rowsShown = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    for (Scenario scenario : Scenario.values()) {
      Samples samples = Samples.of(probe.millis().getOrDefault(scenario, List.of()));
      boolean same = equal.getOrDefault(scenario, false);
      lines.add(line(scenario, samples, changeRate, same));
      rowsShown.add(
          List.of(
              scenario.label(),
              Figures.count(samples.count()),
              Figures.millis(samples.median()),
              Figures.millis(samples.p95()),
              Figures.millis(samples.p99()),
              Figures.millis(samples.max())));
      verdicts.add(verdict(scenario, "p50", samples.median(), P50_LIMIT, changeRate));
      verdicts.add(verdict(scenario, "p99", samples.p99(), P99_LIMIT, changeRate));
      if (!same) {
        faults.add(scenario + " differs from its query");
      }
    }
    Samples uncertainty = Samples.of(probe.uncertainty());
    return new BenchReport(
        "freshness",
        "from commit to visible in five stream tables, schedule continuous, %,.0f changes/s"
            .formatted(changeRate),
        run.circumstances(
            0, Samples.of(probe.millis().getOrDefault(Scenario.SCAN, List.of())).count()),
        lines,
        List.of(
            TextTable.of(
                "Milliseconds from commit to visible",
                1,
                List.of("stream table", "probes", "p50", "p95", "p99", "max"),
                rowsShown)),
        verdicts,
        List.of(
            "A probe changes one row that all five stream tables show, commits, and polls all five"
                + " in one statement until they show it. Its time begins when the commit has"
                + " returned and ends when the answer that shows it has arrived.",
            "A time is too long by the time since the last look without it, at most: median "
                + Figures.millis(uncertainty.median())
                + " ms, p95 "
                + Figures.millis(uncertainty.p95())
                + " ms. Nothing is subtracted.",
            "The load is two writers with five rows per transaction; they share the cores with"
                + " server and engine. The ancestor shows a change after about 500 ms."),
        faults,
        Optional.empty());
  }

  private Verdict verdict(
      Scenario scenario, String what, double value, double limit, double changeRate) {
    Verdict verdict = new Verdict(what, scenario.label(), what, value, Bound.AT_MOST, limit, "ms");
    return changeRate >= LOAD_KEPT_UP * changesPerSecond
        ? verdict
        : verdict.spoiltBy("only %.0f changes/s were written".formatted(changeRate));
  }

  private static Map<String, Object> line(
      Scenario scenario, Samples samples, double changeRate, boolean equal) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("bench", "freshness");
    line.put("scenario", scenario.label());
    line.put("probes", samples.count());
    line.put("p50_ms", Figures.rounded(samples.median()));
    line.put("p95_ms", Figures.rounded(samples.p95()));
    line.put("p99_ms", Figures.rounded(samples.p99()));
    line.put("max_ms", Figures.rounded(samples.max()));
    line.put("changes_per_second", Figures.rounded(changeRate));
    line.put("equal", equal);
    return line;
  }
}
