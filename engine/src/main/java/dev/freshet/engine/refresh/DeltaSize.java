package dev.freshet.engine.refresh;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the cost of an incremental refresh is remembered by: which sources have changed, and how
 * much. A row of one source may concern a thousand times as many rows as one of another.
 *
 * @param sources oids of those that have delta rows
 * @param rows delta rows of all of them
 */
record DeltaSize(Set<Integer> sources, long rows) {
  DeltaSize {
    sources = Set.copyOf(sources);
  }

  /** Of delta rows by source. */
  static DeltaSize of(Map<Integer, Long> rowsBySource) {
    return new DeltaSize(
        rowsBySource.entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet()),
        rowsBySource.values().stream().mapToLong(Long::longValue).sum());
  }
}
