package dev.freshet.bench.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Outcome;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.report.Verdict;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MatrixTargetsTest {

  private static Outcome took(double millis) {
    return new Outcome(Samples.of(millis), 100, Map.of(), Map.of(), 0, Optional.empty());
  }

  /** The prototype's figures of scan, 100K, 1 %: all targets are met. */
  private static Map<Contender, Outcome> good() {
    Map<Contender, Outcome> outcomes = new EnumMap<>(Contender.class);
    outcomes.put(Contender.FULL, took(170));
    outcomes.put(Contender.RMV, took(81));
    outcomes.put(Contender.RMVC, took(692));
    outcomes.put(Contender.WAL, took(8.8));
    outcomes.put(Contender.AUTO, took(9));
    outcomes.put(Contender.AUTO_REBUILD, took(9));
    return outcomes;
  }

  private static List<Verdict> judge(
      Scenario scenario, int rows, double rate, Map<Contender, Outcome> outcomes) {
    return MatrixTargets.judge(
        List.of(new CellResult(new Cell(scenario, rows, rate, "on"), outcomes)));
  }

  private static List<String> missed(List<Verdict> verdicts) {
    return verdicts.stream()
        .filter(verdict -> !verdict.met())
        .map(verdict -> verdict.target() + " " + verdict.quantity() + " " + verdict.requirement())
        .toList();
  }

  @Test
  void prototypesFiguresMeetAllTargets() {
    List<Verdict> verdicts = judge(Scenario.SCAN, 100_000, 0.01, good());
    assertThat(missed(verdicts)).isEmpty();
    assertThat(verdicts)
        .extracting(verdict -> verdict.target() + " " + verdict.requirement())
        .containsExactly("1 > 7×", "1 ≥ 18×", "2 > 1×", "4 ≥ 0.95×", "4 ≥ 4×", "5 ≥ 0.95×");
  }

  @Test
  void walMustBeatTheAncestorsLatestEverywhere() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.put(Contender.WAL, took(170 / 4.4));
    assertThat(missed(judge(Scenario.SCAN, 10_000, 0.01, outcomes)))
        .containsExactly("1 full ÷ wal > 4.4×");
  }

  @Test
  void walNeedNotBeatTheBlockingRefreshWhereHalfOfAllChanges() {
    assertThat(judge(Scenario.SCAN, 100_000, 0.5, good()))
        .extracting(Verdict::target)
        .doesNotContain("2")
        .contains("1", "4", "5");
  }

  @Test
  void aggregatesMustBeFifteenTimesAsFastAt100K() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.put(Contender.WAL, took(170 / 14.9));
    assertThat(missed(judge(Scenario.AGGREGATE, 100_000, 0.5, outcomes)))
        .containsExactly("3 full ÷ wal ≥ 15×");
    assertThat(judge(Scenario.AGGREGATE, 10_000, 0.5, outcomes))
        .extracting(Verdict::target)
        .doesNotContain("3");
  }

  @Test
  void autoMayNotBeSlowerThanFull() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.put(Contender.AUTO, took(180));
    assertThat(missed(judge(Scenario.AGGREGATE, 10_000, 0.1, outcomes)))
        .containsExactly("4 full ÷ auto ≥ 0.95×");
  }

  @Test
  void autoMustBeFourTimesAsFastAsThePeerThatNeverBlocks() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.put(Contender.RMVC, took(35));
    assertThat(missed(judge(Scenario.JOIN, 10_000, 0.1, outcomes)))
        .containsExactly("4 rmvc ÷ auto ≥ 4×");
    assertThat(missed(judge(Scenario.JOIN_AGG, 10_000, 0.1, outcomes))).isEmpty();
  }

  @Test
  void optInRebuildMustKeepUpWithTheBlockingRefresh() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.put(Contender.AUTO_REBUILD, took(86));
    assertThat(missed(judge(Scenario.SCAN, 10_000, 0.5, outcomes)))
        .containsExactly("5 rmv ÷ auto_rebuild ≥ 0.95×");
  }

  @Test
  void aWrongResultMissesHoweverFast() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.put(
        Contender.WAL, new Outcome(Samples.of(0.1), 100, Map.of(), Map.of(), 3, Optional.empty()));
    assertThat(missed(judge(Scenario.SCAN, 10_000, 0.01, outcomes)))
        .containsExactly("1 full ÷ wal > 4.4×", "2 rmv ÷ wal > 1×");
  }

  @Test
  void aRefreshThatDidSomethingElseMisses() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.put(
        Contender.WAL,
        new Outcome(
            Samples.of(8.8),
            100,
            Map.of("FULL", 10),
            Map.of(),
            0,
            Optional.of("refreshes were to be INCREMENTAL, but were {FULL=10}")));
    assertThat(judge(Scenario.SCAN, 10_000, 0.01, outcomes))
        .filteredOn(verdict -> verdict.target().equals("1"))
        .allSatisfy(verdict -> assertThat(verdict.met()).isFalse());
  }

  @Test
  void aContenderThatWasNotMeasuredMisses() {
    Map<Contender, Outcome> outcomes = good();
    outcomes.remove(Contender.AUTO_REBUILD);
    assertThat(missed(judge(Scenario.SCAN, 10_000, 0.5, outcomes)))
        .containsExactly("5 rmv ÷ auto_rebuild ≥ 0.95×");
  }

  @Test
  void knowsWhatTheAncestorPublished() {
    assertThat(Ancestor.latest(new Cell(Scenario.SCAN, 100_000, 0.01, "on"))).contains(7.0);
    assertThat(Ancestor.best(new Cell(Scenario.SCAN, 100_000, 0.01, "on"))).contains(41.7);
    assertThat(Ancestor.latest(new Cell(Scenario.JOIN_AGG, 10_000, 0.5, "on"))).contains(1.4);
    assertThat(Ancestor.latest(new Cell(Scenario.JOIN_AGG, 100_000, 0.5, "on"))).contains(0.7);
    assertThat(Ancestor.latest(new Cell(Scenario.SCAN, 1_000, 0.01, "on"))).isEmpty();
  }
}
