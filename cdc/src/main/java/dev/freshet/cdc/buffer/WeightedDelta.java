package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Consolidates a window into a Z-set over the view's columns:
 *
 * <pre>
 * weight(r) = #{new rows whose columns are r} − #{old rows whose columns are r},   left out if 0
 * </pre>
 */
final class WeightedDelta {
  private static final int BIGINT_OID = 20;

  /** Of so many images a filter is expected to let one through; more make the table grow. */
  private static final int SELECTIVE = 8;

  private final DeltaView.Weighted view;
  private final LayoutFilters filters;
  private RowTable rows;
  private long[] weights = new long[16];

  private WeightedDelta(DeltaView.Weighted view, int expected) {
    this.view = view;
    this.filters = new LayoutFilters(view.filter());
    this.rows = new RowTable(filters.isSelective() ? expected / SELECTIVE : expected);
  }

  static Delta of(DeltaView.Weighted view, Window window) {
    List<DeltaRows.Column> described = view.columns().stream().map(window::describe).toList();
    WeightedDelta delta = new WeightedDelta(view, window.expectedRows());
    window.forEachStagedLog(
        log -> {
          delta.add(log);
          delta.keepWithin(window);
        });
    window.forEachMemoryLog(delta::add);
    return delta.emit(described, window.changes());
  }

  private void add(RowLog log) {
    if (log.lacksOldRows() || log.lacksValues()) {
      throw UnknowableDeltaException.oldRowMissing(log.layout());
    }
    int[] positions = Window.allPositions(log, view.columns());
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
        for (int position : positions) {
          rows.append(bytes, reader.start(position), reader.end(position));
        }
        add(rows.intern(), reader.isNewRow() ? 1 : -1);
      }
    }
  }

  private void add(int row, int weight) {
    if (row >= weights.length) {
      weights = Arrays.copyOf(weights, row * 2);
    }
    weights[row] += weight;
  }

  /** Forgets rows that cancelled out, if memory becomes scarce. */
  private void keepWithin(Window window) {
    if (window.fits(rows.heldBytes())) {
      return;
    }
    RowTable kept = new RowTable(rows.size() / 4);
    long[] keptWeights = new long[rows.size() / 4 + 16];
    for (int row = 0; row < rows.size(); row++) {
      if (weights[row] != 0) {
        kept.append(rows.bytes(), rows.start(row), rows.end(row));
        int to = kept.intern();
        if (to >= keptWeights.length) {
          keptWeights = Arrays.copyOf(keptWeights, to * 2);
        }
        keptWeights[to] = weights[row];
      }
    }
    rows = kept;
    weights = keptWeights;
    window.requireFits(2 * rows.heldBytes());
  }

  private Delta emit(List<DeltaRows.Column> described, long changes) {
    int[] order = new int[rows.size()];
    int count = 0;
    for (int row = 0; row < rows.size(); row++) {
      if (weights[row] != 0) {
        order[count++] = row;
      }
    }
    if (count == 0) {
      return new Delta.Empty();
    }
    order = Arrays.copyOf(order, count);
    if (!described.isEmpty()) {
      RowOrder.sort(order, rows, described.getFirst().typeOid());
    }
    List<ColumnWriter> writers = new ArrayList<>();
    for (int i = 0; i < described.size(); i++) {
      writers.add(new ColumnWriter(count, 12));
    }
    ColumnWriter weight = new ColumnWriter(count, 12);
    byte[] bytes = rows.bytes();
    for (int row : order) {
      int at = rows.start(row);
      for (ColumnWriter writer : writers) {
        writer.putImageColumn(bytes, at);
        at += 4 + RowLog.valueBytes(WireBytes.getInt(bytes, at));
      }
      weight.putLong(weights[row]);
    }
    List<DeltaRows.Column> columns = Emission.columns(described, writers);
    columns.add(new DeltaRows.Column("weight", BIGINT_OID, -1, true));
    writers.add(weight);
    return new Delta.Rows(new PackedRows(columns, count, writers), true, changes);
  }
}
