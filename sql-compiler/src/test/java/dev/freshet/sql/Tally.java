package dev.freshet.sql;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Counts what became of random cases. Safe for use by several threads. */
final class Tally {
  private static final int TOP = 15;

  private final Map<RefreshClass, Integer> queries = new EnumMap<>(RefreshClass.class);
  private final Map<RefreshClass, Integer> refreshes = new EnumMap<>(RefreshClass.class);
  private final Map<String, Integer> reasons = new LinkedHashMap<>();
  private final Map<String, Integer> rejections = new LinkedHashMap<>();
  private final Map<String, Set<Long>> failures = new LinkedHashMap<>();
  private final Set<Long> undetermined = new TreeSet<>();
  private final long start = System.nanoTime();
  private int cases;
  private int fullOfIncremental;
  private int failedDeltas;
  private int filtered;

  synchronized void add(long seed, Outcome outcome) {
    cases++;
    switch (outcome) {
      case Outcome.Clean(
              var refreshClass,
              String reason,
              int incremental,
              int full,
              int failed,
              boolean isFiltered) -> {
        failedDeltas += failed;
        filtered += isFiltered ? 1 : 0;
        queries.merge(refreshClass, 1, Integer::sum);
        if (refreshClass == RefreshClass.FULL) {
          refreshes.merge(refreshClass, full, Integer::sum);
          reasons.merge(general(reason), 1, Integer::sum);
        } else {
          refreshes.merge(refreshClass, incremental, Integer::sum);
          fullOfIncremental += full;
        }
      }
      case Outcome.Rejected(String sqlState, String message) ->
          rejections.merge(
              sqlState + " " + general(message.lines().findFirst().orElse("")), 1, Integer::sum);
      case Outcome.Undetermined _ -> undetermined.add(seed);
      case Outcome.Failed(String kind, String _) ->
          failures.computeIfAbsent(kind, _ -> new TreeSet<>()).add(seed);
    }
  }

  /** Without the names and numbers of one query. */
  private static String general(String reason) {
    String text =
        reason
            .replaceAll("\"[^\"]*\"|'[^']*'", "…")
            .replaceAll("\\b[crtw][0-9]+(\\.\\w+)?\\b", "…")
            .replaceAll("\\s+", " ");
    return text.substring(0, Math.min(110, text.length()));
  }

  synchronized int cases() {
    return cases;
  }

  private static String top(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(TOP)
        .map(e -> "\n    %6d  %s".formatted(e.getValue(), e.getKey()))
        .collect(Collectors.joining());
  }

  private static int sum(Map<?, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  synchronized List<Long> undetermined() {
    return List.copyOf(undetermined);
  }

  synchronized String report(int threads) {
    double seconds = (System.nanoTime() - start) / 1e9;
    int clean = sum(queries);
    int refreshed = sum(refreshes) + fullOfIncremental;
    int rejected = sum(rejections);
    var text = new StringBuilder();
    text.append(
        "%,d queries clean %s, %,d refreshes clean %s and %,d full ones of these"
            .formatted(clean, queries, refreshed, refreshes, fullOfIncremental));
    text.append("; %,d queries with filtered deltas".formatted(filtered));
    text.append(
        "; %,d of %,d rejected by PostgreSQL (%.1f %%); %.0f s, %.0f refreshes/s per thread"
            .formatted(
                rejected,
                cases,
                100.0 * rejected / Math.max(1, cases),
                seconds,
                refreshed / seconds / threads));
    if (failedDeltas > 0) {
      text.append(
          "\n  %,d of the full ones because the delta failed on a value (SQLSTATE 22…)"
              .formatted(failedDeltas));
    }
    if (!reasons.isEmpty()) {
      text.append("\n  full because:").append(top(reasons));
    }
    if (rejected > 0) {
      text.append("\n  rejected:").append(top(rejections));
    }
    if (!undetermined.isEmpty()) {
      text.append("\n  more than one result: seeds ").append(undetermined);
    }
    failures.forEach(
        (kind, seeds) ->
            text.append("\n  FAILED: %s: %d seeds %s".formatted(kind, seeds.size(), seeds)));
    return text.toString();
  }
}
