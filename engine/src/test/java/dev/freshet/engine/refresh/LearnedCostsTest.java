package dev.freshet.engine.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.refresh.CostsBySize.Basis;
import dev.freshet.engine.refresh.CostsBySize.Estimate;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is learned of refreshes that were done, and of those that were given up. */
class LearnedCostsTest {
  private static final int ORDERS = 1;
  private static final int CUSTOMERS = 2;

  private final LearnedCosts costs = new LearnedCosts();

  private static DeltaSize orders(long rows) {
    return new DeltaSize(Set.of(ORDERS), rows);
  }

  private static Estimate about(double milliseconds) {
    return new Estimate(milliseconds, Basis.ONE);
  }

  private static Estimate atLeast(double milliseconds) {
    return new Estimate(milliseconds, Basis.BOUND);
  }

  @Test
  void estimatesByTheLeastOfTheLastFour() {
    for (double milliseconds : new double[] {1, 9, 7, 8, 6}) {
      costs.observeIncremental(orders(100), milliseconds);
    }
    assertThat(costs.incremental(orders(100))).contains(new Estimate(6, Basis.SEVERAL));
  }

  @Test
  void firstSampleCountsInFull() {
    costs.observeIncremental(orders(100), 40);
    assertThat(costs.incremental(orders(100))).contains(about(40));
  }

  @Test
  void scalesUpwardsAndNotDownwards() {
    costs.observeIncremental(orders(100), 10);
    assertThat(costs.incremental(orders(200))).contains(about(20));
    assertThat(costs.incremental(orders(400))).contains(about(40));
    assertThat(costs.incremental(orders(50))).contains(about(10));
    assertThat(costs.incremental(orders(1))).contains(about(10));
  }

  @Test
  void farAboveWhatWasSeenThereIsOnlyABound() {
    costs.observeIncremental(orders(100), 10);
    assertThat(costs.incremental(orders(1000))).contains(atLeast(10));
  }

  @Test
  void deltasOfOtherSourcesAreOtherDeltas() {
    costs.observeIncremental(orders(100), 10);
    assertThat(costs.incremental(new DeltaSize(Set.of(CUSTOMERS), 100))).isEmpty();
    assertThat(costs.incremental(new DeltaSize(Set.of(ORDERS, CUSTOMERS), 100))).isEmpty();
    assertThat(DeltaSize.of(Map.of(ORDERS, 100L, CUSTOMERS, 0L))).isEqualTo(orders(100));
  }

  @Test
  void onlySoManySetsOfSourcesAreKept() {
    for (int source = 1; source <= 40; source++) {
      costs.observeIncremental(new DeltaSize(Set.of(source), 100), 10);
      costs.observeIncremental(new DeltaSize(Set.of(1), 100), 10);
    }
    assertThat(costs.incremental(new DeltaSize(Set.of(2), 100))).isEmpty();
    assertThat(costs.incremental(new DeltaSize(Set.of(1), 100))).isPresent();
    assertThat(costs.incremental(new DeltaSize(Set.of(40), 100))).contains(about(10));
  }

  @Test
  void fillStandsForFullUntilOneWasDone() {
    assertThat(costs.full()).isEmpty();
    costs.expectFull(500);
    assertThat(costs.full()).hasValue(500);
    assertThat(costs.isFullMeasured()).isFalse();
    costs.observeFull(600);
    assertThat(costs.full()).hasValue(600);
    assertThat(costs.isFullMeasured()).isTrue();
  }

  @Test
  void oneThatWasGivenUpReplacesWhatWasBelieved() {
    costs.observeFull(100);
    costs.observeIncremental(orders(100), 10);
    costs.observeStopped(orders(100), 250);
    assertThat(costs.incremental(orders(100))).contains(about(250));
  }

  @Test
  void fullRefreshAfterOneThatWasGivenUpIsMeasuredAnew() {
    costs.observeFull(100);
    costs.observeIncremental(orders(100), 10);
    costs.observeStopped(orders(100), 250);
    costs.observeFull(1000);
    assertThat(costs.full()).as("the sources have grown").hasValue(1000);
  }

  @Test
  void largerDeltaThatWasCheaperRefutesTheSmallerOne() {
    costs.observeFull(100);
    costs.observeStopped(orders(10), 250);
    costs.observeIncremental(orders(1000), 30);
    assertThat(costs.incremental(orders(10))).contains(about(30));
  }

  @Test
  void trialsBecomeRarerWithEachFailure() {
    costs.observeFull(100);
    int trials = 0;
    costs.observeStopped(orders(100), 250);
    for (int refresh = 0; refresh < 1000; refresh++) {
      if (costs.isTrialDue(orders(100))) {
        trials++;
        costs.observeStopped(orders(100), 250);
      } else {
        costs.preferredFull(orders(100));
      }
    }
    assertThat(trials).isEqualTo(9);
  }

  @Test
  void firstTrialIsDueAfterTwoFullRefreshes() {
    costs.observeFull(100);
    costs.observeIncremental(orders(100), 150);
    assertThat(costs.isTrialDue(orders(100))).isFalse();
    costs.preferredFull(orders(100));
    assertThat(costs.isTrialDue(orders(100))).isFalse();
    costs.preferredFull(orders(100));
    assertThat(costs.isTrialDue(orders(100))).isTrue();
    costs.observeIncremental(orders(100), 20);
    assertThat(costs.incremental(orders(100))).contains(new Estimate(20, Basis.SEVERAL));
  }

  @Test
  void whatChangesBecomeIsForeseenBySource() {
    assertThat(costs.foresee(Map.of(ORDERS, 10L))).isEmpty();
    costs.observeConsolidation(ORDERS, 1000, 50);
    costs.observeConsolidation(CUSTOMERS, 10, 0);
    assertThat(costs.foresee(Map.of(ORDERS, 2000L, CUSTOMERS, 5L)))
        .contains(Map.of(ORDERS, 100L, CUSTOMERS, 0L));
    assertThat(costs.foresee(Map.of(ORDERS, 2000L, 3, 5L))).isEmpty();
    assertThat(costs.foresee(Map.of(CUSTOMERS, 7L))).as("nothing").isEmpty();
  }

  @Test
  void everyEighthTimeItIsLookedAtAgain() {
    costs.observeConsolidation(ORDERS, 100, 50);
    int looks = 0;
    for (int i = 0; i < 80; i++) {
      if (costs.foresee(Map.of(ORDERS, 10L)).isEmpty()) {
        looks++;
      }
    }
    assertThat(looks).isEqualTo(10);
  }
}
