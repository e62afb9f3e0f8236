package dev.freshet.sql.random;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The types of columns and expressions, each with few values, so that rows meet, tie and vanish.
 *
 * <p>A type is <em>loose</em> where equal values may look different (1.0 and 1.00): which of them a
 * grouping shows is up to PostgreSQL's plan.
 */
public enum Type {
  INT2("int2", "0", "1", "2", "-3"),
  INT4("int4", "0", "1", "2", "3", "5"),
  INT8("int8", "0", "1", "2", "40000000000"),
  NUMERIC("numeric", "0", "1.0", "1.00", "2.5", "-3.25", "NaN"),
  MONEY("numeric(8,2)", "0", "1", "2.50", "-3.25"),
  FLOAT8("float8", "0", "-0", "0.5", "2", "-1.25"),
  TEXT("text", "", "a", "ab", "B", "q\"'',{} \\"),
  VARCHAR("varchar(10)", "", "a", "ab", "z w"),
  CHAR("char(4)", "a", "ab", "B"),
  CASELESS("text COLLATE caseless", "a", "A", "b", "B"),
  BOOL("bool", "t", "f"),
  DATE("date", "2024-01-01", "2024-01-02", "2024-02-29"),
  TIMESTAMPTZ("timestamptz", "2024-01-01 10:00+00", "2024-01-01 11:00+01", "2024-03-01 00:00+00"),
  INTERVAL("interval", "1 day", "24:00", "1 mon", "-1 hour"),
  UUID("uuid", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-00000000000a"),
  BYTEA("bytea", "\\x", "\\x00ff", "\\x61"),
  MOOD("mood", "sad", "ok", "happy"),
  SMALL("small", "0", "1", "2"),
  PAIR("pair", "(1,a)", "(1,)", "(2,\"b c\")"),
  INTS("int4[]", "{}", "{1}", "{1,2}", "{2,NULL,1}"),
  TEXTS("text[]", "{}", "{a}", "{\"a,b\",\"NULL\",NULL}"),
  RANGE("int4range", "empty", "[1,3)", "[2,5)", "(,2)"),
  JSONB("jsonb", "[]", "[1, 2]", "{\"a\": 1}", "{\"a\": \"b\", \"c\": null}", "3"),
  JSON("json", "{\"a\":1}", "{\"a\": 1}", "[]"),
  POINT("point", "(0,0)", "(1,2)");

  private static final Set<Type> LOOSE = EnumSet.of(NUMERIC, FLOAT8, CASELESS, INTERVAL);
  private static final Set<Type> WITHOUT_EQUALITY = EnumSet.of(JSON, POINT);
  private static final Set<Type> WITH_EXTREMES =
      EnumSet.of(
          INT2,
          INT4,
          INT8,
          NUMERIC,
          MONEY,
          FLOAT8,
          TEXT,
          CHAR,
          CASELESS,
          DATE,
          TIMESTAMPTZ,
          INTERVAL,
          MOOD,
          INTS,
          TEXTS);
  private static final Set<Type> KEYS =
      EnumSet.of(
          INT2,
          INT4,
          INT8,
          NUMERIC,
          MONEY,
          TEXT,
          VARCHAR,
          CHAR,
          CASELESS,
          DATE,
          TIMESTAMPTZ,
          UUID,
          MOOD,
          SMALL,
          BYTEA);

  private final String sql;
  private final List<String> samples;

  Type(String sql, String... samples) {
    this.sql = sql;
    this.samples = List.of(samples);
  }

  /** As it stands in a column's definition. */
  String definition() {
    return sql;
  }

  List<String> samples() {
    return samples;
  }

  boolean loose() {
    return LOOSE.contains(this);
  }

  boolean comparable() {
    return !WITHOUT_EQUALITY.contains(this);
  }

  /** Has min and max in every version, with a result of the same type. */
  boolean hasExtremes() {
    return WITH_EXTREMES.contains(this);
  }

  boolean key() {
    return KEYS.contains(this);
  }

  static List<Type> all() {
    return List.of(values());
  }

  /** A constant that can stand anywhere. */
  String constant(String value) {
    String quoted = "'" + value.replace("'", "''") + "'";
    return this == CASELESS ? "(" + quoted + "::text COLLATE caseless)" : quoted + "::" + sql;
  }

  String none() {
    return this == CASELESS ? "(NULL::text COLLATE caseless)" : "NULL::" + sql;
  }

  /** The sort of its expressions in a {@link Sql} tree. */
  String sort() {
    return "value " + name();
  }
}
