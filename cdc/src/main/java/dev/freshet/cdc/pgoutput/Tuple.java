package dev.freshet.cdc.pgoutput;

import java.util.Arrays;

/**
 * One row of a message: where each column's bytes are. Valid until the decoder reads the next
 * message.
 */
public final class Tuple {
  /** SQL NULL; also the columns outside the key of an old key row. */
  public static final byte NULL = 'n';

  /** A TOASTed value that the update did not change and that was therefore not sent. */
  public static final byte UNCHANGED = 'u';

  /** The text of the type's output function. */
  public static final byte TEXT = 't';

  /** The bytes of the type's send function. */
  public static final byte BINARY = 'b';

  private byte[] bytes = new byte[0];
  private int columns;
  private byte[] formats = new byte[16];
  private int[] offsets = new int[16];
  private int[] lengths = new int[16];

  Tuple() {}

  /** Reads TupleData at {@code at}; returns the offset behind it. */
  int read(byte[] source, int at) {
    bytes = source;
    columns = WireBytes.getShort(source, at);
    int position = at + 2;
    if (columns > formats.length) {
      formats = new byte[columns];
      offsets = new int[columns];
      lengths = new int[columns];
    }
    for (int i = 0; i < columns; i++) {
      byte format = source[position++];
      formats[i] = format;
      switch (format) {
        case BINARY, TEXT -> {
          int length = WireBytes.getInt(source, position);
          offsets[i] = position + 4;
          lengths[i] = length;
          position += 4 + length;
        }
        case NULL, UNCHANGED -> lengths[i] = 0;
        default ->
            throw new MalformedMessageException(
                "column %d of a tuple has format byte 0x%02x (expected n, u, t or b)"
                    .formatted(i, format));
      }
    }
    return position;
  }

  public int columnCount() {
    return columns;
  }

  /** One of {@link #NULL}, {@link #UNCHANGED}, {@link #TEXT}, {@link #BINARY}. */
  public byte format(int column) {
    return formats[column];
  }

  /** The array that holds the values; not to be kept or changed. */
  public byte[] bytes() {
    return bytes;
  }

  public int offset(int column) {
    return offsets[column];
  }

  public int length(int column) {
    return lengths[column];
  }

  /** A copy of one value, for tests and diagnostics. */
  public byte[] copy(int column) {
    return Arrays.copyOfRange(bytes, offsets[column], offsets[column] + lengths[column]);
  }
}
