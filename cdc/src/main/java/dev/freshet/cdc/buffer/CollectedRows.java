package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.pgoutput.RelationSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What changed in one relation between two snapshots, gathered in any order: complete old rows and
 * new rows. The delta is their sum, so no order is needed:
 *
 * <pre>
 * delta = Σ new rows − Σ old rows
 * </pre>
 */
public final class CollectedRows {
  /** What a row is. */
  public enum Kind {
    INSERTED(RowLog.INSERT),
    UPDATED(RowLog.NEW),
    OLD(RowLog.OLD_FULL),
    DELETED(RowLog.DELETE_FULL);

    private final byte operation;

    Kind(byte operation) {
      this.operation = operation;
    }

    boolean isNew() {
      return this == INSERTED || this == UPDATED;
    }
  }

  /** Length word of SQL NULL. */
  public static final int NULL = RowLog.NULL;

  /** Added to the length of a value that is output text. */
  public static final int TEXT = RowLog.TEXT;

  private final TransactionRows rows;
  private final String relationName;

  /** Old and new rows of one schema, apart. */
  private record Pair(RelationSchema schema, RowLog old, RowLog next) {
    RowLog of(Kind kind) {
      return kind.isNew() ? next : old;
    }

    long bytes() {
      return old.bytes() + next.bytes();
    }
  }

  private final List<Pair> pairs = new ArrayList<>(1);

  public CollectedRows(int relation, String relationName) {
    this.rows =
        new TransactionRows(
            new BufferedTransaction(0, Lsn.ZERO, Instant.EPOCH), relation, relationName);
    this.relationName = relationName;
  }

  /**
   * Adds a row whose columns are those of {@code schema}, in its order.
   *
   * @param schema the same object for all rows of one shape
   * @param words each value's length, or {@link #NULL}, with {@link #TEXT} for output text
   */
  public void add(Kind kind, RelationSchema schema, byte[] source, int[] offsets, int[] words) {
    pair(schema).of(kind).append(kind.operation, source, offsets, words);
    if (kind != Kind.OLD) {
      rows.countChange();
    }
  }

  private Pair pair(RelationSchema schema) {
    for (int i = pairs.size() - 1; i >= 0; i--) {
      if (pairs.get(i).schema() == schema) {
        return pairs.get(i);
      }
    }
    RowLayout layout = RowLayout.all(schema);
    Pair pair = new Pair(schema, new RowLog(layout), new RowLog(layout));
    pairs.add(pair);
    return pair;
  }

  /** Memory held, in bytes. */
  public long bytes() {
    return pairs.stream().mapToLong(Pair::bytes).sum();
  }

  /** What {@code view} shows of it; to be asked once, after the last row. */
  public Delta delta(DeltaView view) {
    if (rows.changes() == 0) {
      return new Delta.Empty();
    }
    // Old rows first: a key that left and came back is there.
    for (Pair pair : pairs) {
      pair.old().finish();
      rows.add(pair.old());
    }
    for (Pair pair : pairs) {
      pair.next().finish();
      rows.add(pair.next());
    }
    try {
      Window window = Window.of(List.of(rows));
      return switch (view) {
        case DeltaView.Keyed keyed -> KeyedDelta.of(keyed, netted(window, keyed));
        case DeltaView.Weighted weighted -> WeightedDelta.of(weighted, window);
        case DeltaView.Reduced reduced -> ReducedDelta.of(reduced, window);
      };
    } catch (UnknowableDeltaException e) {
      return new Delta.Unknown(String.valueOf(e.getMessage()));
    } catch (UnreducibleException e) {
      return new Delta.Unreducible(e.column());
    }
  }

  /**
   * Leaves out what came and went: of a key that remains, at most one old row and one new row. Rows
   * that lack a column of the view cannot be told to be equal and are left alone.
   */
  private Window netted(Window window, DeltaView.Keyed view) {
    for (RowLog log : window.memoryLogs()) {
      for (int position : Window.positions(log, view.columns())) {
        if (position < 0) {
          return window;
        }
      }
    }
    return NetRows.of(window, view.columns(), relationName);
  }
}
