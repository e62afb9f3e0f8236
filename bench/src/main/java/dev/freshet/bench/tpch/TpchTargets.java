package dev.freshet.bench.tpch;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.report.Verdict;
import dev.freshet.bench.report.Verdict.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The targets:
 *
 * <ol>
 *   <li>every query is incremental, and every table equals its query
 *   <li>the median over the queries of full ÷ wal is at least 10 at 1 %, at least 50 at 0.1 %; a
 *       query that is refreshed in full or was cut off counts as 1
 *   <li>full ÷ auto ≥ 0.95 for every query at every rate
 * </ol>
 */
final class TpchTargets {
  private static final Map<Double, Double> MEDIANS = Map.of(0.01, 10.0, 0.001, 50.0);
  private static final double NEVER_SLOWER = 0.95;

  private TpchTargets() {}

  static List<Verdict> judge(List<QueryResult> results) {
    List<Verdict> verdicts = new ArrayList<>();
    Map<String, List<QueryResult>> byQuery = new TreeMap<>();
    results.forEach(
        result ->
            byQuery.computeIfAbsent(result.query().name(), _ -> new ArrayList<>()).add(result));
    byQuery.forEach((query, all) -> verdicts.add(maintained(query, all)));
    Map<Double, List<Double>> speedUps = new TreeMap<>();
    for (QueryResult result : results) {
      String cell = result.query().name() + " " + Figures.percent(result.rate());
      double ratio = result.ratio(Contender.FULL, Contender.WAL);
      speedUps
          .computeIfAbsent(result.rate(), _ -> new ArrayList<>())
          .add(Double.isNaN(ratio) ? 1 : ratio);
      verdicts.add(notSlower(result, cell));
    }
    speedUps.forEach(
        (rate, ratios) -> {
          Double limit = MEDIANS.get(rate);
          if (limit != null) {
            verdicts.add(
                new Verdict(
                    "2",
                    "median of " + ratios.size() + " queries, " + Figures.percent(rate),
                    "full ÷ wal",
                    Samples.of(ratios).median(),
                    Bound.AT_LEAST,
                    limit,
                    "×"));
          }
        });
    return verdicts;
  }

  /** At every rate at which the query was measured. */
  private static Verdict maintained(String query, List<QueryResult> results) {
    Maintenance maintenance = results.getFirst().maintenance();
    boolean equal = results.stream().allMatch(QueryResult::equal);
    List<String> givenUp =
        results.stream().flatMap(result -> result.out().values().stream()).distinct().toList();
    boolean met = maintenance.incremental() && equal && givenUp.isEmpty();
    Verdict verdict =
        new Verdict("1", query, "incremental and equal", met ? 1 : 0, Bound.AT_LEAST, 1, "");
    if (!equal) {
      return verdict.spoiltBy("a result is wrong");
    }
    if (!givenUp.isEmpty()) {
      return verdict.spoiltBy(String.join("; ", givenUp));
    }
    return met ? verdict : verdict.spoiltBy(maintenance.reason());
  }

  private static Verdict notSlower(QueryResult result, String cell) {
    Verdict verdict =
        new Verdict(
            "3",
            cell,
            "full ÷ auto",
            result.ratio(Contender.FULL, Contender.AUTO),
            Bound.AT_LEAST,
            NEVER_SLOWER,
            "×");
    return result.equal() ? verdict : verdict.spoiltBy("a result is wrong");
  }
}
