package dev.freshet.cdc.contract;

import dev.freshet.cdc.DeltaRows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.ByteConverter;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/** Sends a delta's column to the server as a binary array parameter and reads it back as text. */
final class ArrayParameters {
  /** Bytes for a parameter of any type. */
  static final class BinaryArray extends PGobject implements PGBinaryObject {
    private final byte[] bytes;

    BinaryArray(String type, byte[] bytes) {
      setType(type);
      this.bytes = bytes;
    }

    @Override
    public void setByteValue(byte[] value, int offset) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int lengthInBytes() {
      return bytes.length;
    }

    @Override
    public void toBytes(byte[] target, int offset) {
      System.arraycopy(bytes, 0, target, offset, bytes.length);
    }
  }

  private ArrayParameters() {}

  static List<@Nullable String> unnest(Connection connection, DeltaRows rows, int column)
      throws SQLException {
    byte[] bytes = rows.arrayBytes(column);
    int element = ByteConverter.int4(bytes, 8);
    String arrayType;
    try (PreparedStatement find =
        connection.prepareStatement(
            "SELECT a.oid::int8, a.typname FROM pg_type t JOIN pg_type a ON a.oid = t.typarray"
                + " WHERE t.oid = ?::int8::oid")) {
      find.setLong(1, Integer.toUnsignedLong(element));
      try (ResultSet row = find.executeQuery()) {
        row.next();
        connection
            .unwrap(BaseConnection.class)
            .getQueryExecutor()
            .addBinarySendOid((int) row.getLong(1));
        arrayType = row.getString(2);
      }
    }
    List<@Nullable String> values = new ArrayList<>();
    // In the select list, since in FROM an array of a composite type becomes several columns.
    try (PreparedStatement read = connection.prepareStatement("SELECT unnest(?)::text")) {
      read.setObject(1, new BinaryArray(arrayType, bytes));
      try (ResultSet row = read.executeQuery()) {
        while (row.next()) {
          values.add(row.getString(1));
        }
      }
    }
    return values;
  }
}
