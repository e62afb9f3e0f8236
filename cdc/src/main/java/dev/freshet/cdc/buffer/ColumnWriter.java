package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.Arrays;

/**
 * Collects the values of one column in the layout of a binary array's elements: {@code length(4)
 * byte*}, −1 for NULL. Room for the array's header is left in front.
 */
final class ColumnWriter {
  /** Dimensions, flags, element type, size, lower bound. */
  static final int HEADER_BYTES = 20;

  private static final int MAX_BYTES = Integer.MAX_VALUE - 64;

  private byte[] bytes;
  private int end = HEADER_BYTES;
  private boolean hasNull;
  private boolean text;
  private boolean binary;

  ColumnWriter(int expectedRows, int bytesPerRow) {
    bytes =
        new byte[(int) Math.min(MAX_BYTES, HEADER_BYTES + (long) expectedRows * bytesPerRow + 64)];
  }

  void putNull() {
    ensure(4);
    WireBytes.putInt(bytes, end, -1);
    end += 4;
    hasNull = true;
  }

  void putLong(long value) {
    ensure(12);
    WireBytes.putInt(bytes, end, 8);
    WireBytes.putLong(bytes, end + 4, value);
    end += 12;
    binary = true;
  }

  void putBoolean(boolean value) {
    ensure(5);
    WireBytes.putInt(bytes, end, 1);
    bytes[end + 4] = (byte) (value ? 1 : 0);
    end += 5;
    binary = true;
  }

  void putBytes(byte[] value) {
    ensure(4 + value.length);
    WireBytes.putInt(bytes, end, value.length);
    System.arraycopy(value, 0, bytes, end + 4, value.length);
    end += 4 + value.length;
    binary = true;
  }

  /**
   * Copies a column of a {@link RowLog} image; {@code start} is its length word.
   *
   * @return false if it holds no value because TOAST was not sent (NULL is written then)
   */
  boolean putImageColumn(byte[] source, int start) {
    int word = WireBytes.getInt(source, start);
    if (word < 0) {
      putNull();
      return word != RowLog.UNCHANGED;
    }
    int length = RowLog.valueBytes(word);
    if (word == length) {
      binary = true;
    } else {
      text = true;
    }
    ensure(4 + length);
    System.arraycopy(source, start, bytes, end, 4 + length);
    WireBytes.putInt(bytes, end, length);
    end += 4 + length;
    return true;
  }

  private void ensure(int length) {
    if (bytes.length - end < length) {
      if ((long) end + length > MAX_BYTES) {
        throw UnknowableDeltaException.tooLarge();
      }
      long wanted = Math.max(bytes.length * 3L / 2, (long) end + length);
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, MAX_BYTES));
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int end() {
    return end;
  }

  boolean hasNull() {
    return hasNull;
  }

  /** Whether the values are output text. */
  boolean isText() {
    return text;
  }

  /** Whether some values are text and others binary: a type got or lost its send function. */
  boolean isMixed() {
    return text && binary;
  }
}
