package dev.freshet.cdc.buffer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The buffered changes of one relation and who reads them. Guarded by the buffer's lock. */
final class RelationBuffer {
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

  boolean isNeeded(BufferedTransaction transaction) {
    for (BufferConsumer consumer : consumers) {
      if (!consumer.hasDurablySeen(transaction)) {
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
