package dev.freshet.bench.noop;

import com.sun.management.OperatingSystemMXBean;
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
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Refreshes with nothing to do.
 *
 * @param watch how long ticks are watched
 * @param calls manual refreshes per stream table
 */
public record NoopBenchmark(Duration watch, int calls) implements Benchmark {
  private static final int ROWS = 10_000;
  private static final Duration TICK = Duration.ofMillis(1);
  private static final int WARM_UP_CALLS = 20;

  /** CPU of this process and statements of the database over one watch. */
  private record Watched(double cpuMillis, StatementCount.Counted statements) {}

  @Override
  public String name() {
    return "noop";
  }

  @Override
  public Map<String, String> serverSettings() {
    return Map.of("shared_preload_libraries", "pg_stat_statements");
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    run.progress().expect(3);
    try (BenchDatabase database = run.server().createDatabase("noop", Map.of());
        Connection connection = database.connect();
        Engine engine = database.openEngine()) {
      SourceTables source = SourceTables.create(connection, ROWS, run.seed());
      for (Scenario scenario : Scenario.values()) {
        StreamTables.create(engine, name(scenario), scenario.query(), Map.of("schedule", "manual"));
      }
      engine.start();
      Findings findings = new Findings();
      ticks(run, engine, connection, findings);
      manual(run, engine, findings);
      check(engine, connection, source, findings);
      return findings.report(run, this);
    }
  }

  private static String name(Scenario scenario) {
    return "public.st_" + scenario.label();
  }

  private void ticks(BenchRun run, Engine engine, Connection connection, Findings findings)
      throws SQLException {
    StatementCount count = StatementCount.of(connection);
    StreamTables.awaitDecoded(engine, connection);
    run.progress().step("no schedule, watched for " + watch.toSeconds() + " s");
    watch(connection, count); // The first one warms up.
    Watched idle = watch(connection, count);
    for (Scenario scenario : Scenario.values()) {
      engine.execute(
          new Command.Alter(
              name(scenario), Optional.empty(), Map.of("schedule", TICK.toMillis() + "ms")));
    }
    run.progress().step("a tick every millisecond, watched for " + watch.toSeconds() + " s");
    watch(connection, count);
    Watched ticking = watch(connection, count);
    for (Scenario scenario : Scenario.values()) {
      engine.execute(
          new Command.Alter(name(scenario), Optional.empty(), Map.of("schedule", "manual")));
    }
    long ticks = watch.dividedBy(TICK) * Scenario.values().length;
    findings.tick(ticks, idle, ticking);
  }

  private Watched watch(Connection connection, StatementCount count) throws SQLException {
    count.reset(connection);
    long before = cpuNanos();
    StreamTables.pause(watch);
    double cpuMillis = (cpuNanos() - before) / 1e6;
    return new Watched(cpuMillis, count.read(connection));
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean bean
        ? bean.getProcessCpuTime()
        : 0;
  }

  private void manual(BenchRun run, Engine engine, Findings findings) {
    run.progress().step("manual refreshes with nothing to do");
    Map<Scenario, List<Double>> millis = new LinkedHashMap<>();
    for (int call = 0; call < WARM_UP_CALLS + calls; call++) {
      for (Scenario scenario : Scenario.values()) {
        long start = System.nanoTime();
        RefreshReport report = StreamTables.refresh(engine, name(scenario), Optional.empty());
        double took = (System.nanoTime() - start) / 1e6;
        if (call >= WARM_UP_CALLS) {
          millis.computeIfAbsent(scenario, _ -> new ArrayList<>()).add(took);
          if (report.mode() != RefreshReport.Mode.NOOP) {
            findings.fault(
                "%s: a refresh with nothing to do was %s (%s)"
                    .formatted(scenario, report.mode(), report.reason()));
          }
        }
      }
    }
    millis.forEach((scenario, all) -> findings.manual(scenario, Samples.of(all)));
  }

  /** Whoever does nothing fast must still do something when there is something to do. */
  private static void check(
      Engine engine, Connection connection, SourceTables source, Findings findings)
      throws SQLException {
    source.change(100);
    for (Scenario scenario : Scenario.values()) {
      StreamTables.refresh(engine, name(scenario), Optional.empty());
      long differences = Comparison.differences(connection, name(scenario), scenario.query());
      findings.equal.put(scenario, differences == 0);
      if (differences > 0) {
        findings.fault("%s: %d rows differ from the query".formatted(scenario, differences));
      }
    }
  }

  /** What was found, on its way to a report. */
  private static final class Findings {
    private final List<Map<String, Object>> lines = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final Map<Scenario, Boolean> equal = new LinkedHashMap<>();

    void tick(long ticks, Watched idle, Watched ticking) {
      double perTick = Math.max(0, ticking.cpuMillis() - idle.cpuMillis()) / ticks;
      long extra = Math.max(0, ticking.statements().calls() - idle.statements().calls());
      verdicts.add(new Verdict("a", "scheduled tick", "CPU", perTick, Bound.LESS_THAN, 0.05, "ms"));
      verdicts.add(
          new Verdict(
              "a",
              "scheduled tick",
              "statements per 1,000 ticks",
              extra * 1000.0 / ticks,
              Bound.LESS_THAN,
              1,
              ""));
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("bench", "noop");
      line.put("case", "tick");
      line.put("ticks", ticks);
      line.put("cpu_ms_per_tick", Math.rint(perTick * 1e6) / 1e6);
      line.put("statements_without_ticks", idle.statements().calls());
      line.put("statements_with_ticks", ticking.statements().calls());
      line.put("statements_counted_by", ticking.statements().method());
      lines.add(line);
      rows.add(
          List.of(
              "scheduled tick (5 stream tables, 1 ms)",
              Figures.count(ticks),
              Figures.significant(perTick * 1000) + " µs CPU",
              "–",
              Figures.count(extra)));
      notes.add(
          "A tick's time is the CPU time of the whole engine process while five stream tables tick"
              + " every millisecond, less the same time without schedules, divided by the ticks"
              + " that were due.");
      notes.add(
          "Statements are counted by %s, less those of a watch without schedules (%d; the engine's"
                  .formatted(ticking.statements().method(), idle.statements().calls())
              + " housekeeping): "
              + ticking.statements().examples());
    }

    void manual(Scenario scenario, Samples millis) {
      verdicts.add(
          new Verdict(
              "b", "manual " + scenario, "median", millis.median(), Bound.LESS_THAN, 2, "ms"));
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("bench", "noop");
      line.put("case", "manual");
      line.put("scenario", scenario.label());
      line.put("median_ms", Figures.rounded(millis.median()));
      line.put("p95_ms", Figures.rounded(millis.p95()));
      line.put("calls", millis.count());
      lines.add(line);
      rows.add(
          List.of(
              "manual, " + scenario,
              Figures.count(millis.count()),
              Figures.millis(millis.median()) + " ms",
              Figures.millis(millis.p95()) + " ms",
              "–"));
    }

    void fault(String fault) {
      if (!faults.contains(fault)) {
        faults.add(fault);
      }
    }

    BenchReport report(BenchRun run, NoopBenchmark bench) throws SQLException {
      for (Map<String, Object> line : lines) {
        line.put("equal", equal.values().stream().allMatch(Boolean::booleanValue));
      }
      return new BenchReport(
          "noop",
          "a refresh with nothing to do; the ancestor needs 2 to 10 ms",
          run.circumstances(WARM_UP_CALLS, bench.calls()),
          lines,
          List.of(
              TextTable.of(
                  "Nothing to do",
                  1,
                  List.of("refresh", "times", "median", "p95", "statements"),
                  rows)),
          verdicts,
          notes,
          faults,
          Optional.empty());
    }
  }
}
