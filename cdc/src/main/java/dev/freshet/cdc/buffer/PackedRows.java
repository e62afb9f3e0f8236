package dev.freshet.cdc.buffer;

import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Delta rows whose columns already lie as the elements of a binary array. */
final class PackedRows implements DeltaRows {
  private static final int TEXT_OID = 25;
  private static final byte[] COPY_HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final byte[] COPY_TRAILER = {(byte) 0xFF, (byte) 0xFF};
  private static final int COPY_BUFFER_BYTES = 1 << 16;

  private final List<Column> columns;
  private final int rowCount;
  private final List<ColumnWriter> values;
  private final int[] @Nullable [] starts;

  PackedRows(List<Column> columns, int rowCount, List<ColumnWriter> values) {
    this.columns = List.copyOf(columns);
    this.rowCount = rowCount;
    this.values = List.copyOf(values);
    this.starts = new int[columns.size()][];
  }

  @Override
  public int rowCount() {
    return rowCount;
  }

  @Override
  public List<Column> columns() {
    return columns;
  }

  @Override
  public byte[] arrayBytes(int column) {
    ColumnWriter data = values.get(column);
    Column described = columns.get(column);
    int elementOid = described.binary() ? described.typeOid() : TEXT_OID;
    if (rowCount == 0) {
      byte[] empty = new byte[12];
      WireBytes.putInt(empty, 8, elementOid);
      return empty;
    }
    byte[] array = Arrays.copyOf(data.bytes(), data.end());
    WireBytes.putInt(array, 0, 1);
    WireBytes.putInt(array, 4, data.hasNull() ? 1 : 0);
    WireBytes.putInt(array, 8, elementOid);
    WireBytes.putInt(array, 12, rowCount);
    WireBytes.putInt(array, 16, 1);
    return array;
  }

  @Override
  public void writeCopyBinary(OutputStream out) throws IOException {
    int width = columns.size();
    int[] at = new int[width];
    Arrays.fill(at, ColumnWriter.HEADER_BYTES);
    byte[] block = new byte[COPY_BUFFER_BYTES];
    System.arraycopy(COPY_HEADER, 0, block, 0, COPY_HEADER.length);
    int used = COPY_HEADER.length;
    for (int row = 0; row < rowCount; row++) {
      if (block.length - used < 2) {
        out.write(block, 0, used);
        used = 0;
      }
      WireBytes.putShort(block, used, (short) width);
      used += 2;
      for (int column = 0; column < width; column++) {
        byte[] source = values.get(column).bytes();
        int size = 4 + Math.max(0, WireBytes.getInt(source, at[column]));
        if (block.length - used < size) {
          out.write(block, 0, used);
          used = 0;
        }
        if (size > block.length) {
          out.write(source, at[column], size);
        } else {
          System.arraycopy(source, at[column], block, used, size);
          used += size;
        }
        at[column] += size;
      }
    }
    out.write(block, 0, used);
    out.write(COPY_TRAILER);
  }

  @Override
  public byte @Nullable [] value(int row, int column) {
    byte[] source = values.get(column).bytes();
    int start = starts(column)[row];
    int length = WireBytes.getInt(source, start);
    return length < 0 ? null : Arrays.copyOfRange(source, start + 4, start + 4 + length);
  }

  private synchronized int[] starts(int column) {
    int[] known = starts[column];
    if (known != null) {
      return known;
    }
    byte[] source = values.get(column).bytes();
    int[] found = new int[rowCount];
    int at = ColumnWriter.HEADER_BYTES;
    for (int row = 0; row < rowCount; row++) {
      found[row] = at;
      at += 4 + Math.max(0, WireBytes.getInt(source, at));
    }
    starts[column] = found;
    return found;
  }
}
