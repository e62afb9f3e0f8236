package dev.freshet.sql.filter;

import java.util.Optional;

/**
 * How values of a type compare, told by their send format.
 *
 * <p>Not here, on purpose: enums, whose labels can be renamed after the constant was read; types
 * that are made of others, as domains; {@code date} beside {@code timestamptz}, which compare by
 * the session's time zone.
 */
enum ValueKind {
  /** int2, int4, int8: two's complement in 2, 4 or 8 bytes. */
  INTEGER,
  /** Days since 2000-01-01 in 4 bytes; the extremes are the infinities. */
  DATE,
  /** Microseconds since 2000-01-01 in 8 bytes; the extremes are the infinities. */
  TIMESTAMP,
  /** As {@link #TIMESTAMP}, in UTC. */
  TIMESTAMP_WITH_TIME_ZONE,
  NUMERIC,
  /** float4, float8: IEEE 754 in 4 or 8 bytes. */
  FLOAT,
  BOOLEAN,
  /** uuid, bytea: compared byte by byte, unsigned. */
  BYTES,
  /** text, varchar: equal if the bytes are, under a deterministic collation. */
  TEXT,
  /** bpchar: as {@link #TEXT}, without the blanks at the end. */
  BLANK_PADDED;

  private static final int BOOL_OID = 16;
  private static final int BYTEA_OID = 17;
  private static final int INT8_OID = 20;
  private static final int INT2_OID = 21;
  private static final int INT4_OID = 23;
  private static final int TEXT_OID = 25;
  private static final int FLOAT4_OID = 700;
  private static final int FLOAT8_OID = 701;
  private static final int BPCHAR_OID = 1042;
  private static final int VARCHAR_OID = 1043;
  private static final int DATE_OID = 1082;
  private static final int TIMESTAMP_OID = 1114;
  private static final int TIMESTAMPTZ_OID = 1184;
  private static final int NUMERIC_OID = 1700;
  private static final int UUID_OID = 2950;

  /** The kind of a type of {@code pg_type}; empty if it is not known how its values compare. */
  static Optional<ValueKind> of(int typeOid) {
    return Optional.ofNullable(
        switch (typeOid) {
          case INT2_OID, INT4_OID, INT8_OID -> INTEGER;
          case DATE_OID -> DATE;
          case TIMESTAMP_OID -> TIMESTAMP;
          case TIMESTAMPTZ_OID -> TIMESTAMP_WITH_TIME_ZONE;
          case NUMERIC_OID -> NUMERIC;
          case FLOAT4_OID, FLOAT8_OID -> FLOAT;
          case BOOL_OID -> BOOLEAN;
          case UUID_OID, BYTEA_OID -> BYTES;
          case TEXT_OID, VARCHAR_OID -> TEXT;
          case BPCHAR_OID -> BLANK_PADDED;
          default -> null;
        });
  }

  /** Whether only equality is known: the order is the collation's. */
  boolean isText() {
    return this == TEXT || this == BLANK_PADDED;
  }

  /**
   * Whether an expression of the type named {@code cast} has the value of a {@code typeOid} column
   * that is cast to it, and compares as that.
   *
   * @param cast as PostgreSQL prints it
   */
  static boolean isKeptBy(String cast, int typeOid) {
    return switch (cast) {
      case "text" -> typeOid == VARCHAR_OID || typeOid == TEXT_OID;
      case "integer" -> typeOid == INT2_OID || typeOid == INT4_OID;
      case "bigint" -> typeOid == INT2_OID || typeOid == INT4_OID || typeOid == INT8_OID;
      case "numeric" ->
          typeOid == INT2_OID
              || typeOid == INT4_OID
              || typeOid == INT8_OID
              || typeOid == NUMERIC_OID;
      case "double precision" -> typeOid == FLOAT4_OID || typeOid == FLOAT8_OID;
      default -> false;
    };
  }
}
