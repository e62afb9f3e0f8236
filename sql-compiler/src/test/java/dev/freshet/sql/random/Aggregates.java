package dev.freshet.sql.random;

import static dev.freshet.sql.random.Type.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Random aggregate calls whose result does not depend on the order of their input. */
final class Aggregates {
  private final Dice dice;
  private final Queries queries;

  Aggregates(Dice dice, Queries queries) {
    this.dice = dice;
    this.queries = queries;
  }

  private Sql value(Type type, Scope scope) {
    return queries.expressions().of(type, scope, 1);
  }

  private static Column call(Type type, boolean loose, String template, Object... arguments) {
    return Column.computed(Sql.of(type.sort(), template, arguments), type, loose);
  }

  private Optional<Sql> filter(Scope scope) {
    return dice.chance(18)
        ? Optional.of(queries.conditions().of(scope.flat(), 1))
        : Optional.empty();
  }

  private Optional<Sql> distinct() {
    return Sql.word(dice.chance(20), "DISTINCT ");
  }

  /** An aggregate of this type, if there is one that can be made of the scope. */
  Column of(Type type, Scope scope) {
    Scope exact = scope.exact();
    Optional<Sql> filter = filter(scope);
    String end = "« FILTER (WHERE {})»";
    boolean extreme = type.hasExtremes() && dice.chance(35);
    if (extreme) {
      return call(type, true, dice.pick("min", "max") + "({})" + end, value(type, scope), filter);
    }
    return switch (type) {
      case INT8 -> integer(scope, filter, end);
      case INT4 ->
          switch (dice.below(4)) {
            case 0 -> call(INT4, false, "count(*)" + end + "::int4", filter);
            case 1 ->
                call(
                    INT4,
                    false,
                    dice.pick("bit_and", "bit_or", "bit_xor") + "({})" + end,
                    value(INT4, scope),
                    filter);
            case 2 -> call(INT4, false, "total({})" + end, value(INT4, scope), filter);
            default -> call(INT4, false, "sum({})" + end + "::int4", value(INT4, scope), filter);
          };
      case NUMERIC, MONEY -> numeric(type, scope, filter, end);
      case FLOAT8 -> real(scope, filter, end);
      case TEXT -> {
        if (dice.chance(35)) {
          yield share(scope, filter, end);
        }
        Sql text = value(TEXT, exact);
        yield call(TEXT, false, "string_agg({}, ',' ORDER BY {})" + end, text, text, filter);
      }
      case BOOL ->
          call(
              BOOL,
              false,
              dice.pick("bool_and", "bool_or", "every") + "({})" + end,
              queries.conditions().of(scope.flat(), 1),
              filter);
      case INTS -> {
        Sql item = value(INT4, scope);
        yield call(
            INTS,
            false,
            "array_agg(«{}»{} ORDER BY {}«{}»)" + end,
            distinct(),
            item,
            item,
            Sql.word(dice.chance(50), " DESC"),
            filter);
      }
      case TEXTS -> {
        Sql item = value(TEXT, exact);
        yield call(TEXTS, false, "array_agg({} ORDER BY {})" + end, item, item, filter);
      }
      case RANGE ->
          call(RANGE, false, "range_intersect_agg({})" + end, value(RANGE, scope), filter);
      case JSONB -> json(JSONB, "jsonb", exact, filter, end);
      case JSON -> json(JSON, "json", exact, filter, end);
      case INT2, VARCHAR, CHAR, CASELESS, DATE, TIMESTAMPTZ, INTERVAL, MOOD ->
          dice.chance(50)
              ? call(
                  type,
                  true,
                  dice.pick(
                          "percentile_disc(0.5) WITHIN GROUP (ORDER BY {})",
                          "mode() WITHIN GROUP (ORDER BY {})")
                      + end,
                  value(type, scope),
                  filter)
              : first(type, scope, filter, end);
      case UUID, BYTEA, SMALL, PAIR, POINT -> first(type, scope, filter, end);
    };
  }

  private Column json(Type type, String prefix, Scope exact, Optional<Sql> filter, String end) {
    if (dice.chance(60)) {
      Sql item = value(INT4, exact);
      return call(type, false, prefix + "_agg({} ORDER BY {})" + end, item, item, filter);
    }
    Sql key = Sql.of(TEXT.sort(), "COALESCE({}, '-')", value(TEXT, exact));
    Sql item = value(INT4, exact);
    return call(
        type,
        false,
        prefix + "_object_agg({}, {} ORDER BY {}, {})" + end,
        key,
        item,
        key,
        item,
        filter);
  }

  /** The first value in an order that only like values tie in. */
  private Column first(Type type, Scope scope, Optional<Sql> filter, String end) {
    Sql item = value(type, scope);
    Sql order = type.comparable() ? item : Sql.of(TEXT.sort(), "{}::text", item);
    return call(type, true, "(array_agg({} ORDER BY {})" + end + ")[1]", item, order, filter);
  }

  private Column integer(Scope scope, Optional<Sql> filter, String end) {
    Type some = queries.someComparable(scope);
    return switch (dice.below(8)) {
      case 0, 1, 2 -> call(INT8, false, "count(*)" + end, filter);
      case 3 -> call(INT8, false, "count(«{}»{})" + end, distinct(), value(some, scope), filter);
      case 4, 5 -> call(INT8, false, "sum(«{}»{})" + end, distinct(), value(INT4, scope), filter);
      case 6 -> call(INT8, false, "count(DISTINCT {})" + end, value(some, scope), filter);
      default ->
          call(
              INT8,
              false,
              dice.pick("rank", "dense_rank") + "(1) WITHIN GROUP (ORDER BY {})" + end,
              value(INT4, scope),
              filter);
    };
  }

  private Column numeric(Type type, Scope scope, Optional<Sql> filter, String end) {
    String cast = type == MONEY ? "::numeric(8,2)" : "";
    Sql plain = type == MONEY ? value(MONEY, scope) : value(NUMERIC, scope);
    return switch (dice.below(5)) {
      case 0, 1 -> call(type, true, "sum(«{}»{})" + end + cast, distinct(), plain, filter);
      case 2 -> call(type, true, "avg({})" + end + cast, plain, filter);
      case 3 -> call(type, true, "avg({})" + end + cast, value(INT4, scope), filter);
      default ->
          call(
              type,
              true,
              "round("
                  + dice.pick("stddev", "var_pop", "variance", "stddev_pop", "var_samp")
                  + "({})"
                  + end
                  + ", 6)"
                  + cast,
              dice.chance(50) ? value(INT4, scope) : plain,
              filter);
    };
  }

  /** A quotient of sums, digit by digit: how many it has depends on which rows there are. */
  private Column share(Scope scope, Optional<Sql> filter, String end) {
    Sql price = value(MONEY, scope);
    Sql rate = value(MONEY, scope);
    return call(
        TEXT,
        false,
        "((100.0 * sum(CASE WHEN {} THEN ({} * (1 - {})) ELSE 0 END)"
            + end
            + ") / NULLIF(sum({} * (1 - {})), 0))::text",
        queries.conditions().of(scope.flat(), 1),
        price,
        rate,
        filter,
        price,
        rate);
  }

  private Column real(Scope scope, Optional<Sql> filter, String end) {
    return switch (dice.below(4)) {
      case 0 -> call(FLOAT8, true, "sum({})" + end, value(FLOAT8, scope), filter);
      case 1 -> call(FLOAT8, true, "avg({})" + end, value(FLOAT8, scope), filter);
      case 2 ->
          call(
              FLOAT8,
              true,
              "percentile_cont(0.5) WITHIN GROUP (ORDER BY {})" + end,
              value(FLOAT8, scope),
              filter);
      default ->
          call(
              FLOAT8,
              true,
              "round("
                  + dice.pick("corr", "covar_pop", "regr_slope", "regr_r2", "regr_avgx")
                  + "({}, {})"
                  + end
                  + "::numeric, 5)::float8",
              value(INT4, scope),
              value(INT4, scope),
              filter);
    };
  }

  /** A few, of any type. */
  List<Column> some(Scope scope, List<Type> types, int count) {
    List<Column> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      calls.add(of(dice.chance(45) ? INT8 : dice.pick(types), scope));
    }
    return calls;
  }
}
