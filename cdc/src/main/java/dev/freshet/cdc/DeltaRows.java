package dev.freshet.cdc;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Rows held column by column as the bytes of each type's send function. */
public interface DeltaRows {
  /** One column: its name, element type and wire format. */
  record Column(String name, int typeOid, int typeModifier, boolean binary) {}

  int rowCount();

  List<Column> columns();

  /**
   * Column {@code column} as a one-dimensional PostgreSQL array in binary format (array_recv): what
   * a bind parameter of the element's array type takes. Columns whose {@link Column#binary} is
   * false come as {@code text[]} holding the type's output text.
   */
  byte[] arrayBytes(int column);

  /**
   * All rows in COPY BINARY format with header and trailer, columns in order. A column whose {@link
   * Column#binary} is false holds output text: copy it into a text column.
   */
  void writeCopyBinary(OutputStream out) throws IOException;

  /** The bytes of one value, or null for SQL NULL (for tests and diagnostics). */
  byte @org.jspecify.annotations.Nullable [] value(int row, int column);
}
