package dev.freshet.sql.random;

import static dev.freshet.sql.random.Type.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Random window calls. What depends on the order of rows that tie gets an order in which only like
 * rows tie, and there is one such order per SELECT: with two, like rows could be numbered so or so.
 */
final class Windows {
  private final Dice dice;
  private final Queries queries;

  Windows(Dice dice, Queries queries) {
    this.dice = dice;
    this.queries = queries;
  }

  /** A few calls over the rows of this scope. */
  List<Column> some(Scope scope, List<Type> types) {
    if (dice.chance(40)) {
      return running(scope, types);
    }
    Sql total = total(scope);
    Type type = dice.pick(types);
    List<Column> calls = new ArrayList<>();
    int count = dice.between(1, 3);
    for (int i = 0; i < count; i++) {
      calls.add(
          switch (dice.below(5)) {
            case 0, 1 -> ordered(i == 0 ? type : INT4, scope, total);
            case 2 -> ranked(scope);
            default -> framed(scope);
          });
    }
    return calls;
  }

  private static Column call(Type type, boolean loose, String template, Object... arguments) {
    return Column.computed(Sql.of(type.sort(), template, arguments), type, loose);
  }

  private Sql value(Type type, Scope scope) {
    return queries.expressions().of(type, scope.flat(), 1);
  }

  private Sql.Items partition(Scope scope) {
    List<Sql> by = new ArrayList<>();
    if (dice.chance(65)) {
      by.add(value(queries.someComparable(scope), scope));
      if (dice.chance(20)) {
        by.add(value(queries.someComparable(scope), scope));
      }
    }
    return Sql.list("PARTITION BY ", by, ", ");
  }

  private Sql total(Scope scope) {
    Sql first = queries.expressions().order(value(queries.someComparable(scope), scope));
    List<Sql> order =
        queries.expressions().total(dice.chance(70) ? List.of(first) : List.of(), scope);
    String frame =
        dice.chance(50)
            ? ""
            : dice.pick(
                " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                " ROWS UNBOUNDED PRECEDING",
                " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                " ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING EXCLUDE NO OTHERS",
                " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW",
                " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
                " ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING");
    return Sql.of(
        "window",
        "{}{}«{}»",
        partition(scope),
        Sql.list(" ORDER BY ", order, ", "),
        Sql.word(!frame.isEmpty(), frame));
  }

  private Column ordered(Type type, Scope scope, Sql window) {
    return switch (dice.below(8)) {
      case 0, 1 -> call(INT8, false, "row_number() OVER ({})", window);
      case 2 -> call(INT4, false, "ntile(" + dice.between(1, 3) + ") OVER ({})", window);
      case 3 ->
          call(
              type,
              true,
              dice.pick("lag", "lead") + "({}«, {}») OVER ({})",
              value(type, scope),
              dice.chance(30)
                  ? Optional.of(Sql.text("offset", dice.pick("2", "0")))
                  : Optional.empty(),
              window);
      case 4 ->
          call(
              type,
              true,
              dice.pick("first_value", "last_value") + "({}) OVER ({})",
              value(type, scope),
              window);
      case 5 -> call(type, true, "nth_value({}, 2) OVER ({})", value(type, scope), window);
      case 6 -> call(INT8, false, "sum({}) OVER ({})", value(INT4, scope), window);
      default -> call(INT8, false, "count(*) OVER ({})", window);
    };
  }

  /** Calls that all run along one order, from the first row of a partition on. */
  private List<Column> running(Scope scope, List<Type> types) {
    boolean ties = dice.chance(45);
    Sql first = queries.expressions().order(value(dice.chance(70) ? INT4 : FLOAT8, scope));
    List<Sql> order = ties ? List.of(first) : queries.expressions().total(List.of(first), scope);
    Sql.Items partition = partition(scope);
    Type type = dice.pick(types);
    List<Column> calls = new ArrayList<>();
    int count = dice.between(1, 3);
    for (int i = 0; i < count; i++) {
      String frame = ties || dice.chance(50) ? "" : " ROWS UNBOUNDED PRECEDING";
      Sql window =
          Sql.of(
              "window",
              "{}{}«{}»",
              partition,
              Sql.list(" ORDER BY ", order, ", "),
              Sql.word(!frame.isEmpty(), frame));
      calls.add(running(i == 0 ? type : INT4, scope, window, ties));
    }
    return calls;
  }

  private Column running(Type type, Scope scope, Sql window, boolean ties) {
    Optional<Sql> filter =
        dice.chance(20) ? Optional.of(queries.conditions().of(scope.flat(), 0)) : Optional.empty();
    String end = "« FILTER (WHERE {})» OVER ({})";
    return switch (dice.below(ties ? 7 : 12)) {
      case 0 -> call(INT8, false, "rank() OVER ({})", window);
      case 1 -> call(INT8, false, "dense_rank() OVER ({})", window);
      case 2 -> call(INT8, false, "count(*)" + end, filter, window);
      case 3 -> call(INT8, false, "count({})" + end, value(type, scope), filter, window);
      case 4 -> call(INT8, false, "sum({})" + end, value(INT4, scope), filter, window);
      case 5 ->
          call(
              INT4,
              false,
              dice.pick("min", "max") + "({})" + end,
              value(INT4, scope),
              filter,
              window);
      case 6 -> call(NUMERIC, true, "avg({})" + end, value(INT4, scope), filter, window);
      case 7, 8 -> call(INT8, false, "row_number() OVER ({})", window);
      case 9 -> call(type, true, "first_value({}) OVER ({})", value(type, scope), window);
      default ->
          call(
              type,
              true,
              dice.pick("lag", "lead") + "({}«, {}») OVER ({})",
              value(type, scope),
              dice.chance(30)
                  ? Optional.of(Sql.text("offset", dice.pick("2", "0", "3")))
                  : Optional.empty(),
              window);
    };
  }

  private List<Sql> order(Scope scope) {
    Sql by = value(queries.someComparable(scope), scope);
    return List.of(queries.expressions().order(by));
  }

  private Column ranked(Scope scope) {
    Sql window =
        Sql.of("window", "{}{}", partition(scope), Sql.list(" ORDER BY ", order(scope), ", "));
    return switch (dice.below(4)) {
      case 0 -> call(INT8, false, "rank() OVER ({})", window);
      case 1 -> call(INT8, false, "dense_rank() OVER ({})", window);
      case 2 -> call(FLOAT8, false, "percent_rank() OVER ({})", window);
      default -> call(FLOAT8, false, "cume_dist() OVER ({})", window);
    };
  }

  /** Aggregates over frames that hold rows which tie together. */
  private Column framed(Scope scope) {
    List<Sql> order = new ArrayList<>();
    String frame = "";
    switch (dice.below(5)) {
      case 0 -> {}
      case 1 -> order.addAll(order(scope));
      case 2 -> {
        order.addAll(order(scope));
        frame =
            dice.pick(
                " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
                " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW",
                " RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES");
      }
      case 3 -> {
        order.addAll(order(scope));
        frame =
            dice.pick(
                " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE GROUP",
                " GROUPS CURRENT ROW");
      }
      default -> {
        order.add(value(INT4, scope));
        frame =
            dice.pick(
                " RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING",
                " RANGE BETWEEN 2 PRECEDING AND 1 PRECEDING",
                " RANGE BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES");
      }
    }
    Sql window =
        Sql.of(
            "window",
            "{}{}«{}»",
            partition(scope),
            Sql.list(" ORDER BY ", order, ", "),
            Sql.word(!frame.isEmpty(), frame));
    Optional<Sql> filter =
        dice.chance(20) ? Optional.of(queries.conditions().of(scope.flat(), 0)) : Optional.empty();
    String end = "« FILTER (WHERE {})» OVER ({})";
    return switch (dice.below(5)) {
      case 0 -> call(INT8, false, "count(*)" + end, filter, window);
      case 1 -> call(INT8, false, "sum({})" + end, value(INT4, scope), filter, window);
      case 2 ->
          call(
              INT4,
              false,
              dice.pick("min", "max") + "({})" + end,
              value(INT4, scope),
              filter,
              window);
      case 3 -> call(NUMERIC, true, "avg({})" + end, value(INT4, scope), filter, window);
      default ->
          call(
              BOOL,
              false,
              dice.pick("bool_and", "bool_or") + "({})" + end,
              value(BOOL, scope),
              filter,
              window);
    };
  }
}
