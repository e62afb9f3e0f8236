package dev.freshet.sql.delta;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which rows a comparison decides otherwise when the value that they are compared with has moved.
 *
 * <p>Law: with e the value's side of {@code x op e}, now and before, {@code x = e} may differ only
 * where x is one of the two, {@code x < e}, {@code ≤}, {@code >} and {@code ≥} only where x is
 * between them. Nothing compares with NULL: where one of the two is NULL, x is between the other
 * and the end of the type's values; NaN is the greatest number.
 */
final class MovedValue {
  private static final Scalar EVERYWHERE = Scalar.of("TRUE");
  private static final Set<String> WHOLE = Set.of("int2", "int4", "int8");
  private static final String LEAST = "'-9223372036854775808'";
  private static final String GREATEST = "'9223372036854775807'";
  private static final Set<String> OPERATORS = Set.of("=", "<", "<=", ">", ">=");

  private MovedValue() {}

  /**
   * A condition that is true for all rows for which the conditions together differ, and for few
   * others if it can be told; an index on x serves it.
   *
   * @param as the value in the conditions
   */
  static Scalar between(
      List<Scalar> conditions, ColumnRef as, ColumnRef now, ColumnRef before, Types types) {
    List<Scalar> about = conditions.stream().filter(c -> c.columns().contains(as)).toList();
    return about.size() != 1
        ? EVERYWHERE
        : Comparison.of(about.getFirst(), OPERATORS)
            .flatMap(comparison -> between(comparison, as, now, before, types))
            .orElse(EVERYWHERE);
  }

  private static Optional<Scalar> between(
      Comparison comparison, ColumnRef as, ColumnRef now, ColumnRef before, Types types) {
    boolean left = comparison.left().columns().equals(Set.of(as));
    Scalar value = left ? comparison.left() : comparison.right();
    Scalar x = left ? comparison.right() : comparison.left();
    if (!value.columns().equals(Set.of(as)) || x.columns().contains(as)) {
      return Optional.empty();
    }
    return place(x, types)
        .map(
            place -> {
              Scalar one = Thresholds.at(value, as, now).grouped();
              Scalar other = Thresholds.at(value, as, before).grouped();
              return comparison.operator().equals("=")
                  ? Scalar.of(
                      "(",
                      place.column(),
                      " = ANY (ARRAY[",
                      place.bound("floor", one),
                      ", ",
                      place.bound("floor", other),
                      "]))")
                  : Scalar.of(
                      "((",
                      place.column(),
                      " >= ",
                      place.bound("floor", end(one, other, "LEAST", place.least())),
                      ") AND (",
                      place.column(),
                      " <= ",
                      place.bound("ceil", end(one, other, "GREATEST", place.greatest())),
                      "))");
            });
  }

  private static Scalar end(Scalar one, Scalar other, String function, String otherwise) {
    return Scalar.of(
        "CASE WHEN (",
        one,
        " IS NULL) OR (",
        other,
        " IS NULL) THEN " + otherwise + " ELSE " + function + "(",
        one,
        ", ",
        other,
        ") END");
  }

  /**
   * What is compared: a column of a type with an order that comparisons with other types share.
   *
   * @param least the end of what it is compared as
   * @param whole whether it is a column of whole numbers, compared as {@code numeric}
   */
  private record Place(ColumnRef column, String least, String greatest, boolean whole) {

    /** A bound as the column's index wants it: of whole numbers the next one. */
    Scalar bound(String rounded, Scalar value) {
      return whole
          ? Scalar.of(
              "LEAST(GREATEST(" + rounded + "(",
              value,
              "), " + LEAST + "), " + GREATEST + ")::bigint")
          : value;
    }
  }

  private static Optional<Place> place(Scalar x, Types types) {
    if (x.columns().size() != 1) {
      return Optional.empty();
    }
    ColumnRef column = x.columns().iterator().next();
    Optional<ColumnType> type = types.of(Scalar.column(column)).map(Typed::type);
    String text = x.sql(_ -> "c").replaceAll("[() ]", "");
    boolean number = type.isPresent() && WHOLE.contains(type.get().base());
    return switch (text) {
      case "c" ->
          number
              ? Optional.of(new Place(column, LEAST + "::bigint", GREATEST + "::bigint", false))
              : type.flatMap(t -> place(column, t));
      case "c::numeric" ->
          number
              ? Optional.of(new Place(column, "'-Infinity'::numeric", "'NaN'::numeric", true))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<Place> place(ColumnRef column, ColumnType type) {
    return switch (type.base()) {
      case "numeric" ->
          Optional.of(new Place(column, "'-Infinity'::numeric", "'NaN'::numeric", false));
      case "float4", "float8" ->
          Optional.of(
              new Place(column, "'-Infinity'::double precision", "'NaN'::double precision", false));
      case "date", "timestamp", "timestamptz" ->
          Optional.of(
              new Place(
                  column, "'-infinity'::" + type.base(), "'infinity'::" + type.base(), false));
      default -> Optional.empty();
    };
  }
}
