package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Lsn;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** A transaction in commit order: who it is, where it ends, and what it did to each relation. */
final class BufferedTransaction {
  private final int xid;
  private final Lsn commitLsn;
  private final Map<Integer, TransactionRows> rows = new LinkedHashMap<>(2);
  private final Instant commitTime;
  private final long receivedNanos = System.nanoTime();
  private int neededRelations;

  BufferedTransaction(int xid, Lsn commitLsn, Instant commitTime) {
    this.xid = xid;
    this.commitLsn = commitLsn;
    this.commitTime = commitTime;
  }

  /** Low half of the top-level transaction id. */
  int xid() {
    return xid;
  }

  /** Position of the commit record: a slot confirmed here sends the transaction again. */
  Lsn commitLsn() {
    return commitLsn;
  }

  /** By the server's clock. */
  Instant commitTime() {
    return commitTime;
  }

  /** When it began to be received, by {@link System#nanoTime}. */
  long receivedNanos() {
    return receivedNanos;
  }

  Map<Integer, TransactionRows> rows() {
    return rows;
  }

  /** How many relations of it some consumer still needs; guarded by the buffer's lock. */
  int neededRelations() {
    return neededRelations;
  }

  void needRelation() {
    neededRelations++;
  }

  void releaseRelation() {
    neededRelations--;
  }
}
