package dev.freshet.sql;

import java.util.Set;

/**
 * A type as PostgreSQL knows it, with what the compiler must know about it.
 *
 * @param name {@code format_type(oid, typmod)}: usable in a cast
 * @param oid of {@code pg_type}
 * @param base the type's own name in {@code pg_type.typname} after resolving domains: {@code int4},
 *     {@code numeric}, …
 * @param comparable whether it has a default equality operator (btree or hash operator class)
 * @param hashable whether it has a default hash operator class with the extended function
 * @param array whether values are arrays or rows, which {@code unnest} would take apart: they
 *     cannot travel as elements of a bind array
 */
public record ColumnType(
    String name, int oid, String base, boolean comparable, boolean hashable, boolean array) {

  private static final Set<String> FIXED =
      Set.of(
          "int2",
          "int4",
          "int8",
          "oid",
          "bool",
          "uuid",
          "date",
          "time",
          "timetz",
          "timestamp",
          "timestamptz",
          "interval",
          "float4",
          "float8",
          "char");

  /** A btree index holds every value of it, however long those of other types may be. */
  public boolean hasFixedLength() {
    return FIXED.contains(base);
  }

  /** Types whose SUM is exact and that the change buffer adds up in the JVM. */
  public boolean isReducible() {
    return switch (base) {
      case "int2", "int4", "int8", "numeric" -> true;
      default -> false;
    };
  }
}
