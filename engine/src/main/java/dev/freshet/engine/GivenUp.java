package dev.freshet.engine;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The frontiers that were given up because the slot had lost changes, while no engine could be
 * attached yet, and whether the slot is of use at all. Attaching may take several attempts: the
 * first one gives them up, a later one tells.
 */
final class GivenUp {
  private final Set<Long> streamTables = new LinkedHashSet<>();
  private Optional<String> reason = Optional.empty();
  private Optional<String> spent = Optional.empty();

  synchronized void add(Set<Long> ids, String why) {
    if (!ids.isEmpty()) {
      streamTables.addAll(ids);
      reason = reason.or(() -> Optional.of(why));
    }
  }

  /** Those given up so far, and what is to be told of it. */
  synchronized CaptureMode.Continuity since(SlotVerdict last) {
    return new CaptureMode.Continuity(
        reason.<SlotVerdict>map(SlotVerdict.Lost::new).orElse(last), streamTables);
  }

  /** The slot never delivers what comes next: it must be made anew. */
  synchronized void spend(String why) {
    spent = Optional.of(why);
  }

  /** Why the slot must be made anew, if so. */
  synchronized Optional<String> spent() {
    return spent;
  }

  /** Another slot was made. */
  synchronized void replaced() {
    spent = Optional.empty();
  }

  /** An engine is attached, which refills them. */
  synchronized void clear() {
    streamTables.clear();
    reason = Optional.empty();
  }
}
