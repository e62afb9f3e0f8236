package dev.freshet.bench.matrix;

import dev.freshet.bench.matrix.CellResult.Outcome;
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
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Measures one cell: makes fresh tables, and in every cycle changes {@code src}, analyses it and
 * lets each contender refresh its own table, in an order that rotates by one from cycle to cycle.
 *
 * <p>Before each contender the decoder has caught up with the log, as in the ancestor's harness:
 * otherwise whoever follows a contender that writes much would pay for reading that one's log.
 */
final class CellRun {
  private final Cell cell;
  private final Engine engine;
  private final Connection connection;
  private final List<Contender> warm;
  private final List<Contender> cold;
  private final Map<Contender, List<Refresh>> refreshes = new EnumMap<>(Contender.class);

  /** One timed refresh. */
  private record Refresh(double millis, long deltaRows, Optional<RefreshReport> report) {}

  private CellRun(Cell cell, Engine engine, Connection connection, List<Contender> contenders) {
    this.cell = cell;
    this.engine = engine;
    this.connection = connection;
    this.warm = contenders.stream().filter(Contender.WARM::contains).toList();
    this.cold = contenders.stream().filter(Contender.COLD::contains).toList();
  }

  static CellResult measure(
      Cell cell,
      BenchDatabase database,
      Engine engine,
      List<Contender> contenders,
      Cycles cycles,
      long seed)
      throws SQLException {
    try (Connection connection = database.connect()) {
      CellRun run = new CellRun(cell, engine, connection, contenders);
      SourceTables source = SourceTables.create(connection, cell.rows(), seed);
      try {
        run.createContenders();
        for (int cycle = 0; cycle < cycles.warmUp() + cycles.measured(); cycle++) {
          run.cycle(source, cycle, cycle >= cycles.warmUp());
        }
        return run.result();
      } finally {
        run.dropAll();
      }
    }
  }

  private void createContenders() throws SQLException {
    for (Contender contender : all()) {
      switch (contender.kind()) {
        case STREAM_TABLE -> {
          Map<String, String> settings = new HashMap<>(contender.settings());
          settings.put("schedule", "manual");
          StreamTables.create(
              engine, "public." + contender.table(), cell.scenario().query(), settings);
        }
        case MATERIALIZED_VIEW, MATERIALIZED_VIEW_CONCURRENTLY -> {
          execute(
              "CREATE MATERIALIZED VIEW %s AS %s"
                  .formatted(contender.table(), cell.scenario().materializedQuery()));
          execute(
              "CREATE UNIQUE INDEX ON %s (%s)"
                  .formatted(contender.table(), cell.scenario().identity()));
        }
      }
    }
  }

  private void cycle(SourceTables source, int cycle, boolean measured) throws SQLException {
    long changed = source.change(cell.changes());
    for (int i = 0; i < cold.size(); i++) {
      // Only the first one finds the decoder behind; the turns alternate.
      Contender contender = cold.get((i + cycle) % cold.size());
      Refresh refresh = refresh(contender, changed);
      if (measured && i == 0) {
        note(contender, refresh);
      }
    }
    source.analyze();
    for (int i = 0; i < warm.size(); i++) {
      Contender contender = warm.get((i + cycle) % warm.size());
      StreamTables.awaitDecoded(engine, connection);
      Refresh refresh = refresh(contender, changed);
      if (measured) {
        note(contender, refresh);
      }
    }
  }

  private Refresh refresh(Contender contender, long changed) throws SQLException {
    long start = System.nanoTime();
    Optional<RefreshReport> report =
        switch (contender.kind()) {
          case STREAM_TABLE ->
              Optional.of(
                  StreamTables.refresh(
                      engine, "public." + contender.table(), contender.refreshMode()));
          case MATERIALIZED_VIEW -> {
            execute("REFRESH MATERIALIZED VIEW " + contender.table());
            yield Optional.empty();
          }
          case MATERIALIZED_VIEW_CONCURRENTLY -> {
            execute("REFRESH MATERIALIZED VIEW CONCURRENTLY " + contender.table());
            yield Optional.empty();
          }
        };
    double millis = (System.nanoTime() - start) / 1e6;
    long delta =
        report
            .filter(done -> done.mode() == RefreshReport.Mode.INCREMENTAL)
            .map(RefreshReport::deltaRows)
            .orElse(changed);
    return new Refresh(millis, delta, report);
  }

  private void note(Contender contender, Refresh refresh) {
    refreshes.computeIfAbsent(contender, _ -> new ArrayList<>()).add(refresh);
  }

  private CellResult result() throws SQLException {
    Map<Contender, Outcome> outcomes = new EnumMap<>(Contender.class);
    for (Map.Entry<Contender, List<Refresh>> entry : refreshes.entrySet()) {
      Contender contender = entry.getKey();
      long differences =
          Comparison.differences(connection, contender.table(), cell.scenario().query());
      outcomes.put(contender, outcome(contender, entry.getValue(), differences));
    }
    return new CellResult(cell, outcomes);
  }

  private static Outcome outcome(Contender contender, List<Refresh> refreshes, long differences) {
    Map<String, Integer> modes = new TreeMap<>();
    Map<String, List<Double>> phases = new TreeMap<>();
    for (Refresh refresh : refreshes) {
      refresh
          .report()
          .ifPresent(
              report -> {
                modes.merge(report.mode().name(), 1, Integer::sum);
                report
                    .phases()
                    .forEach(
                        (phase, millis) ->
                            phases.computeIfAbsent(phase, _ -> new ArrayList<>()).add(millis));
              });
    }
    long delta = refreshes.stream().mapToLong(Refresh::deltaRows).min().orElse(0);
    Map<String, Double> medians = new TreeMap<>();
    phases.forEach((phase, millis) -> medians.put(phase, Samples.of(millis).median()));
    return new Outcome(
        Samples.of(refreshes.stream().map(Refresh::millis).toList()),
        delta,
        modes,
        medians,
        differences,
        fault(contender, modes, delta));
  }

  /** A refresh that did something else, or nothing, wins no cell. */
  private static Optional<String> fault(
      Contender contender, Map<String, Integer> modes, long delta) {
    if (delta <= 0) {
      return Optional.of("a refresh had an empty delta");
    }
    if (modes.containsKey("NOOP")) {
      return Optional.of("a refresh found nothing to do: " + modes);
    }
    return contender
        .requiredMode()
        .filter(required -> !modes.keySet().equals(java.util.Set.of(required)))
        .map(required -> "refreshes were to be %s, but were %s".formatted(required, modes));
  }

  private void dropAll() throws SQLException {
    for (Contender contender : all()) {
      switch (contender.kind()) {
        case STREAM_TABLE -> StreamTables.drop(engine, "public." + contender.table());
        case MATERIALIZED_VIEW, MATERIALIZED_VIEW_CONCURRENTLY ->
            execute("DROP MATERIALIZED VIEW IF EXISTS " + contender.table());
      }
    }
    execute("DROP TABLE IF EXISTS src, dim");
  }

  private List<Contender> all() {
    List<Contender> all = new ArrayList<>(warm);
    all.addAll(cold);
    return all;
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
