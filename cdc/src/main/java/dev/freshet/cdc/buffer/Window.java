package dev.freshet.cdc.buffer;

import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.pgoutput.RelationSchema;
import java.util.ArrayList;
import java.util.List;

/** The changes of one relation that lie between two snapshots, in commit order. */
final class Window {
  private static final int TEXT_OID = 25;

  private final List<TransactionRows> transactions;
  private final List<RowLog> logs;
  private final long changes;

  private Window(List<TransactionRows> transactions, List<RowLog> logs, long changes) {
    this.transactions = transactions;
    this.logs = logs;
    this.changes = changes;
  }

  /**
   * Takes hold of the logs.
   *
   * @throws UnknowableDeltaException if a transaction truncated the relation or lost its rows
   */
  static Window of(List<TransactionRows> transactions) {
    List<RowLog> logs = new ArrayList<>(transactions.size());
    long changes = 0;
    for (TransactionRows rows : transactions) {
      if (rows.truncated()) {
        throw new UnknowableDeltaException(
            "%s was truncated by the transaction committed at %s"
                .formatted(rows.relationName(), rows.transaction().commitLsn()));
      }
      logs.addAll(rows.logs());
      changes += rows.changes();
      if (rows.dropped()) {
        throw new UnknowableDeltaException(
            "changes of %s exceeded cdc.buffer.max-memory (%d row changes committed at %s dropped)"
                .formatted(rows.relationName(), rows.changes(), rows.transaction().commitLsn()));
      }
    }
    return new Window(List.copyOf(transactions), logs, changes);
  }

  List<TransactionRows> transactions() {
    return transactions;
  }

  List<RowLog> logs() {
    return logs;
  }

  long changes() {
    return changes;
  }

  /** Images in all logs: at most two per change. */
  int imageCount() {
    long sum = 0;
    for (RowLog log : logs) {
      sum += log.imageCount();
    }
    return (int) Math.min(sum, 1 << 28);
  }

  /**
   * The type of a column, which must be the same in all logs. A column that no log carries (virtual
   * generated ones never are) is described as text.
   */
  DeltaRows.Column describe(String name) {
    DeltaRows.Column found = null;
    for (RowLog log : logs) {
      int position = log.layout().positionOf(name);
      if (position < 0) {
        continue;
      }
      RelationSchema.Column column = log.layout().column(position);
      if (found == null) {
        found = new DeltaRows.Column(name, column.typeOid(), column.typeModifier(), true);
      } else if (found.typeOid() != column.typeOid()) {
        throw new UnknowableDeltaException(
            "column %s of %s changed its type between two changes"
                .formatted(name, log.layout().schema().qualifiedName()));
      }
    }
    return found == null ? new DeltaRows.Column(name, TEXT_OID, -1, false) : found;
  }

  /** Positions of {@code columns} in rows of {@code log}; −1 for those it does not carry. */
  static int[] positions(RowLog log, List<String> columns) {
    return columns.stream().mapToInt(log.layout()::positionOf).toArray();
  }

  /**
   * Positions of {@code columns}, all of which the log must carry.
   *
   * @throws UnknowableDeltaException naming the column that is not there
   */
  static int[] allPositions(RowLog log, List<String> columns) {
    int[] positions = positions(log, columns);
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] < 0) {
        throw new UnknowableDeltaException(
            "column %s of %s is not in the log"
                .formatted(columns.get(i), log.layout().schema().qualifiedName()));
      }
    }
    return positions;
  }

  /** How the view's sums are added up. */
  List<SumType> sumTypes(DeltaView.Reduced view) {
    List<SumType> types = new ArrayList<>(view.sums().size());
    for (String column : view.sums()) {
      types.add(SumType.of(column, describe(column).typeOid()));
    }
    return types;
  }
}
