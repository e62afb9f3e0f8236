package dev.freshet.bench.tpch;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.Benchmark;
import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.matrix.Cycles;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The TPC-H queries under changes. All queries and contenders stand side by side, so that all
 * follow the same changes and the log is read once, as where people have many stream tables.
 *
 * @param scale 1 is a gigabyte: 6 million lines of 1.5 million orders
 * @param queries numbers of those to measure
 * @param rates shares of orders and lines that change in a cycle, in this order
 */
public record TpchBenchmark(double scale, List<Integer> queries, List<Double> rates, Cycles cycles)
    implements Benchmark {

  /** In a quick run no query is begun after this, so that all ends within a minute or so. */
  private static final Duration QUICK_BUDGET = Duration.ofSeconds(58);

  /** In a quick run no table is filled after this, so that those that are get measured. */
  private static final Duration QUICK_FILLS = Duration.ofSeconds(42);

  private static final List<Contender> ALL =
      List.of(Contender.FULL, Contender.RMV, Contender.WAL, Contender.AUTO);
  private static final List<Contender> QUICK =
      List.of(Contender.FULL, Contender.WAL, Contender.AUTO);

  public TpchBenchmark {
    queries = List.copyOf(queries);
    rates = List.copyOf(rates);
  }

  @Override
  public String name() {
    return "tpch";
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    TpchScript script = TpchScript.read(scale);
    List<TpchQuery> chosen =
        script.queries().stream().filter(query -> queries.contains(query.number())).toList();
    int rounds = rates.size() * (cycles.warmUp() + cycles.measured());
    run.progress().expect(1 + chosen.size() * (1 + rounds));
    long begin = System.nanoTime();
    long deadline = begin + QUICK_BUDGET.toNanos();
    List<QueryResult> results = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    try (BenchDatabase database =
            run.server().createDatabase("tpch", Map.of("search_path", "tpch"));
        Connection connection = database.connect()) {
      run.progress().step("load scale factor " + scale);
      TpchData.load(connection, script, scale);
      try (Engine engine = database.openEngine()) {
        engine.start();
        List<Rival> rivals =
            rivals(chosen, engine, connection, run, begin + QUICK_FILLS.toNanos(), skipped);
        RefreshSets changes = new RefreshSets(connection, run.seed());
        for (double rate : rates) {
          for (Rival rival : measure(rivals, changes, rate, run, deadline, skipped)) {
            results.add(rival.result(rate));
          }
        }
      }
    }
    return TpchReport.of(
        scale, results, run.circumstances(cycles.warmUp(), cycles.measured()), skipped);
  }

  private static List<Rival> rivals(
      List<TpchQuery> chosen,
      Engine engine,
      Connection connection,
      BenchRun run,
      long deadline,
      List<String> skipped)
      throws SQLException {
    List<Rival> rivals = new ArrayList<>();
    for (TpchQuery query : chosen) {
      if (run.quick() && System.nanoTime() > deadline) {
        skipped.add(query.name());
        continue;
      }
      run.progress().step("fill " + query.name());
      Rival rival = new Rival(query, Maintenance.of(query, connection), engine, connection);
      rival.create(run.quick() ? QUICK : ALL);
      rivals.add(rival);
    }
    return rivals;
  }

  /** Those that were measured in the last cycle. */
  private List<Rival> measure(
      List<Rival> rivals,
      RefreshSets changes,
      double rate,
      BenchRun run,
      long deadline,
      List<String> skipped)
      throws SQLException {
    List<Rival> measured = List.of();
    for (int cycle = 0; cycle < cycles.warmUp() + cycles.measured(); cycle++) {
      measured = new ArrayList<>();
      long changed = changes.change(rate);
      for (Rival rival : rivals) {
        String label = rival.query().name() + ", " + Figures.percent(rate) + " changed";
        if (run.quick() && System.nanoTime() > deadline) {
          skipped.add(label);
          continue;
        }
        run.progress().step(label);
        rival.refresh(changed, cycle, cycle >= cycles.warmUp());
        measured.add(rival);
      }
    }
    return measured;
  }
}
