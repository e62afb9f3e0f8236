package dev.freshet.bench.contest;

import dev.freshet.bench.report.Samples;
import dev.freshet.engine.control.RefreshReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One contender's refreshes.
 *
 * @param millis of each measured refresh, from the call to the commit
 * @param deltaRows the smallest delta of a cycle: rows shipped after consolidation and reduction;
 *     for those who read no delta, the rows that the cycle changed in the sources
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

  /** Sums up the refreshes of {@code contender}, at least one. */
  static Outcome of(Contender contender, List<TimedRefresh> refreshes, long differences) {
    Map<String, Integer> modes = new TreeMap<>();
    Map<String, List<Double>> phases = new TreeMap<>();
    for (TimedRefresh refresh : refreshes) {
      if (refresh.report().isPresent()) {
        RefreshReport report = refresh.report().get();
        modes.merge(report.mode().name(), 1, Integer::sum);
        report
            .phases()
            .forEach(
                (phase, millis) ->
                    phases.computeIfAbsent(phase, _ -> new ArrayList<>()).add(millis));
      }
    }
    long delta = refreshes.stream().mapToLong(TimedRefresh::deltaRows).min().orElse(0);
    Map<String, Double> medians = new TreeMap<>();
    phases.forEach((phase, millis) -> medians.put(phase, Samples.of(millis).median()));
    return new Outcome(
        Samples.of(refreshes.stream().map(TimedRefresh::millis).toList()),
        delta,
        modes,
        medians,
        differences,
        fault(contender, modes, delta));
  }

  /** A refresh that did something else, or nothing, wins no cell. */
  private static Optional<String> fault(
      Contender contender, Map<String, Integer> modes, long delta) {
    if (delta <= 0) {
      return Optional.of("a refresh had an empty delta");
    }
    if (modes.containsKey("NOOP")) {
      return Optional.of("a refresh found nothing to do: " + modes);
    }
    return contender
        .requiredMode()
        .filter(required -> !modes.keySet().equals(Set.of(required)))
        .map(required -> "refreshes were to be %s, but were %s".formatted(required, modes));
  }
}
