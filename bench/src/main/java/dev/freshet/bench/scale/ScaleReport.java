package dev.freshet.bench.scale;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.matrix.Scenario;
import dev.freshet.bench.report.BarChart;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.TextTable;
import dev.freshet.bench.report.Verdict;
import dev.freshet.bench.report.Verdict.Bound;
import dev.freshet.bench.scale.ScaleBenchmark.Outcome;
import dev.freshet.bench.scale.ScaleBenchmark.Point;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lays out how the time grows with the source. */
record ScaleReport(ScaleBenchmark bench, Map<Point, Outcome> outcomes, List<String> faults) {
  private static final int REFERENCE_SIZE = 100_000;
  private static final double FLAT = 1.5;

  BenchReport report(BenchRun run) throws SQLException {
    return new BenchReport(
        "scale",
        "one incremental refresh after %,d changed rows, against sources of several sizes"
            .formatted(bench.changes()),
        run.circumstances(bench.cycles().warmUp(), bench.cycles().measured()),
        lines(),
        List.of(table()),
        verdicts(),
        List.of(
            "All sizes exist at the same time and take turns within a cycle; the decoder has caught"
                + " up before each refresh; the threshold and the cost model are off.",
            "Flat means: at most %s × the median at 100,000 rows.".formatted(FLAT),
            "Up to a million rows the result is compared row by row, above by row count and the sum"
                + " of 64-bit row hashes."),
        faults,
        Optional.of(chart()));
  }

  private List<Map<String, Object>> lines() {
    List<Map<String, Object>> lines = new ArrayList<>();
    outcomes.forEach(
        (point, outcome) -> {
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("bench", "scale");
          line.put("scenario", point.scenario().label());
          line.put("rows", point.size());
          line.put("changed_rows", bench.changes());
          line.put("contender", "wal");
          line.put("median_ms", Figures.rounded(outcome.millis().median()));
          line.put("p95_ms", Figures.rounded(outcome.millis().p95()));
          line.put("delta_rows", outcome.deltaRows());
          line.put("equal", outcome.equal());
          lines.add(line);
        });
    return lines;
  }

  private TextTable table() {
    List<String> heads = new ArrayList<>(List.of("scenario"));
    bench.sizes().forEach(size -> heads.add(Figures.rows(size)));
    heads.add("largest ÷ 100K");
    List<List<String>> rows = new ArrayList<>();
    for (Scenario scenario : bench.scenarios()) {
      List<String> row = new ArrayList<>(List.of(scenario.label()));
      for (int size : bench.sizes()) {
        Outcome outcome = outcomes.get(new Point(scenario, size));
        row.add(
            outcome == null
                ? "–"
                : "%s (%s)"
                    .formatted(
                        Figures.millis(outcome.millis().median()),
                        Figures.millis(outcome.millis().p95())));
      }
      row.add(Figures.times(growth(scenario, bench.sizes().getLast())));
      rows.add(row);
    }
    return TextTable.of("Milliseconds per refresh, median (p95)", 1, heads, rows);
  }

  private double growth(Scenario scenario, int size) {
    Outcome reference = outcomes.get(new Point(scenario, REFERENCE_SIZE));
    Outcome outcome = outcomes.get(new Point(scenario, size));
    return reference == null || outcome == null
        ? Double.NaN
        : outcome.millis().median() / reference.millis().median();
  }

  private List<Verdict> verdicts() {
    List<Verdict> verdicts = new ArrayList<>();
    for (Scenario scenario : bench.scenarios()) {
      for (int size : bench.sizes()) {
        if (size > REFERENCE_SIZE) {
          verdicts.add(
              new Verdict(
                  "flat",
                  scenario + " " + Figures.rows(size),
                  "median ÷ median at 100K",
                  growth(scenario, size),
                  Bound.AT_MOST,
                  FLAT,
                  "×"));
        }
      }
    }
    return verdicts;
  }

  private BarChart chart() {
    List<BarChart.Group> groups = new ArrayList<>();
    for (int size : bench.sizes()) {
      groups.add(
          new BarChart.Group(
              Figures.rows(size) + " rows",
              bench.scenarios().stream()
                  .map(scenario -> outcomes.get(new Point(scenario, size)))
                  .map(outcome -> outcome == null ? Double.NaN : outcome.millis().median())
                  .toList()));
    }
    return new BarChart(
        "One refresh, ever larger sources",
        "%,d changed rows, median; shorter is better".formatted(bench.changes()),
        "milliseconds",
        bench.scenarios().stream().map(Scenario::label).toList(),
        List.of(new BarChart.Panel("wal", groups)));
  }
}
