package dev.freshet.bench.matrix;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was measured in one cell. */
public record CellResult(Cell cell, Map<Contender, Outcome> outcomes) {

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
