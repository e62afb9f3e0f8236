package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.Tuple;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The row images of one relation in one transaction, in log order, packed into byte pages.
 *
 * <pre>
 * image := operation(1) column*        column := length(4) byte*
 * length := −1 NULL | −2 unchanged TOAST | n | n + TEXT    (TEXT marks output text)
 * </pre>
 *
 * <p>An image never spans pages. Pages double from 256 bytes to 1 MiB, so that a transaction of one
 * row costs little and one of a million rows allocates rarely. Written by one thread; read by any
 * once its transaction is in the buffer.
 */
final class RowLog {
  /** A new row; nothing was there. */
  static final byte INSERT = 1;

  /** The new row of an update that kept the identity and whose old row was not logged. */
  static final byte UPDATE = 2;

  /** The new row of the update whose old row is the image before. */
  static final byte NEW = 3;

  /** The old row of an update, identity columns only. */
  static final byte OLD_KEY = 4;

  /** The old row of an update, complete. */
  static final byte OLD_FULL = 5;

  static final byte DELETE_KEY = 6;
  static final byte DELETE_FULL = 7;

  static final int NULL = -1;
  static final int UNCHANGED = -2;
  static final int TEXT = 1 << 30;
  private static final int LENGTH_MASK = TEXT - 1;

  private static final int FIRST_PAGE_BYTES = 256;
  private static final int MAX_PAGE_BYTES = 1 << 20;
  private static final int OBJECT_OVERHEAD_BYTES = 160;

  private final RowLayout layout;
  private final List<byte[]> pages = new ArrayList<>(1);
  private final List<Integer> ends = new ArrayList<>(1);
  private final int start;
  private byte[] page = new byte[0];
  private int position;
  private long pageBytes;
  private long images;
  private boolean lacksOldRows;
  private boolean lacksValues;

  RowLog(RowLayout layout) {
    this.layout = layout;
    this.start = 0;
  }

  private RowLog(RowLayout layout, int start) {
    this.layout = layout;
    this.start = start;
  }

  /** A finished log over images that lie in {@code rows}, which may be shared with others. */
  static RowLog over(
      RowLayout layout,
      byte[] rows,
      int start,
      int end,
      boolean lacksOldRows,
      boolean lacksValues) {
    RowLog log = new RowLog(layout, start);
    log.pages.add(rows);
    log.ends.add(end);
    log.lacksOldRows = lacksOldRows;
    log.lacksValues = lacksValues;
    return log;
  }

  RowLayout layout() {
    return layout;
  }

  /**
   * Appends one image.
   *
   * @param fallback the complete old row from which unchanged TOAST values are taken, or {@code
   *     row} itself if there is none
   */
  void append(byte operation, Tuple row, Tuple fallback) {
    int count = layout.columnCount();
    int size = 1 + 4 * count;
    for (int i = 0; i < count; i++) {
      int column = layout.tupleIndex(i);
      size += source(row, fallback, column).length(column);
    }
    int at = reserve(size);
    page[at++] = operation;
    for (int i = 0; i < count; i++) {
      int column = layout.tupleIndex(i);
      at = put(at, source(row, fallback, column), column);
    }
    images++;
    lacksOldRows |= operation == UPDATE || operation == OLD_KEY || operation == DELETE_KEY;
  }

  /**
   * Appends one image whose values lie side by side in {@code source}, in the layout's order.
   *
   * @param words each value's length word: −1 for NULL, with {@link #TEXT} for output text
   */
  void append(byte operation, byte[] source, int[] offsets, int[] words) {
    int count = layout.columnCount();
    int size = 1 + 4 * count;
    for (int i = 0; i < count; i++) {
      size += valueBytes(words[i]);
    }
    int at = reserve(size);
    page[at++] = operation;
    for (int i = 0; i < count; i++) {
      at = putWord(at, words[i]);
      int length = valueBytes(words[i]);
      System.arraycopy(source, offsets[i], page, at, length);
      at += length;
    }
    images++;
  }

  private static Tuple source(Tuple row, Tuple fallback, int column) {
    return row.format(column) == Tuple.UNCHANGED ? fallback : row;
  }

  private int put(int at, Tuple tuple, int column) {
    return switch (tuple.format(column)) {
      case Tuple.NULL -> putWord(at, NULL);
      case Tuple.UNCHANGED -> {
        lacksValues = true;
        yield putWord(at, UNCHANGED);
      }
      default -> {
        int length = tuple.length(column);
        int next = putWord(at, tuple.format(column) == Tuple.TEXT ? length | TEXT : length);
        System.arraycopy(tuple.bytes(), tuple.offset(column), page, next, length);
        yield next + length;
      }
    };
  }

  private int putWord(int at, int word) {
    WireBytes.putInt(page, at, word);
    return at + 4;
  }

  private int reserve(int size) {
    if (page.length - position < size) {
      closePage();
      int next = Math.clamp(pageBytes, FIRST_PAGE_BYTES, MAX_PAGE_BYTES);
      page = new byte[Math.max(size, next)];
      pages.add(page);
      pageBytes += page.length;
      position = 0;
    }
    int at = position;
    position += size;
    return at;
  }

  private void closePage() {
    if (!pages.isEmpty()) {
      ends.add(position);
    }
  }

  /** To be called once, after the last image: gives back what the last page did not use. */
  void finish() {
    closePage();
    if (page.length - position > position / 4) {
      byte[] exact = Arrays.copyOf(page, position);
      pages.set(pages.size() - 1, exact);
      pageBytes += exact.length - page.length;
    }
    page = new byte[0];
  }

  int pageCount() {
    return pages.size();
  }

  byte[] page(int index) {
    return pages.get(index);
  }

  /** Where the first image of a page begins. */
  int pageStart(int index) {
    return index == 0 ? start : 0;
  }

  /** Where the last image of a page ends. */
  int pageEnd(int index) {
    return ends.get(index);
  }

  long imageCount() {
    return images;
  }

  /** Memory held, in bytes. */
  long bytes() {
    return pageBytes + OBJECT_OVERHEAD_BYTES;
  }

  /** Whether some update or delete came without its complete old row. */
  boolean lacksOldRows() {
    return lacksOldRows;
  }

  /** Whether some new row came with an unchanged TOAST value that is in no old row. */
  boolean lacksValues() {
    return lacksValues;
  }

  /** Bytes of value behind a length word; zero for NULL and unchanged. */
  static int valueBytes(int lengthWord) {
    return lengthWord < 0 ? 0 : lengthWord & LENGTH_MASK;
  }
}
