package dev.freshet.sql.tree;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A scalar expression: SQL text with holes where columns stand. Opaque but for those columns; the
 * text is what PostgreSQL printed, or what a rule composed of such texts.
 */
public record Scalar(List<Piece> pieces) {

  /**
   * Two rows that are written out are compared field by field, unlike two values of a composite
   * type, and IN takes the fields of one for several columns: in a function it is a value.
   */
  private static final String AS_VALUE = "COALESCE(";

  private static final Pattern ROW = Pattern.compile("[( ]*ROW\\(");

  private static final Pattern DIRECTION =
      Pattern.compile(" *(ASC|DESC)? *(NULLS (FIRST|LAST))? *");

  /** Part of an expression. */
  public sealed interface Piece {}

  /** SQL text, carried as it is. */
  public record Text(String sql) implements Piece {
    @Override
    public String toString() {
      return sql;
    }
  }

  /** The value of a column. */
  public record Column(ColumnRef ref) implements Piece {
    @Override
    public String toString() {
      return ref.toString();
    }
  }

  public Scalar {
    pieces = List.copyOf(pieces);
  }

  /** Composes an expression of texts, columns and expressions; the latter go in as they are. */
  public static Scalar of(Object... parts) {
    var pieces = new ArrayList<Piece>();
    for (Object part : parts) {
      switch (part) {
        case String text -> pieces.add(new Text(text));
        case ColumnRef ref -> pieces.add(new Column(ref));
        case Scalar scalar -> pieces.addAll(scalar.pieces);
        default -> throw new IllegalArgumentException("not part of a scalar: " + part);
      }
    }
    return new Scalar(pieces);
  }

  public static Scalar column(ColumnRef ref) {
    return of(ref);
  }

  /** {@code separator} between the expressions; {@code empty} if there are none. */
  public static Scalar join(String separator, List<Scalar> scalars, String empty) {
    if (scalars.isEmpty()) {
      return of(empty);
    }
    var parts = new ArrayList<Object>();
    for (Scalar scalar : scalars) {
      if (!parts.isEmpty()) {
        parts.add(separator);
      }
      parts.add(scalar);
    }
    return of(parts.toArray());
  }

  /** The columns it reads, in order of first appearance. */
  public Set<ColumnRef> columns() {
    var refs = new LinkedHashSet<ColumnRef>();
    for (Piece piece : pieces) {
      if (piece instanceof Column(ColumnRef ref)) {
        refs.add(ref);
      }
    }
    return refs;
  }

  /** The columns that any of them reads. */
  public static Set<ColumnRef> columns(List<Scalar> scalars) {
    var refs = new LinkedHashSet<ColumnRef>();
    scalars.forEach(scalar -> refs.addAll(scalar.columns()));
    return refs;
  }

  /** The column, if it is nothing but a column. */
  public Optional<ColumnRef> asColumn() {
    return pieces.size() == 1 && pieces.getFirst() instanceof Column(ColumnRef ref)
        ? Optional.of(ref)
        : Optional.empty();
  }

  /** Replaces every column by an expression. */
  public Scalar map(Function<ColumnRef, Scalar> substitution) {
    var result = new ArrayList<Piece>();
    for (Piece piece : pieces) {
      switch (piece) {
        case Text text -> result.add(text);
        case Column(ColumnRef ref) -> result.addAll(substitution.apply(ref).operand().pieces);
      }
    }
    return new Scalar(result);
  }

  /** In parentheses unless it is a single column: safe to stand as an operand. */
  public Scalar grouped() {
    return asColumn().isPresent() || isParenthesised() ? this : of("(", this, ")");
  }

  /** In the place of a column. */
  private Scalar operand() {
    return isWrittenOutRow(sql(_ -> "c")) ? of(AS_VALUE, this, ")") : grouped();
  }

  /** An expression's text as it may stand in the place of a column. */
  public static String operand(String sql) {
    return isWrittenOutRow(sql) ? AS_VALUE + sql + ")" : "(" + sql + ")";
  }

  /** Whether it is a column with nothing but its direction in a sort. */
  public boolean isSortKey() {
    return pieces.size() == 2
        && pieces.getFirst() instanceof Column
        && pieces.getLast() instanceof Text(String sql)
        && DIRECTION.matcher(sql).matches();
  }

  private static boolean isWrittenOutRow(String sql) {
    return ROW.matcher(sql).lookingAt();
  }

  private boolean isParenthesised() {
    return Parentheses.enclose(sql(_ -> "c"));
  }

  /** As SQL text, each column as {@code names} says. */
  public String sql(Function<ColumnRef, String> names) {
    return pieces.stream()
        .map(
            piece ->
                switch (piece) {
                  case Text(String sql) -> sql;
                  case Column(ColumnRef ref) -> names.apply(ref);
                })
        .collect(Collectors.joining());
  }

  @Override
  public String toString() {
    return sql(ColumnRef::toString);
  }
}
