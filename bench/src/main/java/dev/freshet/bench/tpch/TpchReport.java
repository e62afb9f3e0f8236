package dev.freshet.bench.tpch;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Outcome;
import dev.freshet.bench.report.BarChart;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Circumstances;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Lays the results out: a table per rate, what is refreshed in full and why, targets, chart. */
final class TpchReport {
  private static final List<Contender> CHARTED =
      List.of(Contender.FULL, Contender.RMV, Contender.WAL, Contender.AUTO);
  private static final int QUERIES_PER_PANEL = 11;

  private TpchReport() {}

  static BenchReport of(
      double scale, List<QueryResult> results, Circumstances circumstances, List<String> skipped) {
    List<TextTable> tables = new ArrayList<>();
    byRate(results).forEach((rate, chosen) -> tables.add(table(rate, chosen)));
    reasons(results).ifPresent(tables::add);
    return new BenchReport(
        "tpch",
        "one refresh of each of the 22 TPC-H queries at scale factor %s after RF1, RF2 and updates"
            .formatted(plain(scale)),
        circumstances,
        results.stream().flatMap(result -> lines(scale, result).stream()).toList(),
        tables,
        TpchTargets.judge(results),
        notes(skipped),
        results.stream().flatMap(result -> result.faults().stream()).toList(),
        results.isEmpty() ? Optional.empty() : Optional.of(chart(scale, results)));
  }

  private static Map<Double, List<QueryResult>> byRate(List<QueryResult> results) {
    Map<Double, List<QueryResult>> byRate = new TreeMap<>();
    results.forEach(
        result -> byRate.computeIfAbsent(result.rate(), _ -> new ArrayList<>()).add(result));
    return byRate;
  }

  private static TextTable table(double rate, List<QueryResult> results) {
    List<List<String>> rows = new ArrayList<>();
    for (QueryResult result : results) {
      List<String> row = new ArrayList<>();
      row.add(result.query().name());
      row.add(result.maintenance().label());
      row.add(millis(result, Contender.FULL));
      row.add(millis(result, Contender.RMV));
      row.add(millis(result, Contender.WAL));
      row.add(Figures.times(result.ratio(Contender.FULL, Contender.WAL)));
      row.add(millis(result, Contender.AUTO));
      row.add(Figures.times(result.ratio(Contender.FULL, Contender.AUTO)));
      row.add(result.of(Contender.WAL).map(wal -> Figures.count(wal.deltaRows())).orElse("–"));
      row.add(result.verdict());
      rows.add(row);
    }
    return TextTable.of(
        "Milliseconds per refresh, median, " + Figures.percent(rate) + " changed",
        2,
        List.of(
            "query",
            "class",
            "full",
            "rmv",
            "wal",
            "full ÷ wal",
            "auto",
            "full ÷ auto",
            "delta rows",
            "equal"),
        rows);
  }

  private static String millis(QueryResult result, Contender contender) {
    if (result.out().containsKey(contender)) {
      return result.out().get(contender);
    }
    return result
        .of(contender)
        .map(outcome -> Figures.millis(outcome.millis().median()))
        .orElse("–");
  }

  private static Optional<TextTable> reasons(List<QueryResult> results) {
    Map<String, String> reasons = new TreeMap<>();
    for (QueryResult result : results) {
      if (!result.maintenance().incremental()) {
        reasons.put(result.query().name(), result.maintenance().reason());
      }
    }
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(
            TextTable.of(
                "Refreshed in full",
                2,
                List.of("query", "because"),
                reasons.entrySet().stream()
                    .map(entry -> List.of(entry.getKey(), entry.getValue()))
                    .toList()));
  }

  private static List<String> notes(List<String> skipped) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "One cycle changes the given share of the rows of orders and lineitem: a quarter of it"
            + " inserted (RF1), a quarter deleted (RF2), half updated (quantities, prices,"
            + " discounts, status, priority); and half that share of customer, supplier, part and"
            + " partsupp updated (balances, prices, costs). Then ANALYZE of these tables; then"
            + " every contender of every query refreshes its own table. In four cycles each is once"
            + " in every place and follows each other one once. Times run from the call to the"
            + " commit.");
    notes.add(
        "Primary keys and indexes on the foreign keys, no others. Validation parameters of the"
            + " specification; Q15 with its view as a CTE; the fraction of Q11 divided by the scale"
            + " factor, as the specification has it.");
    notes.add(
        "wal has the change-ratio threshold and the cost model off. A refresh that takes longer"
            + " than ten times the fill of its table (at least 2 s) is cut off. rmv is REFRESH"
            + " MATERIALIZED VIEW without an index.");
    notes.add("Every table is compared with its query after the last cycle of each rate.");
    notes.add("This is no TPC-H result in the sense of the TPC.");
    if (!skipped.isEmpty()) {
      notes.add("Not measured, because a quick run ends within a minute or so: " + skipped + ".");
    }
    return notes;
  }

  private static List<Map<String, Object>> lines(double scale, QueryResult result) {
    List<Map<String, Object>> lines = new ArrayList<>();
    result
        .outcomes()
        .forEach(
            (contender, outcome) -> {
              Map<String, Object> line = begin(scale, result, contender);
              line.put("median_ms", Figures.rounded(outcome.millis().median()));
              line.put("p95_ms", Figures.rounded(outcome.millis().p95()));
              line.put("speedup_vs_full", ratio(result, Contender.FULL, contender));
              line.put("speedup_vs_rmv", ratio(result, Contender.RMV, contender));
              line.put("delta_rows", outcome.deltaRows());
              line.put("equal", outcome.equal());
              line.put("cycles", outcome.millis().count());
              line.put("modes", outcome.modes());
              line.put("phases_ms", rounded(outcome));
              outcome.fault().ifPresent(fault -> line.put("fault", fault));
              lines.add(line);
            });
    result
        .out()
        .forEach(
            (contender, why) -> {
              Map<String, Object> line = begin(scale, result, contender);
              line.put("given_up", why);
              lines.add(line);
            });
    return lines;
  }

  private static Map<String, Object> begin(double scale, QueryResult result, Contender contender) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("bench", "tpch");
    line.put("scale", scale);
    line.put("query", result.query().name());
    line.put("class", result.maintenance().label());
    if (!result.maintenance().incremental()) {
      line.put("reason", result.maintenance().reason());
    }
    line.put("rate", result.rate());
    line.put("contender", contender.label());
    return line;
  }

  private static Map<String, Double> rounded(Outcome outcome) {
    Map<String, Double> rounded = new LinkedHashMap<>();
    outcome.phases().forEach((phase, millis) -> rounded.put(phase, Figures.rounded(millis)));
    return rounded;
  }

  private static Object ratio(QueryResult result, Contender slow, Contender fast) {
    double ratio = Figures.rounded(result.ratio(slow, fast));
    return Double.isNaN(ratio) ? "not measured" : ratio;
  }

  private static BarChart chart(double scale, List<QueryResult> results) {
    List<BarChart.Panel> panels = new ArrayList<>();
    byRate(results)
        .forEach(
            (rate, chosen) -> {
              for (int from = 0; from < chosen.size(); from += QUERIES_PER_PANEL) {
                List<QueryResult> part =
                    chosen.subList(from, Math.min(chosen.size(), from + QUERIES_PER_PANEL));
                panels.add(
                    new BarChart.Panel(
                        "%s changed, %s to %s"
                            .formatted(
                                Figures.percent(rate),
                                part.getFirst().query().name(),
                                part.getLast().query().name()),
                        part.stream().map(TpchReport::group).toList()));
              }
            });
    return new BarChart(
        "One refresh of each TPC-H query",
        "scale factor %s, median of the cycles; shorter is better".formatted(plain(scale)),
        "milliseconds",
        CHARTED.stream().map(Contender::label).toList(),
        panels);
  }

  private static BarChart.Group group(QueryResult result) {
    return new BarChart.Group(
        result.query().name(),
        CHARTED.stream()
            .map(one -> result.of(one).map(o -> o.millis().median()).orElse(Double.NaN))
            .toList());
  }

  private static String plain(double scale) {
    return scale == Math.rint(scale) ? Long.toString((long) scale) : Double.toString(scale);
  }
}
