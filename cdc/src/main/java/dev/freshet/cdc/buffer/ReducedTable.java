package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A Z-set reduced to one row per group: Σ weight, and per summed column Σ weight·x and the count of
 * non-null x. Reduction is linear, so tables of transactions add up to the table of their union:
 *
 * <pre>
 * reduce(a + b) = reduce(a) + reduce(b)
 * </pre>
 */
final class ReducedTable {
  private static final int BIGINT_OID = 20;

  private final DeltaView.Reduced view;
  private final LayoutFilters filters;
  private final RowTable groups;
  private final List<SumColumn> sums = new ArrayList<>();
  private long[] weights = new long[16];

  ReducedTable(DeltaView.Reduced view, List<SumType> types, int expected) {
    this.view = view;
    this.filters = new LayoutFilters(view.filter());
    this.groups = new RowTable(expected);
    for (int i = 0; i < types.size(); i++) {
      sums.add(new SumColumn(view.sums().get(i), types.get(i)));
    }
  }

  /** Adds the rows of one log. */
  void add(RowLog log) {
    if (log.lacksOldRows() || log.lacksValues()) {
      throw UnknowableDeltaException.oldRowMissing(log.layout());
    }
    int[] grouping = Window.allPositions(log, view.group());
    int[] summed = Window.allPositions(log, view.sums());
    RowReader reader = new RowReader(log.layout());
    ImageFilter filter = filters.of(log.layout());
    for (int page = 0; page < log.pageCount(); page++) {
      byte[] bytes = log.page(page);
      int end = log.pageEnd(page);
      for (int at = log.pageStart(page); at < end; ) {
        at = reader.read(bytes, at);
        if (!filter.keeps(reader)) {
          continue;
        }
        for (int position : grouping) {
          groups.append(bytes, reader.start(position), reader.end(position));
        }
        int group = intern();
        int sign = reader.isNewRow() ? 1 : -1;
        weights[group] += sign;
        for (int i = 0; i < summed.length; i++) {
          sums.get(i).add(group, sign, bytes, reader.start(summed[i]));
        }
      }
    }
  }

  /** Adds another table of the same view. */
  void add(ReducedTable other) {
    for (int from = 0; from < other.groups.size(); from++) {
      groups.append(other.groups.bytes(), other.groups.start(from), other.groups.end(from));
      int group = intern();
      weights[group] += other.weights[from];
      for (int i = 0; i < sums.size(); i++) {
        sums.get(i).merge(group, other.sums.get(i), from);
      }
    }
  }

  /** Memory held, in bytes. */
  long bytes() {
    return groups.heldBytes() + (long) groups.size() * (8 + 20L * sums.size());
  }

  private int intern() {
    int group = groups.intern();
    if (group >= weights.length) {
      weights = Arrays.copyOf(weights, weights.length * 2);
    }
    return group;
  }

  private boolean isZero(int group) {
    if (weights[group] != 0) {
      return false;
    }
    for (SumColumn sum : sums) {
      if (!sum.isZero(group)) {
        return false;
      }
    }
    return true;
  }

  /** The rows that are not all zero. */
  Delta emit(List<DeltaRows.Column> described, long changes) {
    int[] order = new int[groups.size()];
    int count = 0;
    for (int group = 0; group < groups.size(); group++) {
      if (!isZero(group)) {
        order[count++] = group;
      }
    }
    if (count == 0) {
      return new Delta.Empty();
    }
    order = Arrays.copyOf(order, count);
    if (!described.isEmpty()) {
      RowOrder.sort(order, groups, described.getFirst().typeOid());
    }
    List<ColumnWriter> writers = new ArrayList<>();
    for (int i = 0; i < described.size(); i++) {
      writers.add(new ColumnWriter(count, 12));
    }
    for (int group : order) {
      int at = groups.start(group);
      for (ColumnWriter writer : writers) {
        writer.putImageColumn(groups.bytes(), at);
        at += 4 + RowLog.valueBytes(WireBytes.getInt(groups.bytes(), at));
      }
    }
    List<DeltaRows.Column> columns = Emission.columns(described, writers);
    columns.add(new DeltaRows.Column("weight", BIGINT_OID, -1, true));
    writers.add(longs(order, weights));
    for (SumColumn sum : sums) {
      ColumnWriter total = new ColumnWriter(count, 16);
      ColumnWriter nonNull = new ColumnWriter(count, 12);
      for (int group : order) {
        sum.putTotal(group, total);
        nonNull.putLong(sum.count(group));
      }
      columns.add(new DeltaRows.Column("total", sum.type().totalOid(), -1, true));
      writers.add(total);
      columns.add(new DeltaRows.Column("count", BIGINT_OID, -1, true));
      writers.add(nonNull);
    }
    return new Delta.Rows(new PackedRows(columns, count, writers), true, changes);
  }

  private static ColumnWriter longs(int[] order, long[] values) {
    ColumnWriter writer = new ColumnWriter(order.length, 12);
    for (int row : order) {
      writer.putLong(values[row]);
    }
    return writer;
  }
}
