package dev.freshet.engine.analysis;

import dev.freshet.sql.ColumnType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads types. Whether one has default equality and hashing is decided by PostgreSQL's own look-up,
 * which knows that an array of json has neither.
 */
final class TypeReader {
  private static final Set<String> PLAIN =
      Set.of(
          "bool",
          "int2",
          "int4",
          "int8",
          "float4",
          "float8",
          "numeric",
          "text",
          "varchar",
          "bpchar",
          "char",
          "name",
          "bytea",
          "date",
          "time",
          "timetz",
          "timestamp",
          "timestamptz",
          "interval",
          "uuid",
          "oid",
          "inet",
          "cidr",
          "macaddr",
          "jsonb");

  private static final String SQL =
      """
      WITH RECURSIVE base(oid, domain) AS (
        SELECT oid, typtype = 'd' FROM pg_type WHERE oid = ?::int8::oid
        UNION ALL
        SELECT t.typbasetype, b.typtype = 'd' FROM base JOIN pg_type t ON t.oid = base.oid
          JOIN pg_type b ON b.oid = t.typbasetype WHERE base.domain
      )
      SELECT format_type(?::int8::oid, ?), t.typname, t.typtype, t.typcategory = 'A' OR t.typtype = 'c'
      FROM base JOIN pg_type t ON t.oid = base.oid WHERE NOT base.domain
      """;

  private record Key(int oid, int modifier) {}

  private final Connection connection;
  private final Map<Key, ColumnType> known = new HashMap<>();

  TypeReader(Connection connection) {
    this.connection = connection;
  }

  ColumnType read(int oid, int modifier) throws SQLException {
    Key key = new Key(oid, modifier);
    ColumnType type = known.get(key);
    if (type == null) {
      type = load(oid, modifier);
      known.put(key, type);
    }
    return type;
  }

  private ColumnType load(int oid, int modifier) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      statement.setLong(2, Integer.toUnsignedLong(oid));
      statement.setInt(3, modifier);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("type " + Integer.toUnsignedLong(oid) + " is gone", "42704");
        }
        String name = row.getString(1);
        String base = row.getString(2);
        boolean array = row.getBoolean(4);
        boolean plain = PLAIN.contains(base) || row.getString(3).equals("e");
        boolean comparable = plain || accepts("SELECT FROM (SELECT NULL::%s x) s GROUP BY x", name);
        boolean hashable =
            plain
                || (comparable
                    && accepts("SELECT pg_catalog.hash_record_extended(ROW(NULL::%s), 0)", name));
        return new ColumnType(name, oid, base, comparable, hashable, array);
      }
    }
  }

  private boolean accepts(String probe, String type) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SAVEPOINT freshet_type");
      try {
        statement.execute(probe.formatted(type));
        return true;
      } catch (SQLException e) {
        return false;
      } finally {
        statement.execute("ROLLBACK TO SAVEPOINT freshet_type");
      }
    }
  }
}
