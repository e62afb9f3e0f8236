package dev.freshet.cdc.buffer;

import dev.freshet.cdc.ChangeSource.Pending;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Adds up what one consumer's frontier does not see. Of staged changes, those of a transaction that
 * touched several relations count once for each.
 */
final class PendingCount {
  private final Optional<Snapshot> from;
  private final Set<BufferedTransaction> inMemory = new HashSet<>();
  private long staged;
  private long changes;
  private long bytes;
  private Optional<Lsn> oldest = Optional.empty();
  private Optional<Instant> oldestTime = Optional.empty();

  PendingCount(Optional<Snapshot> from) {
    this.from = from;
  }

  void add(TransactionRows rows) {
    BufferedTransaction transaction = rows.transaction();
    if (from.isPresent() && BufferConsumer.sees(from.get(), transaction)) {
      return;
    }
    inMemory.add(transaction);
    changes += rows.changes();
    bytes += rows.bytes();
    older(transaction.commitLsn(), transaction.commitTime());
  }

  void add(StagedRows rows) {
    long unseen = from.map(rows::transactions).orElse((long) rows.chunk().transactions().size());
    long changed = from.map(rows::changes).orElse(rows.chunk().changes());
    if (changed == 0) {
      return;
    }
    staged += unseen;
    changes += changed;
    bytes += rows.chunk().bytes();
    older(rows.chunk().firstCommit(), rows.chunk().firstTime());
  }

  private void older(Lsn commit, Instant time) {
    if (oldest.isEmpty() || commit.isBefore(oldest.get())) {
      oldest = Optional.of(commit);
      oldestTime = Optional.of(time);
    }
  }

  Pending total() {
    return new Pending(inMemory.size() + staged, changes, bytes, oldest, oldestTime);
  }
}
