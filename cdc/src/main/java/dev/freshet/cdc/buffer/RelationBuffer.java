package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Lsn;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The buffered changes of one relation and who reads them. Guarded by the buffer's lock. */
final class RelationBuffer {
  private final ArrayDeque<StagedRows> staged = new ArrayDeque<>();
  private final ArrayDeque<TransactionRows> rows = new ArrayDeque<>();
  private final List<BufferConsumer> consumers = new ArrayList<>(2);
  private long bytes;

  List<BufferConsumer> consumers() {
    return consumers;
  }

  void add(TransactionRows added) {
    rows.addLast(added);
    bytes += added.bytes();
  }

  long bytes() {
    return bytes;
  }

  /** The relation's name for messages, as of its oldest change. */
  String name() {
    return rows.isEmpty() ? "nothing" : rows.getFirst().relationName();
  }

  /** In commit order; a copy. */
  TransactionRows[] rows() {
    return rows.toArray(new TransactionRows[0]);
  }

  /** What precedes them in staging tables, in order; a copy. */
  StagedRows[] staged() {
    return staged.toArray(new StagedRows[0]);
  }

  /** Adds a chunk behind those that are staged; false if nobody needs it. */
  boolean add(StagedRows added) {
    if (!isNeeded(added)) {
      return false;
    }
    staged.addLast(added);
    return true;
  }

  private boolean isNeeded(StagedRows chunk) {
    for (BufferConsumer consumer : consumers) {
      if (consumer.needs(chunk)) {
        return true;
      }
    }
    return false;
  }

  /** Removes chunks from the front that nobody needs, and tells. */
  List<StagedRows> pruneStaged() {
    List<StagedRows> released = new ArrayList<>();
    while (!staged.isEmpty() && !isNeeded(staged.getFirst())) {
      released.add(staged.removeFirst());
    }
    return released;
  }

  /** The rows of transactions up to {@code last}, in commit order. */
  List<TransactionRows.Taken> upTo(Lsn last) {
    List<TransactionRows.Taken> found = new ArrayList<>();
    for (TransactionRows each : rows) {
      if (each.transaction().commitLsn().isAfter(last)) {
        break;
      }
      found.add(each.view());
    }
    return found;
  }

  /** Removes the rows of transactions up to {@code last}; returns the bytes given back. */
  long removeUpTo(Lsn last) {
    long freed = 0;
    while (!rows.isEmpty() && !rows.getFirst().transaction().commitLsn().isAfter(last)) {
      TransactionRows first = rows.removeFirst();
      first.transaction().releaseRelation();
      freed += first.bytes();
    }
    bytes -= freed;
    return freed;
  }

  boolean isNeeded(BufferedTransaction transaction) {
    for (BufferConsumer consumer : consumers) {
      if (consumer.needs(transaction)) {
        return true;
      }
    }
    return false;
  }

  /** Removes transactions from the front that nobody needs; returns the bytes given back. */
  long prune() {
    long freed = 0;
    while (!rows.isEmpty() && !isNeeded(rows.getFirst().transaction())) {
      TransactionRows first = rows.removeFirst();
      first.transaction().releaseRelation();
      freed += first.bytes();
    }
    bytes -= freed;
    return freed;
  }

  /** Drops rows, oldest transactions first, until {@code wanted} bytes are free or none is left. */
  long drop(long wanted) {
    long freed = 0;
    for (TransactionRows each : rows) {
      if (freed >= wanted) {
        break;
      }
      if (!each.dropped()) {
        long before = each.bytes();
        each.drop();
        freed += before - each.bytes();
      }
    }
    bytes -= freed;
    return freed;
  }
}
