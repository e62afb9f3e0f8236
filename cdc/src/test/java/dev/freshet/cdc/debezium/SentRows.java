package dev.freshet.cdc.debezium;

import dev.freshet.cdc.DeltaRows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.postgresql.PGConnection;

/** Rows as PostgreSQL sends them, each value in hexadecimal: what a delta must hold, to the bit. */
final class SentRows {
  private static final int HEADER_BYTES = 19;

  private SentRows() {}

  /** The rows of a query, by COPY in binary format. */
  static List<List<String>> of(Connection connection, String query)
      throws SQLException, IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyOut("COPY (" + query + ") TO STDOUT (FORMAT binary)", out);
    ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray()).position(HEADER_BYTES);
    List<List<String>> rows = new ArrayList<>();
    for (int count = bytes.getShort(); count >= 0; count = bytes.getShort()) {
      List<String> row = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int length = bytes.getInt();
        if (length < 0) {
          row.add("∅");
        } else {
          byte[] value = new byte[length];
          bytes.get(value);
          row.add(HexFormat.of().formatHex(value));
        }
      }
      rows.add(row);
    }
    return rows;
  }

  /** One row of a delta, its first {@code columns} columns. */
  static List<String> row(DeltaRows rows, int row, int columns) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      byte[] value = rows.value(row, i);
      values.add(value == null ? "∅" : HexFormat.of().formatHex(value));
    }
    return values;
  }

  /** A bigint of a delta. */
  static long number(DeltaRows rows, int row, int column) {
    byte[] value = rows.value(row, column);
    return value == null ? 0 : ByteBuffer.wrap(value).getLong();
  }

  /** A boolean of a delta. */
  static boolean truth(DeltaRows rows, int row, int column) {
    byte[] value = rows.value(row, column);
    return value != null && value[0] == 1;
  }
}
