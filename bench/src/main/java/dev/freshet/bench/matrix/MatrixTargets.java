package dev.freshet.bench.matrix;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Outcome;
import dev.freshet.bench.report.Verdict;
import dev.freshet.bench.report.Verdict.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The matrix's five targets, each a ratio of medians within one cell:
 *
 * <ol>
 *   <li>full ÷ wal &gt; the ancestor's latest speed-up, everywhere; at 100K and 1 % at least 18 for
 *       scan, 15 for filter, 14 for join
 *   <li>rmv ÷ wal &gt; 1 at 1 % and 10 %
 *   <li>full ÷ wal ≥ 15 for aggregate and join_agg at 100K, at every rate
 *   <li>full ÷ auto ≥ 0.95 everywhere; rmvc ÷ auto ≥ 4 for scan, filter and join
 *   <li>rmv ÷ auto_rebuild ≥ 0.95 everywhere
 * </ol>
 *
 * <p>A contender whose result was wrong, or that did something else than it stands for, misses.
 */
final class MatrixTargets {
  private static final Map<Scenario, Double> HEADLINE =
      Map.of(Scenario.SCAN, 18.0, Scenario.FILTER, 15.0, Scenario.JOIN, 14.0);
  private static final double NEVER_SLOWER = 0.95;

  private MatrixTargets() {}

  static List<Verdict> judge(List<CellResult> results) {
    List<Verdict> verdicts = new ArrayList<>();
    for (CellResult result : results) {
      Cell cell = result.cell();
      boolean large = cell.rows() == 100_000;
      Ancestor.latest(cell)
          .ifPresent(
              latest ->
                  verdicts.add(
                      ratio("1", result, Contender.FULL, Contender.WAL, Bound.MORE_THAN, latest)));
      Double headline = HEADLINE.get(cell.scenario());
      if (large && cell.rate() == 0.01 && headline != null) {
        verdicts.add(ratio("1", result, Contender.FULL, Contender.WAL, Bound.AT_LEAST, headline));
      }
      if (cell.rate() <= 0.1) {
        verdicts.add(ratio("2", result, Contender.RMV, Contender.WAL, Bound.MORE_THAN, 1));
      }
      if (large && !cell.scenario().isWide()) {
        verdicts.add(ratio("3", result, Contender.FULL, Contender.WAL, Bound.AT_LEAST, 15));
      }
      verdicts.add(
          ratio("4", result, Contender.FULL, Contender.AUTO, Bound.AT_LEAST, NEVER_SLOWER));
      if (cell.scenario().isWide()) {
        verdicts.add(ratio("4", result, Contender.RMVC, Contender.AUTO, Bound.AT_LEAST, 4));
      }
      verdicts.add(
          ratio("5", result, Contender.RMV, Contender.AUTO_REBUILD, Bound.AT_LEAST, NEVER_SLOWER));
    }
    return verdicts;
  }

  private static Verdict ratio(
      String target, CellResult result, Contender slow, Contender fast, Bound bound, double limit) {
    String label = result.cell().label() + " sync " + result.cell().synchronousCommit();
    Verdict verdict =
        new Verdict(
            target, label, slow + " ÷ " + fast, result.ratio(slow, fast), bound, limit, "×");
    for (Contender contender : List.of(slow, fast)) {
      Outcome outcome = result.outcomes().get(contender);
      if (outcome == null) {
        return verdict.spoiltBy(contender + " was not measured");
      }
      if (!outcome.equal()) {
        return verdict.spoiltBy(contender + " has a wrong result");
      }
      if (outcome.fault().isPresent()) {
        return verdict.spoiltBy(contender + ": " + outcome.fault().get());
      }
    }
    return verdict;
  }
}
