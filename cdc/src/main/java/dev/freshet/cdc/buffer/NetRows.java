package dev.freshet.cdc.buffer;

import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.pgoutput.RelationSchema;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.Arrays;
import java.util.List;

/** A window's rows added up over some columns: what is left, old rows before new ones. */
final class NetRows {
  private final RowTable rows;
  private int[] weights = new int[16];

  private NetRows(int expected) {
    rows = new RowTable(expected);
  }

  static Window of(Window window, List<String> columns, String relationName) {
    NetRows net = new NetRows(window.expectedRows());
    for (RowLog log : window.memoryLogs()) {
      net.add(log, Window.positions(log, columns));
    }
    List<RelationSchema.Column> described =
        columns.stream().map(name -> column(window.describe(name))).toList();
    RelationSchema schema =
        new RelationSchema(
            window.transactions().getFirst().relation(),
            "",
            relationName,
            RelationSchema.Identity.FULL,
            described);
    return window.with(net.log(RowLayout.all(schema)));
  }

  private static RelationSchema.Column column(DeltaRows.Column column) {
    return new RelationSchema.Column(column.name(), true, column.typeOid(), column.typeModifier());
  }

  private void add(RowLog log, int[] positions) {
    RowReader reader = new RowReader(log.layout());
    for (int page = 0; page < log.pageCount(); page++) {
      byte[] bytes = log.page(page);
      int end = log.pageEnd(page);
      for (int at = log.pageStart(page); at < end; ) {
        at = reader.read(bytes, at);
        for (int position : positions) {
          rows.append(bytes, reader.start(position), reader.end(position));
        }
        int row = rows.intern();
        if (row >= weights.length) {
          weights = Arrays.copyOf(weights, row * 2);
        }
        weights[row] += reader.isNewRow() ? 1 : -1;
      }
    }
  }

  private RowLog log(RowLayout layout) {
    RowLog log = new RowLog(layout);
    int[] offsets = new int[layout.columnCount()];
    int[] words = new int[offsets.length];
    for (int sign = -1; sign <= 1; sign += 2) {
      for (int row = 0; row < rows.size(); row++) {
        if (Integer.signum(weights[row]) == sign) {
          locate(row, offsets, words);
          byte operation = sign < 0 ? RowLog.DELETE_FULL : RowLog.INSERT;
          for (int copy = Math.abs(weights[row]); copy > 0; copy--) {
            log.append(operation, rows.bytes(), offsets, words);
          }
        }
      }
    }
    log.finish();
    return log;
  }

  private void locate(int row, int[] offsets, int[] words) {
    int at = rows.start(row);
    for (int i = 0; i < offsets.length; i++) {
      words[i] = WireBytes.getInt(rows.bytes(), at);
      offsets[i] = at + 4;
      at += 4 + RowLog.valueBytes(words[i]);
    }
  }
}
