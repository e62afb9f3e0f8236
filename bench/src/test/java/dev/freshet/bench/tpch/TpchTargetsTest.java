package dev.freshet.bench.tpch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Outcome;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.report.Verdict;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TpchTargetsTest {
  private static final Maintenance ALGEBRAIC = new Maintenance("algebraic", true, "");
  private static final Maintenance FULL = new Maintenance("full", false, "a window");

  private static Outcome took(double millis, long differences) {
    return new Outcome(Samples.of(millis), 100, Map.of(), Map.of(), differences, Optional.empty());
  }

  private static QueryResult result(
      String query, Maintenance maintenance, double full, double wal, double auto) {
    Map<Contender, Outcome> outcomes = new EnumMap<>(Contender.class);
    outcomes.put(Contender.FULL, took(full, 0));
    outcomes.put(Contender.AUTO, took(auto, 0));
    if (!Double.isNaN(wal)) {
      outcomes.put(Contender.WAL, took(wal, 0));
    }
    return new QueryResult(new TpchQuery(query, "", ""), maintenance, 0.01, outcomes, Map.of());
  }

  private static List<String> missed(QueryResult... results) {
    return TpchTargets.judge(List.of(results)).stream()
        .filter(verdict -> !verdict.met())
        .map(Verdict::toString)
        .toList();
  }

  @Test
  void tenfoldMedianIsEnoughAtOnePercent() {
    assertThat(
            missed(
                result("q01", ALGEBRAIC, 100, 10, 10),
                result("q02", ALGEBRAIC, 100, 1, 1),
                result("q03", ALGEBRAIC, 100, 100, 100)))
        .isEmpty();
  }

  @Test
  void queryInFullCountsAsOneInTheMedianAndMisses() {
    assertThat(
            missed(result("q01", ALGEBRAIC, 100, 1, 1), result("q02", FULL, 100, Double.NaN, 100)))
        .containsExactly("q02: incremental and equal = 0.00, target ≥ 1 (a window)");
    assertThat(missed(result("q02", FULL, 100, Double.NaN, 100)))
        .contains("median of 1 queries, 1 %: full ÷ wal = 1.00×, target ≥ 10×");
  }

  @Test
  void contenderThatWasCutOffMisses() {
    QueryResult cutOff =
        new QueryResult(
            new TpchQuery("q01", "", ""),
            ALGEBRAIC,
            0.1,
            Map.of(Contender.FULL, took(5, 0), Contender.AUTO, took(5, 0)),
            Map.of(Contender.WAL, "cut off after 2,000 ms"));
    assertThat(missed(cutOff))
        .containsExactly("q01: incremental and equal = 0.00, target ≥ 1 (cut off after 2,000 ms)");
  }

  @Test
  void wrongResultWinsNothing() {
    QueryResult wrong =
        new QueryResult(
            new TpchQuery("q01", "", ""),
            ALGEBRAIC,
            0.1,
            Map.of(Contender.FULL, took(5, 0), Contender.AUTO, took(1, 3)),
            Map.of());
    assertThat(missed(wrong)).hasSize(2).allMatch(text -> text.endsWith("(a result is wrong)"));
    assertThat(wrong.faults()).hasSize(1);
  }

  @Test
  void slowAutoMissesForItsQuery() {
    assertThat(missed(result("q01", ALGEBRAIC, 100, 1, 110)))
        .containsExactly("q01 1 %: full ÷ auto = 0.909×, target ≥ 0.95×");
  }

  @Test
  void scriptHasTwentyTwoQueriesAndScalesTheOneThatDependsOnIt() {
    TpchScript script = TpchScript.read(0.1);
    assertThat(script.queries()).extracting(TpchQuery::number).hasSize(22).isSorted();
    assertThat(script.queries().get(10).sql()).contains("* 0.001\n");
    assertThat(TpchScript.read(1).queries().get(10).sql()).contains("* 0.0001\n");
    assertThat(Stream.concat(script.tables().stream(), script.indexes().stream()))
        .allMatch(sql -> sql.startsWith("CREATE ") || sql.startsWith("SET search_path"));
  }
}
