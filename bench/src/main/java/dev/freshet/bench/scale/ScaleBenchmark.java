package dev.freshet.bench.scale;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.Benchmark;
import dev.freshet.bench.matrix.Cycles;
import dev.freshet.bench.matrix.Scenario;
import dev.freshet.bench.matrix.SourceTables;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.bench.server.Comparison;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.engine.Engine;
import dev.freshet.engine.control.RefreshReport;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Incremental refreshes after the same number of changes, against sources of several sizes. All
 * sizes exist at the same time and take turns within a cycle.
 *
 * @param changes changed rows per cycle
 */
public record ScaleBenchmark(
    List<Scenario> scenarios, List<Integer> sizes, int changes, Cycles cycles)
    implements Benchmark {

  /** Above this, comparing rows would take longer than everything else: hashes are summed. */
  private static final int COMPARED_ROW_BY_ROW = 1_000_000;

  private static final Map<String, String> SETTINGS =
      Map.of(
          "schedule", "manual",
          "mode", "incremental",
          "max-change-ratio", "1",
          "cost", "off");

  /** One size of one scenario. */
  record Point(Scenario scenario, int size) {
    String schema() {
      return "n" + size;
    }

    String table() {
      return schema() + ".st_" + scenario.label();
    }

    String query() {
      return scenario
          .query()
          .replace("FROM src", "FROM " + schema() + ".src")
          .replace("JOIN dim", "JOIN " + schema() + ".dim");
    }
  }

  /** What was measured at a point. */
  record Outcome(Samples millis, long deltaRows, boolean equal) {}

  public ScaleBenchmark {
    scenarios = List.copyOf(scenarios);
    sizes = sizes.stream().sorted().toList();
  }

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    run.progress().expect(sizes.size() * 2 + cycles.warmUp() + cycles.measured());
    try (BenchDatabase database = run.server().createDatabase("scale", Map.of());
        Connection connection = database.connect();
        Engine engine = database.openEngine()) {
      engine.start();
      List<SourceTables> sources = new ArrayList<>();
      for (int size : sizes) {
        run.progress().step("making %,d rows and their stream tables".formatted(size));
        sources.add(create(connection, engine, size, run.seed()));
      }
      Map<Point, List<RefreshReport>> reports = new LinkedHashMap<>();
      Map<Point, List<Double>> millis = new LinkedHashMap<>();
      for (int cycle = 0; cycle < cycles.warmUp() + cycles.measured(); cycle++) {
        run.progress().step("cycle " + (cycle + 1));
        boolean measured = cycle >= cycles.warmUp();
        for (int i = 0; i < sizes.size(); i++) {
          int turn = (i + cycle) % sizes.size();
          int size = sizes.get(turn);
          sources.get(turn).change(changes);
          for (Scenario scenario : scenarios) {
            Point point = new Point(scenario, size);
            StreamTables.awaitDecoded(engine, connection);
            long start = System.nanoTime();
            RefreshReport report =
                StreamTables.refresh(engine, point.table(), Optional.of("incremental"));
            double took = (System.nanoTime() - start) / 1e6;
            if (measured) {
              millis.computeIfAbsent(point, _ -> new ArrayList<>()).add(took);
              reports.computeIfAbsent(point, _ -> new ArrayList<>()).add(report);
            }
          }
        }
      }
      return report(run, connection, reports, millis);
    }
  }

  private SourceTables create(Connection connection, Engine engine, int size, long seed)
      throws SQLException {
    String schema = "n" + size;
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + schema);
      SourceTables source = SourceTables.create(connection, schema + ".src", size, seed);
      statement.execute("SET search_path = " + schema);
      SourceTables.createDim(connection);
      statement.execute("RESET search_path");
      for (Scenario scenario : scenarios) {
        Point point = new Point(scenario, size);
        StreamTables.create(engine, point.table(), point.query(), SETTINGS);
        statement.execute("VACUUM ANALYZE " + point.table());
      }
      return source;
    }
  }

  private BenchReport report(
      BenchRun run,
      Connection connection,
      Map<Point, List<RefreshReport>> reports,
      Map<Point, List<Double>> millis)
      throws SQLException {
    Map<Point, Outcome> outcomes = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (int size : sizes) {
      run.progress().step("checking %,d rows".formatted(size));
      for (Scenario scenario : scenarios) {
        Point point = new Point(scenario, size);
        List<RefreshReport> all = reports.getOrDefault(point, List.of());
        boolean equal =
            size > COMPARED_ROW_BY_ROW
                ? Comparison.sameFingerprint(connection, point.table(), point.query())
                : Comparison.differences(connection, point.table(), point.query()) == 0;
        long delta = all.stream().mapToLong(RefreshReport::deltaRows).min().orElse(0);
        boolean incremental =
            all.stream().allMatch(done -> done.mode() == RefreshReport.Mode.INCREMENTAL);
        if (!equal || delta <= 0 || !incremental) {
          faults.add(
              "%s at %,d rows: equal %s, smallest delta %d, all incremental %s"
                  .formatted(scenario, size, equal, delta, incremental));
        }
        outcomes.put(
            point, new Outcome(Samples.of(millis.getOrDefault(point, List.of())), delta, equal));
      }
    }
    return new ScaleReport(this, outcomes, faults).report(run);
  }
}
