package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Snapshot;
import java.util.ArrayDeque;
import java.util.Optional;

/** Transactions received that some snapshot may not see yet. Guarded by the buffer's lock. */
final class ReceivedTransactions {
  /** Bound on the ids remembered; 16 MiB of them. */
  private static final int MAX_IDS = 1 << 20;

  /** Low halves of the ids, oldest first. */
  private final ArrayDeque<Integer> ids = new ArrayDeque<>();

  private Optional<Snapshot> newest = Optional.empty();

  void add(int xid) {
    ids.addLast(xid);
    if (ids.size() > MAX_IDS) {
      ids.removeFirst();
    }
  }

  /** Those that the newest snapshot known does not see. */
  int[] unsettled() {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The newest snapshot that somebody has taken. */
  Optional<Snapshot> newest() {
    return newest;
  }

  /** Somebody has taken this snapshot: what it sees, every later one sees. */
  void settle(Snapshot snapshot) {
    if (newest.isEmpty() || snapshot.covers(newest.get())) {
      newest = Optional.of(snapshot);
      ids.removeIf(xid -> snapshot.sees(snapshot.widen(xid)));
    }
  }
}
