package dev.freshet.engine.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.config.RefreshMode;
import dev.freshet.config.RefreshSettings;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Delta or full, and with which budget, from what is known. */
class DecisionTest {
  private static final int SOURCE = 1;
  private static final double SOURCE_ROWS = 1_000_000;

  private final LearnedCosts costs = new LearnedCosts();

  private static DeltaSize size(long rows) {
    return DeltaSize.of(Map.of(SOURCE, rows));
  }

  private Decision decide(RefreshMode mode, long rows) {
    return Decision.between(
        RefreshSettings.defaults(), mode, costs, Map.of(SOURCE, SOURCE_ROWS), Map.of(SOURCE, rows));
  }

  private Decision decide(long rows) {
    return decide(RefreshMode.AUTO, rows);
  }

  private static void requireIncremental(Decision decision, double budget) {
    assertThat(decision).isInstanceOf(Decision.Incremental.class);
    assertThat(decision.budget()).hasValue(budget);
  }

  private static void requireFull(Decision decision, OptionalDouble budget) {
    assertThat(decision).isInstanceOf(Decision.Full.class);
    assertThat(decision.budget()).isEqualTo(budget);
  }

  @Test
  void whereNothingIsKnownTheRatioDecidesWithoutABudget() {
    assertThat(decide(1000)).isInstanceOf(Decision.Incremental.class);
    assertThat(decide(1000).budget()).isEmpty();
    requireFull(decide(200_000), OptionalDouble.empty());
  }

  @Test
  void unknownDeltaMayTakeWhatTheFillTook() {
    costs.expectFull(1500);
    requireIncremental(decide(1000), 1500);
  }

  @Test
  void modeIncrementalHasNoBudget() {
    costs.observeFull(10);
    costs.observeIncremental(size(1000), 5000);
    Decision decision = decide(RefreshMode.INCREMENTAL, 1000);
    assertThat(decision).isInstanceOf(Decision.Incremental.class);
    assertThat(decision.budget()).isEmpty();
  }

  @Test
  void cheaperDeltaMayTakeTwoFullRefreshes() {
    costs.observeFull(1000);
    costs.observeIncremental(size(1000), 400);
    requireIncremental(decide(1000), 2000);
  }

  @Test
  void shortBudgetsAreNotWorthGivingUpFor() {
    costs.observeFull(30);
    costs.observeIncremental(size(1000), 5);
    requireIncremental(decide(1000), Decision.LEAST_BUDGET_MILLISECONDS);
  }

  @Test
  void dearerDeltaIsNotUsedUntilATrialIsDue() {
    costs.observeStopped(size(1000), 1100);
    costs.observeFull(1000);
    for (int i = 0; i < 2; i++) {
      requireFull(decide(1000), OptionalDouble.empty());
      costs.preferredFull(size(1000));
    }
    Decision trial = decide(1000);
    requireIncremental(trial, 1000);
    assertThat(trial.reason()).contains("put to the test again");
  }

  @Test
  void deltaFarLargerThanOneThatWasDearerIsDearerToo() {
    costs.observeStopped(size(10), 1100);
    costs.observeFull(1000);
    Decision decision = decide(10_000);
    requireFull(decision, OptionalDouble.empty());
    assertThat(decision.reason()).contains("expected at least 1100.0 ms incremental");
  }

  @Test
  void deltaFarLargerThanACheapOneMayTakeOneFullRefresh() {
    costs.observeFull(1000);
    costs.observeIncremental(size(10), 100);
    requireIncremental(decide(10_000), 1000);
  }

  @Test
  void fullRefreshIsTriedOnceWhereTheFillTellsTooLittle() {
    costs.expectFull(1000);
    costs.observeIncremental(size(1000), 400);
    requireIncremental(decide(1000), 2000);
    costs.observeIncremental(size(1000), 390);
    assertThat(decide(1000).reason()).contains("by the fill, to be tried");
    requireFull(decide(1000), OptionalDouble.empty());
    costs.observeFull(500);
    requireIncremental(decide(1000), 1000);
  }

  @Test
  void ofOneDeltaHalfOfTheFillIsTooMuch() {
    costs.expectFull(1000);
    costs.observeIncremental(size(1000), 600);
    requireFull(decide(1000), OptionalDouble.empty());
  }

  @Test
  void oneDeltaOfSomeMillisecondsProvesNothing() {
    costs.expectFull(40);
    costs.observeIncremental(size(1000), 90);
    requireIncremental(decide(1000), Decision.LEAST_BUDGET_MILLISECONDS);
    costs.observeIncremental(size(1000), 80);
    requireFull(decide(1000), OptionalDouble.empty());
  }

  @Test
  void fewMillisecondsAreGoodEnoughToTryNothingElse() {
    costs.expectFull(4);
    costs.observeIncremental(size(1000), 9);
    requireIncremental(decide(1000), Decision.LEAST_BUDGET_MILLISECONDS);
  }

  @Test
  void afterARestartAFullRefreshIsTriedForAsLongAsTheDeltaTook() {
    costs.observeIncremental(size(1000), 5);
    assertThat(decide(1000)).as("good enough").isInstanceOf(Decision.Incremental.class);
    costs.observeIncremental(size(100_000), 700);
    requireFull(decide(100_000), OptionalDouble.of(700));
    costs.observeStoppedFull(720);
    assertThat(decide(100_000)).isInstanceOf(Decision.Incremental.class);
    assertThat(decide(100_000).budget()).as("a full one may take hours").isEmpty();
  }
}
