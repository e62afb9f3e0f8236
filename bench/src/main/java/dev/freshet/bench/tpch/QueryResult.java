package dev.freshet.bench.tpch;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured of one query at one rate of change.
 *
 * @param out contenders that were given up, and why
 */
record QueryResult(
    TpchQuery query,
    Maintenance maintenance,
    double rate,
    Map<Contender, Outcome> outcomes,
    Map<Contender, String> out) {
  QueryResult {
    outcomes = new EnumMap<>(outcomes);
    out = Map.copyOf(out);
  }

  Optional<Outcome> of(Contender contender) {
    return Optional.ofNullable(outcomes.get(contender));
  }

  /**
   * How many times as long as {@code fast}, by medians, {@code slow} takes; NaN if one is absent.
   */
  double ratio(Contender slow, Contender fast) {
    Outcome above = outcomes.get(slow);
    Outcome below = outcomes.get(fast);
    return above == null || below == null
        ? Double.NaN
        : above.millis().median() / below.millis().median();
  }

  boolean equal() {
    return outcomes.values().stream().allMatch(Outcome::equal);
  }

  /** Whether the tables equal their query, as far as their contenders got there. */
  String verdict() {
    return !equal() ? "NO" : out.isEmpty() ? "yes" : "not all measured";
  }

  /** Results that differ from the query. */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    outcomes.forEach(
        (contender, outcome) -> {
          if (!outcome.equal()) {
            faults.add(
                "%s at %s, %s: %d rows differ from the query"
                    .formatted(query.name(), rate, contender, outcome.differences()));
          }
        });
    return faults;
  }
}
