package dev.freshet.cdc.debezium;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Columns whose values do not come through Debezium whole.
 *
 * <p>Debezium hands most types on as their output text. Some it parses into a Java object that
 * keeps less: an interval's fields, money without its locale, a time moved to UTC, geometry as
 * printed by Java. Arrays arrive as text, which only a column that is no array can carry on.
 */
public final class RefusedColumns {
  /** Types, by name, that Debezium parses into an object and we do not put together again. */
  private static final Set<String> PARSED =
      Set.of(
          "interval",
          "money",
          "timetz",
          "time with time zone",
          "box",
          "circle",
          "line",
          "lseg",
          "path",
          "point",
          "polygon");

  /**
   * Names by which Debezium takes a type for a built-in one, whatever schema it is in; {@link
   * #PARSED} too.
   */
  private static final Set<String> TAKEN =
      Set.of(
          "bool",
          "int4",
          "int2",
          "int8",
          "oid",
          "float4",
          "float8",
          "numeric",
          "date",
          "time",
          "timestamp",
          "timestamptz",
          "bytea",
          "boolean",
          "integer",
          "int",
          "smallint",
          "serial",
          "bigint",
          "bigserial",
          "real",
          "decimal");

  private static final String COLUMNS =
      """
      WITH RECURSIVE base AS (
        SELECT a.attnum, a.attname, a.atttypid AS type, a.atttypid AS declared
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = ?::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT b.attnum, b.attname, t.typbasetype, b.declared
        FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type
        WHERE t.typtype = 'd'
      )
      SELECT b.attname, pg_catalog.format_type(b.declared, NULL), t.typname,
        t.typnamespace = 'pg_catalog'::regnamespace AS built_in,
        t.typcategory = 'A' AS is_array,
        (SELECT count(*) FROM base o
         WHERE pg_catalog.lower(o.attname) = pg_catalog.lower(b.attname) AND o.type = o.declared) > 1
      FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type
      WHERE t.typtype <> 'd'
      ORDER BY b.attnum
      """;

  /** One column that cannot be captured, and why. */
  public record Refused(String column, String type, String reason) {}

  private RefusedColumns() {}

  /** Whether Debezium parses values of the named type, so that their text is gone. */
  static boolean isParsed(String typeName) {
    return PARSED.contains(typeName);
  }

  /**
   * Those of a table's columns that cannot be captured.
   *
   * @param needed names of the columns that a stream table reads
   */
  public static List<Refused> of(Connection connection, int relation, Collection<String> needed)
      throws SQLException {
    List<Refused> refused = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setLong(1, Integer.toUnsignedLong(relation));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String column = row.getString(1);
          if (row.getBoolean(6)) {
            refused.add(
                new Refused(
                    column,
                    row.getString(2),
                    "Debezium stops on a table with columns whose names differ only in case"));
          } else if (needed.contains(column)) {
            String type = row.getString(2);
            reason(row.getString(3), row.getBoolean(4), row.getBoolean(5))
                .ifPresent(reason -> refused.add(new Refused(column, type, reason)));
          }
        }
      }
    }
    return refused;
  }

  private static Optional<String> reason(String type, boolean builtIn, boolean array) {
    if (array) {
      return Optional.of("Debezium does not hand on arrays in a form that loses nothing");
    }
    if (PARSED.contains(type)) {
      return Optional.of("Debezium's conversion of this type loses information");
    }
    if (!builtIn && TAKEN.contains(type)) {
      return Optional.of("Debezium takes a type of this name for the built-in one");
    }
    return Optional.empty();
  }
}
