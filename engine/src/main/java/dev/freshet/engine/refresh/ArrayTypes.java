package dev.freshet.engine.refresh;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgConnection;

/** Oids of array types by their element type, remembered for the life of the engine. */
final class ArrayTypes {
  static final int TEXT = Oid.TEXT_ARRAY;

  private final Map<Integer, Integer> byElement =
      new ConcurrentHashMap<>(
          Map.of(
              Oid.BOOL, Oid.BOOL_ARRAY,
              Oid.INT2, Oid.INT2_ARRAY,
              Oid.INT4, Oid.INT4_ARRAY,
              Oid.INT8, Oid.INT8_ARRAY,
              Oid.TEXT, Oid.TEXT_ARRAY,
              Oid.NUMERIC, Oid.NUMERIC_ARRAY,
              Oid.VARCHAR, Oid.VARCHAR_ARRAY,
              Oid.UUID, Oid.UUID_ARRAY,
              Oid.TIMESTAMPTZ, Oid.TIMESTAMPTZ_ARRAY,
              Oid.DATE, Oid.DATE_ARRAY));

  int of(PgConnection connection, int elementOid) throws SQLException {
    Integer known = byElement.get(elementOid);
    if (known != null) {
      return known;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT typarray::int8 FROM pg_type WHERE oid = ?::int8::oid AND typarray <> 0")) {
      statement.setLong(1, Integer.toUnsignedLong(elementOid));
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException(
              "type " + Integer.toUnsignedString(elementOid) + " has no array type", "42704");
        }
        int oid = (int) row.getLong(1);
        byElement.put(elementOid, oid);
        return oid;
      }
    }
  }
}
