package dev.freshet.bench.matrix;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Outcome;
import dev.freshet.bench.report.BarChart;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Circumstances;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.TextTable;
import dev.freshet.bench.report.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lays the results of the matrix out: medians, speed-ups beside the ancestor's, targets, chart. */
final class MatrixReport {
  private static final List<Contender> CHARTED =
      List.of(
          Contender.FULL,
          Contender.RMV,
          Contender.RMVC,
          Contender.WAL,
          Contender.TRIGGER,
          Contender.AUTO,
          Contender.AUTO_REBUILD);

  private MatrixReport() {}

  static BenchReport of(
      List<CellResult> results, Circumstances circumstances, List<String> skipped) {
    List<Verdict> verdicts = MatrixTargets.judge(results);
    List<String> commits =
        results.stream().map(result -> result.cell().synchronousCommit()).distinct().toList();
    List<TextTable> tables = new ArrayList<>();
    for (String commit : commits) {
      List<CellResult> chosen =
          results.stream()
              .filter(result -> result.cell().synchronousCommit().equals(commit))
              .toList();
      tables.add(millisTable(chosen, commit));
      tables.add(ratioTable(chosen, commit, verdicts));
    }
    return new BenchReport(
        "matrix",
        "the time of one refresh, five queries × sizes × change rates, by every contender on the"
            + " same changes",
        circumstances,
        results.stream().flatMap(result -> lines(result).stream()).toList(),
        tables,
        verdicts,
        notes(skipped),
        results.stream().flatMap(result -> result.faults().stream()).toList(),
        results.isEmpty() ? Optional.empty() : Optional.of(chart(results)));
  }

  private static List<String> notes(List<String> skipped) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "One cycle: 70 % of the changed rows updated, 15 % deleted, 15 % inserted, in three"
            + " statements; then ANALYZE; then every contender refreshes its own table, in rotating"
            + " order. Times run from the call to the commit.");
    notes.add(
        "Before each contender the decoder has received the log so far, as in the ancestor's"
            + " harness; --cold also measures refreshes that begin right after the change"
            + " (wal_cold, auto_cold).");
    notes.add(
        "Each materialized view has the unique index that the stream table has. For join that is"
            + " (s.id, d.id), so the view also selects d.id, as the stream table stores it.");
    notes.add(
        "full, wal, trigger, auto: stream tables whose refresh never blocks readers, like rmvc."
            + " rebuild and auto_rebuild block them, like rmv. wal and trigger have the"
            + " change-ratio threshold and the cost model off.");
    notes.add(
        "trigger: the stream table of wal with cdc.mode: trigger, in a database of its own that has"
            + " the same rows and is changed in the same way. What its triggers cost the changes is"
            + " not in these times (freshet bench writers measures that); reading and consolidating"
            + " what they wrote is, while wal has its changes decoded in memory already.");
    notes.add(
        "delta_rows is the smallest delta of any cycle, in rows shipped to the server after"
            + " consolidation and reduction; for contenders that read no delta, the rows changed.");
    if (!skipped.isEmpty()) {
      notes.add("Not measured, because a quick run ends within a minute: " + skipped + ".");
    }
    return notes;
  }

  private static List<Map<String, Object>> lines(CellResult result) {
    List<Map<String, Object>> lines = new ArrayList<>();
    Cell cell = result.cell();
    result
        .outcomes()
        .forEach(
            (contender, outcome) -> {
              Map<String, Object> line = new LinkedHashMap<>();
              line.put("bench", "matrix");
              line.put("scenario", cell.scenario().label());
              line.put("rows", cell.rows());
              line.put("rate", cell.rate());
              line.put("contender", contender.label());
              line.put("median_ms", Figures.rounded(outcome.millis().median()));
              line.put("p95_ms", Figures.rounded(outcome.millis().p95()));
              line.put("speedup_vs_full", ratio(result, Contender.FULL, contender));
              line.put("speedup_vs_rmv", ratio(result, Contender.RMV, contender));
              line.put("delta_rows", outcome.deltaRows());
              line.put("equal", outcome.equal());
              line.put("synchronous_commit", cell.synchronousCommit());
              line.put("cycles", outcome.millis().count());
              line.put("modes", outcome.modes());
              line.put("phases_ms", rounded(outcome.phases()));
              lines.add(line);
            });
    return lines;
  }

  private static Map<String, Double> rounded(Map<String, Double> phases) {
    Map<String, Double> rounded = new LinkedHashMap<>();
    phases.forEach((phase, millis) -> rounded.put(phase, Figures.rounded(millis)));
    return rounded;
  }

  private static Object ratio(CellResult result, Contender slow, Contender fast) {
    double ratio = Figures.rounded(result.ratio(slow, fast));
    return Double.isNaN(ratio) ? "not measured" : ratio;
  }

  private static TextTable millisTable(List<CellResult> results, String commit) {
    List<Contender> contenders =
        results.stream()
            .flatMap(result -> result.outcomes().keySet().stream())
            .distinct()
            .sorted()
            .toList();
    List<String> heads = new ArrayList<>(List.of("scenario", "rows", "changed"));
    contenders.forEach(contender -> heads.add(contender.label()));
    heads.add("delta rows");
    heads.add("equal");
    List<List<String>> rows = new ArrayList<>();
    for (CellResult result : results) {
      List<String> row = new ArrayList<>(cellNames(result.cell()));
      for (Contender contender : contenders) {
        row.add(result.of(contender).map(MatrixReport::medianAndP95).orElse("–"));
      }
      row.add(result.of(Contender.WAL).map(wal -> Figures.count(wal.deltaRows())).orElse("–"));
      row.add(result.outcomes().values().stream().allMatch(Outcome::equal) ? "yes" : "NO");
      rows.add(row);
    }
    return TextTable.of(
        "Milliseconds per refresh, median (p95), synchronous_commit = " + commit, 1, heads, rows);
  }

  private static String medianAndP95(Outcome outcome) {
    return "%s (%s)"
        .formatted(
            Figures.millis(outcome.millis().median()), Figures.millis(outcome.millis().p95()));
  }

  private static TextTable ratioTable(
      List<CellResult> results, String commit, List<Verdict> verdicts) {
    List<List<String>> rows = new ArrayList<>();
    for (CellResult result : results) {
      Cell cell = result.cell();
      List<String> row = new ArrayList<>(cellNames(cell));
      row.add(Figures.times(result.ratio(Contender.FULL, Contender.WAL)));
      row.add(
          Ancestor.best(cell)
              .map(best -> best + "/" + Ancestor.latest(cell).orElse(best))
              .orElse("–"));
      row.add(Figures.times(result.ratio(Contender.RMV, Contender.WAL)));
      row.add(Figures.times(result.ratio(Contender.FULL, Contender.TRIGGER)));
      row.add(Figures.times(result.ratio(Contender.FULL, Contender.AUTO)));
      row.add(Figures.times(result.ratio(Contender.RMVC, Contender.AUTO)));
      row.add(Figures.times(result.ratio(Contender.RMV, Contender.AUTO_REBUILD)));
      row.add(marks(cell, verdicts));
      rows.add(row);
    }
    return TextTable.of(
        "Speed-ups (ratio of medians), synchronous_commit = " + commit,
        1,
        List.of(
            "scenario",
            "rows",
            "changed",
            "full ÷ wal",
            "ancestor best/latest",
            "rmv ÷ wal",
            "full ÷ trigger",
            "full ÷ auto",
            "rmvc ÷ auto",
            "rmv ÷ auto_rebuild",
            "targets"),
        rows);
  }

  private static List<String> cellNames(Cell cell) {
    return List.of(
        cell.scenario().label(), Figures.rows(cell.rows()), Figures.percent(cell.rate()));
  }

  /** {@code pass}, or the targets that the cell missed. */
  private static String marks(Cell cell, List<Verdict> verdicts) {
    String label = cell.label() + " sync " + cell.synchronousCommit();
    List<String> missed =
        verdicts.stream()
            .filter(verdict -> verdict.cell().equals(label) && !verdict.met())
            .map(Verdict::target)
            .distinct()
            .toList();
    return missed.isEmpty() ? "pass" : "miss " + String.join(",", missed);
  }

  private static BarChart chart(List<CellResult> results) {
    int largest = results.stream().mapToInt(result -> result.cell().rows()).max().orElseThrow();
    String commit = results.getLast().cell().synchronousCommit();
    List<BarChart.Panel> panels = new ArrayList<>();
    for (Scenario scenario : Scenario.values()) {
      List<BarChart.Group> groups = new ArrayList<>();
      for (CellResult result : results) {
        Cell cell = result.cell();
        if (cell.scenario() == scenario
            && cell.rows() == largest
            && cell.synchronousCommit().equals(commit)) {
          groups.add(
              new BarChart.Group(
                  Figures.percent(cell.rate()) + " changed",
                  CHARTED.stream()
                      .map(one -> result.of(one).map(o -> o.millis().median()).orElse(Double.NaN))
                      .toList()));
        }
      }
      if (!groups.isEmpty()) {
        panels.add(new BarChart.Panel(scenario.label(), groups));
      }
    }
    return new BarChart(
        "One refresh after a change",
        "%s rows, median of the cycles, synchronous_commit = %s; shorter is better"
            .formatted(Figures.rows(largest), commit),
        "milliseconds",
        CHARTED.stream().map(Contender::label).toList(),
        panels);
  }
}
