package dev.freshet.sql.render;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How rows are found by some of their columns, by SQL equality, with and without an index.
 *
 * <p>Where every column is NOT NULL and of a built-in type whose {@code =} cannot be captured by
 * {@code search_path}, this is plain equality on a btree index. Otherwise rows are compared as
 * records, which takes each type's own default equality whatever the search path, and NULL as equal
 * to NULL; a hash of the record, indexed as an expression, finds the candidates. A hash only finds,
 * equality decides.
 */
public final class RowMatch {
  private static final Set<String> PLAIN_EQUALITY =
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
          "text",
          "varchar",
          "bpchar",
          "name",
          "bytea",
          "numeric",
          "float4",
          "float8",
          "inet",
          "cidr",
          "macaddr",
          "macaddr8",
          "jsonb",
          "char");
  private static final Set<String> EQUAL_MEANS_IDENTICAL =
      Set.of(
          "int2",
          "int4",
          "int8",
          "oid",
          "bool",
          "uuid",
          "date",
          "time",
          "timestamp",
          "timestamptz",
          "bytea",
          "macaddr",
          "macaddr8",
          "char");

  /** A column to match by. */
  public record KeyColumn(String name, ColumnType type, boolean notNull) {}

  private final List<KeyColumn> columns;
  private final boolean plain;

  public RowMatch(List<KeyColumn> columns) {
    this.columns = List.copyOf(columns);
    this.plain =
        columns.stream().allMatch(c -> c.notNull() && PLAIN_EQUALITY.contains(c.type().base()));
  }

  public List<KeyColumn> columns() {
    return columns;
  }

  /** Rows are matched by plain {@code =} on each column: a unique btree index is possible. */
  public boolean isPlain() {
    return plain;
  }

  /** Its {@code =} is PostgreSQL's own for the type, found without a search path. */
  public static boolean hasBuiltInEquality(ColumnType type) {
    return PLAIN_EQUALITY.contains(type.base());
  }

  /** Equal values have equal bytes, so that distinct bytes are distinct values. */
  public static boolean equalMeansIdentical(ColumnType type) {
    return EQUAL_MEANS_IDENTICAL.contains(type.base());
  }

  /** The condition that the rows of two relations, each with these columns, are equal. */
  public String condition(String left, String right) {
    return condition(left, right, columns.stream().map(KeyColumn::name).toList());
  }

  /** As {@link #condition(String, String)}; the right side names its columns differently. */
  public String condition(String left, String right, List<String> rightNames) {
    if (columns.isEmpty()) {
      return "TRUE";
    }
    List<String> leftSql = columns.stream().map(c -> left + "." + quote(c.name())).toList();
    List<String> rightSql = rightNames.stream().map(name -> right + "." + quote(name)).toList();
    return equality(leftSql, rightSql);
  }

  /** The condition that two lists of SQL texts for these columns are equal. */
  public String equality(List<String> left, List<String> right) {
    return equal(
            left.stream().map(text -> Scalar.of(text)).toList(),
            right.stream().map(text -> Scalar.of(text)).toList())
        .toString();
  }

  /** The condition that two lists of expressions for these columns are equal. */
  public Scalar equal(List<Scalar> left, List<Scalar> right) {
    if (plain) {
      var parts = new ArrayList<Scalar>();
      for (int i = 0; i < left.size(); i++) {
        parts.add(Scalar.of(left.get(i), " = ", right.get(i)));
      }
      return Scalar.join(" AND ", parts, "TRUE");
    }
    List<Integer> hashed = hashedPositions();
    Scalar record = Scalar.of(record(left), "::record = ", record(right), "::record");
    return hashed.isEmpty()
        ? record
        : Scalar.of(hash(pick(left, hashed)), " = ", hash(pick(right, hashed)), " AND ", record);
  }

  /**
   * The same condition for a base table that may have an index on the bare columns; {@code right}
   * is one row.
   */
  public Scalar equalToRow(List<Scalar> left, List<Scalar> right) {
    if (plain || !columns.stream().allMatch(c -> PLAIN_EQUALITY.contains(c.type().base()))) {
      return equal(left, right);
    }
    var parts = new ArrayList<Scalar>();
    for (int i = 0; i < left.size(); i++) {
      Scalar l = left.get(i).grouped();
      Scalar r = right.get(i);
      parts.add(
          columns.get(i).notNull()
              ? Scalar.of(l, " = ", r)
              : Scalar.of("(", l, " = ", r, " OR (", l, " IS NULL AND ", r, " IS NULL))"));
    }
    return Scalar.join(" AND ", parts, "TRUE");
  }

  /** What to index to find rows, as CREATE INDEX wants it; empty if nothing can be. */
  public String indexExpressions() {
    List<String> names = columns.stream().map(c -> quote(c.name())).toList();
    if (plain) {
      return String.join(", ", names);
    }
    List<Integer> hashed = hashedPositions();
    List<Scalar> values = names.stream().map(name -> Scalar.of(name)).toList();
    return hashed.isEmpty() ? "" : "(" + hash(pick(values, hashed)) + ")";
  }

  private List<Integer> hashedPositions() {
    return IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).type().hashable())
        .boxed()
        .toList();
  }

  private static List<Scalar> pick(List<Scalar> all, List<Integer> positions) {
    return positions.stream().map(all::get).toList();
  }

  private static Scalar record(List<Scalar> values) {
    return Scalar.of("ROW(", Scalar.join(", ", values, ""), ")");
  }

  private static Scalar hash(List<Scalar> values) {
    return Scalar.of("hash_record_extended(", record(values), ", 0::bigint)");
  }
}
