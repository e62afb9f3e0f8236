package dev.freshet.bench.matrix;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Entry;
import dev.freshet.bench.contest.Outcome;
import dev.freshet.bench.contest.TimedRefresh;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.bench.server.Comparison;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Measures one cell: makes fresh tables, and in every cycle changes {@code src}, analyses it and
 * lets each contender refresh its own table, in an order that rotates by one from cycle to cycle.
 *
 * <p>Before each contender the decoder has caught up with the log, as in the ancestor's harness:
 * otherwise whoever follows a contender that writes much would pay for reading that one's log.
 *
 * <p>Triggers need an engine and tables of their own. Those are changed in the same way, by the
 * same seed.
 */
final class CellRun {
  private final Cell cell;
  private final Engine engine;
  private final Connection connection;
  private final Engine byTriggers;
  private final Connection triggered;
  private final List<Entry> warm;
  private final List<Entry> cold;

  /** A database and the engine that serves it. */
  record Side(BenchDatabase database, Engine engine) {}

  /** One of each way to capture changes. */
  record Sides(Side log, Side triggers) {}

  private CellRun(
      Cell cell,
      Sides sides,
      Connection connection,
      Connection triggered,
      List<Contender> contenders) {
    this.cell = cell;
    this.engine = sides.log().engine();
    this.connection = connection;
    this.byTriggers = sides.triggers().engine();
    this.triggered = triggered;
    this.warm = entries(contenders.stream().filter(Contender.WARM::contains).toList());
    this.cold = entries(contenders.stream().filter(Contender.COLD::contains).toList());
  }

  private List<Entry> entries(List<Contender> contenders) {
    return contenders.stream()
        .map(
            contender ->
                contender == Contender.TRIGGER
                    ? new Entry(contender, byTriggers, triggered, "public", "")
                    : new Entry(contender, engine, connection, "public", ""))
        .toList();
  }

  static CellResult measure(
      Cell cell, Sides sides, List<Contender> contenders, Cycles cycles, long seed)
      throws SQLException {
    try (Connection connection = sides.log().database().connect();
        Connection triggered = sides.triggers().database().connect()) {
      CellRun run = new CellRun(cell, sides, connection, triggered, contenders);
      SourceTables source = SourceTables.create(connection, cell.rows(), seed);
      SourceTables twin = SourceTables.create(triggered, cell.rows(), seed);
      try {
        run.createContenders();
        for (int cycle = 0; cycle < cycles.warmUp() + cycles.measured(); cycle++) {
          run.cycle(source, twin, cycle, cycle >= cycles.warmUp());
        }
        return run.result();
      } finally {
        run.dropAll();
      }
    }
  }

  private void createContenders() throws SQLException {
    for (Entry entry : all()) {
      boolean view = entry.contender().kind() != Contender.Kind.STREAM_TABLE;
      Scenario scenario = cell.scenario();
      entry.create(view ? scenario.materializedQuery() : scenario.query(), Map.of());
      entry.index(scenario.identity());
    }
  }

  private void cycle(SourceTables source, SourceTables twin, int cycle, boolean measured)
      throws SQLException {
    long changed = source.change(cell.changes());
    for (int i = 0; i < cold.size(); i++) {
      // Only the first one finds the decoder behind; the turns alternate.
      Entry entry = cold.get((i + cycle) % cold.size());
      TimedRefresh refresh = entry.refresh(changed);
      if (measured && i == 0) {
        entry.note(refresh);
      }
    }
    source.analyze();
    twin.change(cell.changes());
    twin.analyze();
    for (int i = 0; i < warm.size(); i++) {
      Entry entry = warm.get((i + cycle) % warm.size());
      StreamTables.awaitDecoded(engine, connection);
      TimedRefresh refresh = entry.refresh(changed);
      if (measured) {
        entry.note(refresh);
      }
    }
  }

  private CellResult result() throws SQLException {
    Map<Contender, Outcome> outcomes = new EnumMap<>(Contender.class);
    for (Entry entry : all()) {
      if (entry.isMeasured()) {
        long differences =
            Comparison.differences(
                entry.contender() == Contender.TRIGGER ? triggered : connection,
                entry.table(),
                cell.scenario().query());
        outcomes.put(entry.contender(), entry.outcome(differences));
      }
    }
    return new CellResult(cell, outcomes);
  }

  private void dropAll() throws SQLException {
    for (Entry entry : all()) {
      entry.drop();
    }
    for (Connection each : List.of(connection, triggered)) {
      try (Statement statement = each.createStatement()) {
        statement.execute("DROP TABLE IF EXISTS src, dim");
      }
    }
  }

  private List<Entry> all() {
    List<Entry> all = new ArrayList<>(warm);
    all.addAll(cold);
    return all;
  }
}
