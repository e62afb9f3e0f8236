package dev.freshet.engine.refresh;

import dev.freshet.engine.refresh.CostsBySize.Estimate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What refreshes of one stream table really cost, learned from the ones that were done and from
 * those that were given up. Times of what happens once, the rendering of a statement, are left out.
 *
 * <p>Incremental costs are kept by the sources that have changed, and by size: {@link CostsBySize}.
 * Of the full refresh, the fill tells a bound until one was done. After a restart nothing is known
 * of it; then a full refresh that was tried and given up tells that it costs more.
 *
 * <p>Cost of finding out: how many delta rows came of how many changes of a source is remembered
 * too, so that a refresh that will be full need not consolidate a delta first. Every {@link
 * #LOOK_EVERY}th does.
 *
 * <p>Thread-confined: used under the stream table's refresh lock.
 */
final class LearnedCosts {
  private static final int LOOK_EVERY = 8;

  /** Sets of changed sources that are told apart; the one used least recently is forgotten. */
  private static final int SHAPES = 32;

  private final LinkedHashMap<Set<Integer>, CostsBySize> incremental =
      new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Integer, Double> rowsPerChange = new HashMap<>();
  private final Samples full = new Samples();
  private OptionalDouble fill = OptionalDouble.empty();
  private double fullAtLeast;
  private int foreseen;

  /** The initial fill bounds what a full refresh costs, until one was done. */
  void expectFull(double milliseconds) {
    fill = OptionalDouble.of(milliseconds);
  }

  void observeFull(double milliseconds) {
    full.add(milliseconds);
  }

  /** A full refresh was tried and given up. */
  void observeStoppedFull(double milliseconds) {
    fullAtLeast = Math.max(fullAtLeast, milliseconds);
  }

  void observeIncremental(DeltaSize size, double milliseconds) {
    if (milliseconds <= full().orElse(Double.POSITIVE_INFINITY)) {
      costs(size).succeeded(size.rows(), milliseconds);
    } else {
      costs(size).failed(size.rows(), milliseconds);
    }
  }

  /**
   * An incremental refresh was given up after so long. The full one that follows it is measured
   * anew: if the sources have grown since the last one, that was too small a budget.
   */
  void observeStopped(DeltaSize size, double milliseconds) {
    costs(size).stopped(size.rows(), milliseconds);
    full.clear();
  }

  /** A full refresh was preferred to an incremental one of this size. */
  void preferredFull(DeltaSize size) {
    costs(size).preferredFull(size.rows());
  }

  /** Whether an incremental refresh that is believed to be dearer shall be tried again. */
  boolean isTrialDue(DeltaSize size) {
    return costs(size).isTrialDue(size.rows());
  }

  private CostsBySize costs(DeltaSize size) {
    CostsBySize costs = incremental.computeIfAbsent(size.sources(), _ -> new CostsBySize());
    if (incremental.size() > SHAPES) {
      incremental.pollFirstEntry();
    }
    return costs;
  }

  OptionalDouble full() {
    OptionalDouble measured = full.least();
    return measured.isPresent() ? measured : fill;
  }

  /** Whether {@link #full} is what a full refresh took, not what the fill did. */
  boolean isFullMeasured() {
    return full.least().isPresent();
  }

  /** What a full refresh costs at the least, where {@link #full} is not known. */
  double fullAtLeast() {
    return fullAtLeast;
  }

  /** What an incremental refresh of this size should cost, if known. */
  Optional<Estimate> incremental(DeltaSize size) {
    CostsBySize known = incremental.get(size.sources());
    return known == null ? Optional.empty() : known.estimate(size.rows());
  }

  /** A source's delta was consolidated: {@code changes} row changes became {@code deltaRows}. */
  void observeConsolidation(int source, long changes, long deltaRows) {
    if (changes > 0) {
      rowsPerChange.put(source, (double) deltaRows / changes);
    }
  }

  /**
   * Delta rows by source, of changes by source; empty if that is not known, or when it is time to
   * look again.
   */
  Optional<Map<Integer, Long>> foresee(Map<Integer, Long> changes) {
    Map<Integer, Long> rows = new HashMap<>();
    for (Map.Entry<Integer, Long> entry : changes.entrySet()) {
      Double ratio = rowsPerChange.get(entry.getKey());
      if (entry.getValue() > 0) {
        if (ratio == null) {
          return Optional.empty();
        }
        rows.put(entry.getKey(), Math.round(entry.getValue() * ratio));
      }
    }
    boolean nothing = rows.values().stream().allMatch(count -> count == 0);
    return nothing || ++foreseen % LOOK_EVERY == 0 ? Optional.empty() : Optional.of(rows);
  }
}
