package dev.freshet.cdc.trigger;

import dev.freshet.cdc.ChangeSource.Pending;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which transactions are known to have changed which source: enough to tell whether a stream table
 * has work and how far it is behind. Deltas do not rest on it.
 */
final class Notices {
  /**
   * One transaction's rows in one generation.
   *
   * @param changes inserts, updates, deletes and truncations
   */
  record Notice(long xid, long changes, long bytes, Instant at, Lsn lsn) {}

  private static final int MAX_NOTICES = 100_000;

  private record Place(long generation, long xid) {}

  private final Map<Integer, LinkedHashMap<Place, Notice>> byRelation = new HashMap<>();

  /** False if it was known. Beyond a bound the oldest alone are kept: they tell the lag. */
  synchronized boolean add(int relation, long generation, Notice notice) {
    Map<Place, Notice> notices = byRelation.computeIfAbsent(relation, _ -> new LinkedHashMap<>());
    return notices.size() >= MAX_NOTICES
        || notices.putIfAbsent(new Place(generation, notice.xid()), notice) == null;
  }

  /** Forgets what everybody has seen. */
  synchronized void prune(int relation, Predicate<Long> seenByAll) {
    Map<Place, Notice> notices = byRelation.get(relation);
    if (notices != null) {
      notices.keySet().removeIf(place -> seenByAll.test(place.xid()));
    }
  }

  private Collection<Notice> of(int relation) {
    return byRelation.getOrDefault(relation, new LinkedHashMap<>()).values();
  }

  synchronized long changes(int relation, Snapshot from) {
    long changes = 0;
    for (Notice notice : of(relation)) {
      changes += from.sees(notice.xid()) ? 0 : notice.changes();
    }
    return changes;
  }

  /** What {@code from} does not see; everything if there is no such snapshot yet. */
  synchronized Pending pending(Set<Integer> relations, Optional<Snapshot> from) {
    Set<Long> transactions = new HashSet<>();
    long changes = 0;
    long bytes = 0;
    Optional<Notice> oldest = Optional.empty();
    for (Integer relation : relations) {
      for (Notice notice : of(relation)) {
        if (from.isPresent() && from.get().sees(notice.xid())) {
          continue;
        }
        transactions.add(notice.xid());
        changes += notice.changes();
        bytes += notice.bytes();
        if (oldest.isEmpty() || notice.at().isBefore(oldest.get().at())) {
          oldest = Optional.of(notice);
        }
      }
    }
    return new Pending(
        transactions.size(), changes, bytes, oldest.map(Notice::lsn), oldest.map(Notice::at));
  }
}
