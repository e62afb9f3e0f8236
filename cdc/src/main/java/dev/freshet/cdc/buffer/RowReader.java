package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.Arrays;

/** Finds the columns of one image in a page of a {@link RowLog}. Used again for every row. */
final class RowReader {
  private byte[] page = new byte[0];
  private final int[] starts;
  private byte operation;

  RowReader(RowLayout layout) {
    starts = new int[layout.columnCount() + 1];
  }

  /** Reads the image at {@code offset}; returns the offset of the next. */
  int read(byte[] source, int offset) {
    page = source;
    operation = source[offset];
    int at = offset + 1;
    for (int i = 0; i < starts.length - 1; i++) {
      starts[i] = at;
      at += 4 + RowLog.valueBytes(WireBytes.getInt(source, at));
    }
    starts[starts.length - 1] = at;
    return at;
  }

  byte operation() {
    return operation;
  }

  boolean isNewRow() {
    return operation <= RowLog.NEW;
  }

  byte[] page() {
    return page;
  }

  /** Offset of the column's length word. */
  int start(int column) {
    return starts[column];
  }

  int end(int column) {
    return starts[column + 1];
  }

  int lengthWord(int column) {
    return WireBytes.getInt(page, starts[column]);
  }

  boolean sameColumn(int column, RowReader other, int otherColumn) {
    return Arrays.equals(
        page,
        start(column),
        end(column),
        other.page,
        other.start(otherColumn),
        other.end(otherColumn));
  }
}
