package dev.freshet.bench.matrix;

import dev.freshet.bench.report.Samples;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What was measured in one cell. */
public record CellResult(Cell cell, Map<Contender, Outcome> outcomes) {

  /**
   * One contender's cycles.
   *
   * @param millis of each measured refresh, from the call to the commit
   * @param deltaRows the smallest delta of a cycle: rows shipped after consolidation and reduction;
   *     for those who read no delta, the rows that the cycle changed in the source
   * @param modes what the refreshes did and how often; empty for materialized views
   * @param phases median milliseconds by phase, as the engine reports them
   * @param differences rows in which the result differs from its query after the last cycle
   * @param fault why the measurement does not count, if so
   */
  public record Outcome(
      Samples millis,
      long deltaRows,
      Map<String, Integer> modes,
      Map<String, Double> phases,
      long differences,
      Optional<String> fault) {
    public Outcome {
      modes = new TreeMap<>(modes);
      phases = new TreeMap<>(phases);
    }

    public boolean equal() {
      return differences == 0;
    }
  }

  public CellResult {
    outcomes = new EnumMap<>(outcomes);
  }

  public Optional<Outcome> of(Contender contender) {
    return Optional.ofNullable(outcomes.get(contender));
  }

  /**
   * How many times as long as {@code fast}, by medians, {@code slow} takes; NaN if one is absent.
   */
  public double ratio(Contender slow, Contender fast) {
    Outcome above = outcomes.get(slow);
    Outcome below = outcomes.get(fast);
    return above == null || below == null
        ? Double.NaN
        : above.millis().median() / below.millis().median();
  }

  /** Everything that is wrong: results that differ, refreshes that did something else. */
  public List<String> faults() {
    List<String> faults = new ArrayList<>();
    outcomes.forEach(
        (contender, outcome) -> {
          if (!outcome.equal()) {
            faults.add(
                "%s, %s: %d rows differ from the query"
                    .formatted(cell.label(), contender, outcome.differences()));
          }
          outcome
              .fault()
              .ifPresent(what -> faults.add("%s, %s: %s".formatted(cell.label(), contender, what)));
        });
    return faults;
  }
}
