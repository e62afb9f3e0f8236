package dev.freshet.engine.refresh;

import dev.freshet.config.CostModel;
import dev.freshet.config.RefreshMode;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.refresh.CostsBySize.Basis;
import dev.freshet.engine.refresh.CostsBySize.Estimate;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Delta or full, why, and how long to stand by it.
 *
 * <p>Sizes are delta rows by source. They may be foreseen from the number of changes, to spare the
 * work of a delta that will not be used.
 *
 * <p>The threshold: above {@code max-change-ratio} consolidated delta rows per source row, full.
 * With {@code cost: auto}, what refreshes of this stream table have cost decides instead, as soon
 * as both sides are known. Of the full one only the fill may be known, which did more.
 *
 * <p>The budget, with {@code cost: auto}: a refresh that takes longer than the other way is
 * expected to take is given up, and the other way is taken. So what is not known costs once, and no
 * more than twice what it should have cost.
 */
sealed interface Decision {
  /**
   * The fill only bounds what a full refresh costs, often by far: where an incremental one costs
   * more than this share of it, a full one is tried once.
   */
  double UNTRIED = 0.25;

  /** The same if only one was done, which did more than the next ones will. */
  double UNTRIED_FIRST = 0.5;

  /** An incremental refresh that takes less is good enough to try nothing else. */
  double GOOD_ENOUGH_MILLISECONDS = 10;

  /** The same if only one was done: the next will tell. */
  double GOOD_ENOUGH_FIRST_MILLISECONDS = 100;

  /** Less is within what a busy server or a first planning takes, and not worth giving up for. */
  double LEAST_BUDGET_MILLISECONDS = 250;

  /** The same for a full refresh of which nothing is known. */
  double LEAST_TRIAL_MILLISECONDS = 50;

  /** How much of a full refresh an incremental one may take that has been cheaper before. */
  double PROVEN = 2;

  String reason();

  Optional<Double> expectedMilliseconds();

  /** Milliseconds after which its statements are given up; empty: never. */
  OptionalDouble budget();

  record Incremental(String reason, Optional<Double> expectedMilliseconds, OptionalDouble budget)
      implements Decision {}

  record Full(String reason, Optional<Double> expectedMilliseconds, OptionalDouble budget)
      implements Decision {
    Full(String reason, Optional<Double> expectedMilliseconds) {
      this(reason, expectedMilliseconds, OptionalDouble.empty());
    }
  }

  static Decision between(
      RefreshSettings settings,
      RefreshMode mode,
      LearnedCosts costs,
      Map<Integer, Double> sourceRows,
      Map<Integer, Long> deltaSizes) {
    DeltaSize size = DeltaSize.of(deltaSizes);
    Optional<Estimate> incremental = costs.incremental(size);
    Optional<Double> expected =
        incremental.filter(estimate -> !estimate.isBound()).map(Estimate::milliseconds);
    String rows = "delta " + size.rows() + " rows";
    if (mode == RefreshMode.INCREMENTAL) {
      return new Incremental(rows + ", mode incremental", expected, OptionalDouble.empty());
    }
    double ratio = ratio(sourceRows, deltaSizes);
    String measured = rows + ", ratio " + rounded(ratio);
    if (settings.cost() == CostModel.AUTO && incremental.isPresent()) {
      Optional<Decision> learned = learned(costs, size, incremental.get(), measured);
      if (learned.isPresent()) {
        return learned.get();
      }
    }
    OptionalDouble full = settings.cost() == CostModel.AUTO ? costs.full() : OptionalDouble.empty();
    return ratio <= settings.maxChangeRatio()
        ? new Incremental(measured, expected, budget(full, 1))
        : new Full(measured + " above max-change-ratio " + settings.maxChangeRatio(), boxed(full));
  }

  /** What is known decides, if that is enough. */
  private static Optional<Decision> learned(
      LearnedCosts costs, DeltaSize size, Estimate incremental, String measured) {
    OptionalDouble full = costs.full();
    if (full.isEmpty()) {
      return trialOfFull(costs, incremental, measured);
    }
    double least = incremental.milliseconds();
    String comparison =
        measured
            + (incremental.isBound() ? "; expected at least " : "; expected ")
            + rounded(least)
            + " ms incremental, "
            + rounded(full.getAsDouble())
            + " ms full";
    boolean first = incremental.basis() == Basis.ONE;
    boolean goodEnough =
        !costs.isFullMeasured()
            && least <= (first ? GOOD_ENOUGH_FIRST_MILLISECONDS : GOOD_ENOUGH_MILLISECONDS);
    if (least > full.getAsDouble() && !goodEnough) {
      return Optional.of(
          costs.isTrialDue(size)
              ? new Incremental(
                  comparison + ", put to the test again", Optional.of(least), budget(full, 1))
              : new Full(comparison, boxed(full)));
    }
    if (incremental.isBound()) {
      return Optional.empty();
    }
    double share = first ? UNTRIED_FIRST : UNTRIED;
    boolean untried = !costs.isFullMeasured() && !goodEnough && least > share * full.getAsDouble();
    return Optional.of(
        untried
            ? new Full(comparison + " by the fill, to be tried", boxed(full))
            : new Incremental(comparison, Optional.of(least), budget(full, PROVEN)));
  }

  /** Nothing is known of a full refresh: after a restart. It may take as long as what is known. */
  private static Optional<Decision> trialOfFull(
      LearnedCosts costs, Estimate incremental, String measured) {
    double least = incremental.milliseconds();
    return incremental.isBound()
            || least <= GOOD_ENOUGH_MILLISECONDS
            || least <= costs.fullAtLeast() * PROVEN
        ? Optional.empty()
        : Optional.of(
            new Full(
                measured + "; expected " + rounded(least) + " ms incremental, full to be tried",
                Optional.empty(),
                OptionalDouble.of(Math.max(least, LEAST_TRIAL_MILLISECONDS))));
  }

  private static OptionalDouble budget(OptionalDouble full, double times) {
    return full.isPresent()
        ? OptionalDouble.of(Math.max(LEAST_BUDGET_MILLISECONDS, times * full.getAsDouble()))
        : OptionalDouble.empty();
  }

  /** Three decimals. A formatter would take longer than the decision. */
  private static double rounded(double value) {
    return Math.rint(value * 1000) / 1000;
  }

  private static Optional<Double> boxed(OptionalDouble value) {
    return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
  }

  /** The largest share of changed rows among the sources; one never analysed does not count. */
  private static double ratio(Map<Integer, Double> sourceRows, Map<Integer, Long> deltaSizes) {
    double ratio = 0;
    for (Map.Entry<Integer, Long> delta : deltaSizes.entrySet()) {
      double rows = sourceRows.getOrDefault(delta.getKey(), -1.0);
      if (rows > 0) {
        ratio = Math.max(ratio, delta.getValue() / rows);
      }
    }
    return Math.min(1, ratio);
  }
}
