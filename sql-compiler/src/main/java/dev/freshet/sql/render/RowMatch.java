package dev.freshet.sql.render;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.ColumnType;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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

  /** The condition that two lists of expressions for these columns are equal. */
  public String equality(List<String> left, List<String> right) {
    if (plain) {
      var text = new StringBuilder();
      for (int i = 0; i < left.size(); i++) {
        text.append(i == 0 ? "" : " AND ");
        text.append(left.get(i)).append(" = ").append(right.get(i));
      }
      return text.toString();
    }
    List<Integer> hashed = hashedPositions();
    String record = record(left) + "::record = " + record(right) + "::record";
    if (hashed.isEmpty()) {
      return record;
    }
    return hash(pick(left, hashed)) + " = " + hash(pick(right, hashed)) + " AND " + record;
  }

  /**
   * What to index to find rows, in parentheses as CREATE INDEX wants it; empty if nothing can be.
   */
  public String indexExpressions() {
    List<String> names = columns.stream().map(c -> quote(c.name())).toList();
    if (plain) {
      return String.join(", ", names);
    }
    List<Integer> hashed = hashedPositions();
    return hashed.isEmpty() ? "" : "(" + hash(pick(names, hashed)) + ")";
  }

  private List<Integer> hashedPositions() {
    return java.util.stream.IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).type().hashable())
        .boxed()
        .toList();
  }

  private static List<String> pick(List<String> all, List<Integer> positions) {
    return positions.stream().map(all::get).toList();
  }

  private static String record(List<String> values) {
    return values.stream().collect(Collectors.joining(", ", "ROW(", ")"));
  }

  private static String hash(List<String> values) {
    return "hash_record_extended(" + record(values) + ", 0::bigint)";
  }
}
