package dev.freshet.cdc.buffer;

import dev.freshet.cdc.DeltaView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one transaction did to one relation. More than one log if the relation was altered between
 * two changes of the transaction.
 */
final class TransactionRows {
  private final BufferedTransaction transaction;
  private final int relation;
  private final String relationName;
  private final List<RowLog> logs = new ArrayList<>(1);

  /** Memory of the objects around one relation's part of a small transaction. */
  private static final int OBJECT_OVERHEAD_BYTES = 400;

  private final Map<DeltaView.Reduced, ReducedTable> reductions = new ConcurrentHashMap<>(2);
  private volatile boolean dropped;
  private boolean truncated;
  private long changes;
  private long takenChanges;
  private boolean taken;

  /**
   * What is to be staged of it.
   *
   * @param continues whether a part of it was staged before
   */
  record Taken(
      BufferedTransaction transaction,
      int relation,
      String relationName,
      List<RowLog> logs,
      long changes,
      boolean truncated,
      boolean dropped,
      boolean continues) {}

  TransactionRows(BufferedTransaction transaction, int relation, String relationName) {
    this.transaction = transaction;
    this.relation = relation;
    this.relationName = relationName;
  }

  BufferedTransaction transaction() {
    return transaction;
  }

  int relation() {
    return relation;
  }

  String relationName() {
    return relationName;
  }

  /** The log to append to: the last one, or a new one if the layout is not the last one's. */
  RowLog logFor(RowLayout layout) {
    if (!logs.isEmpty()) {
      RowLog last = logs.getLast();
      if (last.layout() == layout) {
        return last;
      }
      last.finish();
    }
    RowLog log = new RowLog(layout);
    logs.add(log);
    return log;
  }

  /** Adds a log that was written apart. */
  void add(RowLog log) {
    logs.add(log);
  }

  void countChange() {
    changes++;
  }

  void truncate() {
    truncated = true;
    changes++;
  }

  void finish() {
    if (!logs.isEmpty()) {
      logs.getLast().finish();
    }
  }

  /** What of it is in memory; it stays there. */
  Taken view() {
    List<RowLog> held = logs();
    return new Taken(
        transaction,
        relation,
        relationName,
        held,
        changes - takenChanges,
        truncated,
        dropped,
        taken);
  }

  /** Hands over what of it is in memory. On the thread that appends. */
  Taken take() {
    finish();
    Taken all = view();
    synchronized (logs) {
      logs.clear();
    }
    takenChanges = changes;
    taken = true;
    return all;
  }

  /** Whether a part of the rows is not here any more. */
  boolean isTaken() {
    return taken;
  }

  /** Inserts, updates, deletes and truncations. */
  long changes() {
    return changes;
  }

  boolean truncated() {
    return truncated;
  }

  /** Whether the rows were given up for lack of memory. */
  boolean dropped() {
    return dropped;
  }

  /**
   * Gives the rows up; a delta that needs them becomes unknown. Who already reads the logs keeps
   * them. On the thread that appends, or after the transaction was committed.
   */
  void drop() {
    dropped = true;
    synchronized (logs) {
      logs.clear();
    }
    reductions.clear();
  }

  List<RowLog> logs() {
    synchronized (logs) {
      return List.copyOf(logs);
    }
  }

  /** Memory held, in bytes. */
  long bytes() {
    synchronized (logs) {
      long sum = OBJECT_OVERHEAD_BYTES;
      for (RowLog log : logs) {
        sum += log.bytes();
      }
      return sum;
    }
  }

  /**
   * The transaction's own reduction for {@code view}, computed once.
   *
   * @throws UnknowableDeltaException if the log does not tell
   * @throws UnreducibleException if a value cannot be summed exactly
   */
  ReducedTable reduction(DeltaView.Reduced view) {
    return reductions.computeIfAbsent(
        view,
        wanted -> {
          Window window = Window.of(List.of(this));
          ReducedTable table = new ReducedTable(wanted, window.sumTypes(wanted), 16);
          window.forEachLog(table::add);
          return table;
        });
  }
}
