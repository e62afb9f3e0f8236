package dev.freshet.bench.matrix;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.Benchmark;
import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.config.CdcMode;
import dev.freshet.engine.Engine;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Refreshes by every contender in every cell.
 *
 * @param cold whether to measure also refreshes that begin right after the change
 */
public record MatrixBenchmark(
    List<Scenario> scenarios,
    List<Integer> rows,
    List<Double> rates,
    List<String> synchronousCommit,
    Cycles cycles,
    boolean cold)
    implements Benchmark {

  /** In a quick run no cell is begun after this, so that all ends within a minute. */
  private static final Duration QUICK_BUDGET = Duration.ofSeconds(45);

  public MatrixBenchmark {
    scenarios = List.copyOf(scenarios);
    rows = List.copyOf(rows);
    rates = List.copyOf(rates);
    synchronousCommit = List.copyOf(synchronousCommit);
  }

  @Override
  public String name() {
    return "matrix";
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    run.progress().expect(cells("").size() * synchronousCommit.size());
    List<Contender> contenders = new ArrayList<>(Contender.WARM);
    if (cold) {
      contenders.addAll(Contender.COLD);
    }
    long deadline = System.nanoTime() + QUICK_BUDGET.toNanos();
    List<CellResult> results = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    for (String commit : synchronousCommit) {
      try (BenchDatabase database =
              run.server().createDatabase("matrix", Map.of("synchronous_commit", commit));
          BenchDatabase triggered =
              run.server().createDatabase("matrix_trigger", Map.of("synchronous_commit", commit));
          Engine engine = database.openEngine();
          Engine byTriggers = triggered.openEngine(CdcMode.TRIGGER)) {
        engine.start();
        byTriggers.start();
        CellRun.Sides sides =
            new CellRun.Sides(
                new CellRun.Side(database, engine), new CellRun.Side(triggered, byTriggers));
        for (Cell cell : cells(commit)) {
          if (run.quick() && System.nanoTime() > deadline) {
            skipped.add(cell.label());
            continue;
          }
          run.progress().step(cell.label() + ", synchronous_commit " + commit);
          results.add(CellRun.measure(cell, sides, contenders, cycles, run.seed()));
        }
      }
    }
    return MatrixReport.of(
        results,
        run.circumstances(
            cycles.warmUp(),
            cycles.measured(),
            Map.of("synchronous_commit", String.join(" and ", synchronousCommit))),
        skipped);
  }

  private List<Cell> cells(String commit) {
    List<Cell> cells = new ArrayList<>();
    for (int size : rows) {
      for (Scenario scenario : scenarios) {
        for (double rate : rates) {
          cells.add(new Cell(scenario, size, rate, commit));
        }
      }
    }
    return cells;
  }
}
