package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.Arrays;

/**
 * Sorts rows of a {@link RowTable} by their first column: integers by value, all others by their
 * bytes (which is the order of uuid, bytea, bool and dates after 2000, and of text in the C
 * collation). Order is a courtesy to the index that MERGE will search, never a matter of
 * correctness.
 */
final class RowOrder {
  private static final int INT2 = 21;
  private static final int INT4 = 23;
  private static final int INT8 = 20;

  private RowOrder() {}

  /** Sorts the row numbers in {@code order}; {@code typeOid} is the first column's. */
  static void sort(int[] order, RowTable rows, int typeOid) {
    long[] keys = new long[order.length];
    boolean narrow = typeOid == INT2 || typeOid == INT4;
    for (int i = 0; i < order.length; i++) {
      keys[i] = prefix(rows, order[i], typeOid);
    }
    if (narrow) {
      sortPacked(order, keys);
    } else {
      mergeSort(order, keys);
    }
  }

  private static void sortPacked(int[] order, long[] keys) {
    for (int i = 0; i < order.length; i++) {
      keys[i] = keys[i] << 32 | order[i];
    }
    Arrays.sort(keys);
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keys[i];
    }
  }

  /** The column's first eight bytes as a number that sorts as they do; NULL first. */
  private static long prefix(RowTable rows, int row, int typeOid) {
    byte[] bytes = rows.bytes();
    int start = rows.start(row);
    int word = WireBytes.getInt(bytes, start);
    int length = RowLog.valueBytes(word);
    if (word < 0) {
      return Long.MIN_VALUE >> 32;
    }
    if (typeOid == INT4 && length == 4) {
      return WireBytes.getInt(bytes, start + 4);
    }
    if (typeOid == INT2 && length == 2) {
      return WireBytes.getShort(bytes, start + 4);
    }
    if (typeOid == INT8 && length == 8) {
      return WireBytes.getLong(bytes, start + 4);
    }
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (i < length ? bytes[start + 4 + i] & 0xFF : 0);
    }
    return value ^ Long.MIN_VALUE;
  }

  private static void mergeSort(int[] order, long[] keys) {
    int length = order.length;
    int[] fromRows = order;
    long[] fromKeys = keys;
    int[] toRows = new int[length];
    long[] toKeys = new long[length];
    for (int width = 1; width < length; width *= 2) {
      for (int low = 0; low < length; low += 2 * width) {
        int middle = Math.min(low + width, length);
        int high = Math.min(middle + width, length);
        int left = low;
        int right = middle;
        for (int to = low; to < high; to++) {
          boolean takeLeft = right >= high || (left < middle && fromKeys[left] <= fromKeys[right]);
          int from = takeLeft ? left++ : right++;
          toRows[to] = fromRows[from];
          toKeys[to] = fromKeys[from];
        }
      }
      int[] rows = fromRows;
      fromRows = toRows;
      toRows = rows;
      long[] swap = fromKeys;
      fromKeys = toKeys;
      toKeys = swap;
    }
    System.arraycopy(fromRows, 0, order, 0, length);
  }
}
