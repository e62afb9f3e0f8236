package dev.freshet.sql.random;

import static dev.freshet.sql.random.Type.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Random typed expressions. None fails whatever the rows are, in whatever order its parts are
 * evaluated: divisors are guarded, casts always succeed, scalar subqueries have one row.
 */
final class Expressions {
  private final Dice dice;
  private final Queries queries;

  Expressions(Dice dice, Queries queries) {
    this.dice = dice;
    this.queries = queries;
  }

  /**
   * @param depth how deep the expression may nest
   */
  Sql of(Type type, Scope scope, int depth) {
    List<Column> own = scope.of(type);
    boolean leaf = depth <= 0 || dice.chance(55);
    if (leaf && !own.isEmpty() && dice.chance(90)) {
      return dice.pick(own).text();
    }
    if (leaf || dice.chance(10)) {
      return small(type, scope);
    }
    if (dice.chance(25)) {
      return general(type, scope, depth - 1);
    }
    return special(type, scope, depth - 1);
  }

  /** A column of any query around, or a constant. */
  private Sql small(Type type, Scope scope) {
    List<Column> columns = scope.all().filter(c -> c.type() == type).toList();
    if (!columns.isEmpty() && dice.chance(85)) {
      return dice.pick(columns).text();
    }
    return constant(type);
  }

  Sql constant(Type type) {
    return Sql.text(
        type.sort(), dice.chance(7) ? type.none() : type.constant(dice.pick(type.samples())));
  }

  private Sql condition(Scope scope, int depth) {
    return queries.conditions().of(scope, Math.min(depth, 1));
  }

  private static Sql make(Type type, String template, Object... arguments) {
    return Sql.of(type.sort(), template, arguments);
  }

  /** Forms that every type has. */
  private Sql general(Type type, Scope scope, int depth) {
    return switch (dice.below(scope.depth() > 0 ? 6 : 4)) {
      case 0 -> make(type, "COALESCE({}, {})", of(type, scope, depth), of(type, scope, depth));
      case 1 ->
          make(
              type,
              "CASE WHEN {} THEN {}« ELSE {}» END",
              condition(scope, depth),
              of(type, scope, depth),
              dice.chance(80) ? Optional.of(of(type, scope, depth)) : Optional.empty());
      case 2 ->
          type == INT4 || type == TEXT
              ? make(
                  type,
                  "CASE {} WHEN {} THEN {} ELSE {} END",
                  of(type, scope, depth),
                  constant(type),
                  of(type, scope, depth),
                  of(type, scope, depth))
              : of(type, scope, 0);
      case 3 ->
          type.comparable() && type != SMALL
              ? make(type, "NULLIF({}, {})", of(type, scope, depth), constant(type))
              : of(type, scope, 0);
      default -> make(type, "({})", queries.scalar(type, scope));
    };
  }

  private Sql special(Type type, Scope scope, int depth) {
    return switch (type) {
      case INT4 -> integer(scope, depth);
      case INT8 ->
          dice.chance(50)
              ? make(INT8, "({} + {})", of(INT8, scope, depth), of(INT4, scope, depth))
              : make(INT8, "{}::int8", of(INT4, scope, depth));
      case NUMERIC -> numeric(scope, depth);
      case FLOAT8 ->
          dice.chance(50)
              ? make(FLOAT8, "({} + {})", of(FLOAT8, scope, depth), of(FLOAT8, scope, depth))
              : make(FLOAT8, "({}::float8 * 0.5)", of(INT4, scope, depth));
      case TEXT -> text(scope, depth);
      case BOOL -> make(BOOL, "({})", condition(scope, depth));
      case DATE -> make(DATE, "({} + {})", of(DATE, scope, depth), small(scope));
      case TIMESTAMPTZ ->
          make(TIMESTAMPTZ, "date_trunc('day', {}, 'UTC')", of(TIMESTAMPTZ, scope.exact(), depth));
      case INTERVAL -> make(INTERVAL, "({} * 2)", of(INTERVAL, scope, depth));
      case SMALL -> make(SMALL, "(abs({}) % 100)::small", of(INT4, scope, depth));
      case PAIR ->
          make(PAIR, "ROW({}, {})::pair", of(INT4, scope, depth), of(TEXT, scope.exact(), depth));
      case INTS ->
          dice.chance(50)
              ? make(INTS, "ARRAY[{}, {}]", of(INT4, scope, depth), of(INT4, scope, depth))
              : make(INTS, "array_append({}, {})", of(INTS, scope, depth), of(INT4, scope, depth));
      case TEXTS ->
          make(
              TEXTS,
              "({} || {})",
              of(TEXTS, scope, depth),
              make(TEXTS, "ARRAY[{}]", of(TEXT, scope.exact(), depth)));
      case RANGE ->
          dice.chance(50)
              ? make(RANGE, "({} * {})", of(RANGE, scope, depth), of(RANGE, scope, depth))
              : make(RANGE, "int4range({}, NULL)", of(INT4, scope, depth));
      case JSONB ->
          make(
              JSONB,
              "jsonb_build_object('a', {}, 'b', {})",
              of(INT4, scope, depth),
              of(TEXT, scope.exact(), depth));
      case INT2, MONEY, VARCHAR, CHAR, CASELESS, UUID, BYTEA, MOOD, JSON, POINT ->
          general(type, scope, depth);
    };
  }

  private Sql small(Scope scope) {
    List<Column> small = scope.of(INT2);
    return small.isEmpty()
        ? Sql.text(INT4.sort(), "1")
        : make(INT4, "{}::int4", dice.pick(small).text());
  }

  private Sql integer(Scope scope, int depth) {
    Scope exact = scope.exact();
    List<Sql> ways = new ArrayList<>();
    switch (dice.below(14)) {
      case 0, 1 -> ways.add(arithmetic(scope, depth));
      case 2 -> ways.add(make(INT4, "abs({})", of(INT4, scope, depth)));
      case 3 ->
          ways.add(
              make(INT4, "({} / NULLIF({}, 0))", of(INT4, scope, depth), of(INT4, scope, depth)));
      case 4 -> ways.add(make(INT4, "length({})", of(TEXT, exact, depth)));
      case 5 ->
          ways.add(make(INT4, "greatest({}, {})", of(INT4, scope, depth), of(INT4, scope, depth)));
      case 6 -> ways.add(make(INT4, "{}::int4", of(INT2, scope, depth)));
      case 7 -> ways.add(make(INT4, "(-{})", of(INT4, scope, depth)));
      case 8 -> ways.add(make(INT4, "cardinality({})", of(INTS, scope, depth)));
      case 9 -> ways.add(make(INT4, "({})[1]", of(INTS, scope, depth)));
      case 10 -> ways.add(make(INT4, "({}).number", of(PAIR, scope, depth)));
      case 11 -> ways.add(make(INT4, "lower({})", of(RANGE, scope, depth)));
      case 12 -> ways.add(make(INT4, "twice({})", of(INT4, scope, Math.min(depth, 1))));
      default -> ways.add(make(INT4, "{}::int4", of(SMALL, scope, depth)));
    }
    return ways.getFirst();
  }

  private Sql arithmetic(Scope scope, int depth) {
    return make(
        INT4,
        "({} " + dice.pick("+", "-") + " {})",
        of(INT4, scope, depth),
        of(INT4, scope, depth));
  }

  private Sql numeric(Scope scope, int depth) {
    return switch (dice.below(6)) {
      case 0 -> make(NUMERIC, "({} + {})", of(NUMERIC, scope, depth), of(NUMERIC, scope, depth));
      case 1 -> make(NUMERIC, "({} * {})", of(NUMERIC, scope, 0), of(NUMERIC, scope, depth));
      case 2 ->
          make(
              NUMERIC,
              "round({} / NULLIF({}, 0), 6)",
              of(NUMERIC, scope, depth),
              of(NUMERIC, scope, depth));
      case 3 -> make(NUMERIC, "{}::numeric", of(MONEY, scope, depth));
      case 4 -> make(NUMERIC, "({} - {})", of(NUMERIC, scope, depth), of(INT4, scope, depth));
      default -> make(NUMERIC, "{}::numeric", of(INT8, scope, depth));
    };
  }

  private Sql text(Scope scope, int depth) {
    Scope exact = scope.exact();
    return switch (dice.below(10)) {
      case 0, 1 -> make(TEXT, "({} || {})", of(TEXT, exact, depth), of(TEXT, exact, depth));
      case 2 -> make(TEXT, "upper({})", of(TEXT, exact, depth));
      case 3 -> make(TEXT, "left({}, 1)", of(TEXT, exact, depth));
      case 4 -> make(TEXT, "{}::text", of(INT4, exact, depth));
      case 5 -> make(TEXT, "{}::text", of(VARCHAR, exact, depth));
      case 6 -> make(TEXT, "{}::text", of(CHAR, exact, depth));
      case 7 -> make(TEXT, "({} ->> 'a')", of(JSONB, exact, depth));
      case 8 -> make(TEXT, "{}::text", of(dice.pick(MOOD, BOOL, NUMERIC, UUID), exact, depth));
      default -> make(TEXT, "({}).word", of(PAIR, exact, depth));
    };
  }

  /**
   * Orders rows so that only rows tie that are alike in everything which can be seen of them.
   *
   * @param first what to order by before that
   */
  List<Sql> total(List<Sql> first, Scope scope) {
    List<Sql> order = new ArrayList<>(first);
    scope.columns().forEach(column -> order.add(total(column)));
    return order;
  }

  private static Sql total(Column column) {
    String text = column.text().toString();
    String template =
        switch (column.type()) {
          case JSON, POINT -> "{}::text";
          case CASELESS -> column.loose() ? "{}" : "({} COLLATE \"C\")";
          case NUMERIC, FLOAT8, INTERVAL -> column.loose() ? "{}" : "{}::text";
          default -> text.startsWith("'") ? "{}::text" : "{}";
        };
    return Sql.of("order", template, column.text());
  }

  /** An expression to order by, with direction. */
  Sql order(Sql expression) {
    return Sql.of(
        "order",
        "{}«{}»«{}»",
        expression,
        Sql.word(dice.chance(40), " DESC"),
        Sql.word(dice.chance(30), dice.pick(" NULLS FIRST", " NULLS LAST")));
  }
}
