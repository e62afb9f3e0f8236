package dev.freshet.engine.refresh;

import dev.freshet.config.CostModel;
import dev.freshet.config.RefreshMode;
import dev.freshet.config.RefreshSettings;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Delta or full, and why.
 *
 * <p>Sizes are delta rows by source. They may be foreseen from the number of changes, to spare the
 * work of a delta that will not be used.
 *
 * <p>The threshold: above {@code max-change-ratio} consolidated delta rows per source row, full.
 * With {@code cost: auto}, what refreshes of this stream table have cost decides instead, as soon
 * as both sides are known. Of the full one only the fill may be known, which did more.
 */
sealed interface Decision {
  /**
   * The fill only bounds what a full refresh costs, often by far: where an incremental one costs
   * more than this share of it, a full one is tried once.
   */
  double UNTRIED = 0.25;

  /** An incremental refresh that takes less is good enough to try nothing else. */
  double GOOD_ENOUGH_MILLISECONDS = 10;

  String reason();

  Optional<Double> expectedMilliseconds();

  record Incremental(String reason, Optional<Double> expectedMilliseconds) implements Decision {}

  record Full(String reason, Optional<Double> expectedMilliseconds) implements Decision {}

  static Decision between(
      RefreshSettings settings,
      RefreshMode mode,
      LearnedCosts costs,
      Map<Integer, Double> sourceRows,
      Map<Integer, Long> deltaSizes) {
    long deltaRows = deltaSizes.values().stream().mapToLong(Long::longValue).sum();
    String size = "delta " + deltaRows + " rows";
    OptionalDouble incremental = costs.incremental(deltaRows);
    Optional<Double> expected = boxed(incremental);
    if (mode == RefreshMode.INCREMENTAL) {
      return new Incremental(size + ", mode incremental", expected);
    }
    double ratio = ratio(sourceRows, deltaSizes);
    String measured = size + ", ratio " + rounded(ratio);
    OptionalDouble full = costs.full();
    if (settings.cost() == CostModel.AUTO && incremental.isPresent() && full.isPresent()) {
      String comparison =
          measured
              + "; expected "
              + rounded(incremental.getAsDouble())
              + " ms incremental, "
              + rounded(full.getAsDouble())
              + " ms full";
      double least = incremental.getAsDouble();
      if (least > full.getAsDouble()) {
        return new Full(comparison, boxed(full));
      }
      boolean untried =
          !costs.isFullMeasured()
              && least > GOOD_ENOUGH_MILLISECONDS
              && least > UNTRIED * full.getAsDouble();
      return untried
          ? new Full(comparison + " by the fill, to be tried", boxed(full))
          : new Incremental(comparison, expected);
    }
    return ratio <= settings.maxChangeRatio()
        ? new Incremental(measured, expected)
        : new Full(measured + " above max-change-ratio " + settings.maxChangeRatio(), boxed(full));
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
