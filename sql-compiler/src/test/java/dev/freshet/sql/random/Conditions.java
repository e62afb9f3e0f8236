package dev.freshet.sql.random;

import static dev.freshet.sql.random.Type.*;

import java.util.List;
import java.util.Optional;

/** Random conditions, with subqueries in every place that SQL has for them. */
final class Conditions {
  private final Dice dice;
  private final Queries queries;

  Conditions(Dice dice, Queries queries) {
    this.dice = dice;
    this.queries = queries;
  }

  private static Sql make(String template, Object... arguments) {
    return Sql.of(Sql.CONDITION, template, arguments);
  }

  private Sql value(Type type, Scope scope, int depth) {
    return queries.expressions().of(type, scope, depth);
  }

  Sql of(Scope scope, int depth) {
    if (depth > 0 && dice.chance(35)) {
      return switch (dice.below(5)) {
        case 0, 1 -> make("({} AND {})", of(scope, depth - 1), of(scope, depth - 1));
        case 2, 3 -> make("({} OR {})", of(scope, depth - 1), of(scope, depth - 1));
        default -> make("(NOT {})", of(scope, depth - 1));
      };
    }
    if (scope.depth() > 0 && dice.chance(30)) {
      return subquery(scope);
    }
    return simple(scope, depth);
  }

  /** Over a column that is there, so that conditions mean something. */
  private Type typeOfSome(Scope scope) {
    List<Type> types = scope.all().map(Column::type).filter(Type::comparable).toList();
    return types.isEmpty() ? INT4 : dice.pick(types);
  }

  private Sql simple(Scope scope, int depth) {
    Type type = typeOfSome(scope);
    Sql left = value(type, scope, depth - 1);
    Sql constant = queries.expressions().constant(type);
    return switch (dice.below(14)) {
      case 0, 1, 2 -> make("({} " + comparison() + " {})", left, constant);
      case 3, 4 -> make("({} " + comparison() + " {})", left, value(type, scope, depth - 1));
      case 5 ->
          make(
              "({} IS " + dice.pick("", "NOT ") + "DISTINCT FROM {})",
              left,
              value(type, scope, depth - 1));
      case 6 -> make("({} IS " + dice.pick("", "NOT ") + "NULL)", left);
      case 7 ->
          make("({} BETWEEN {} AND {})", left, constant, queries.expressions().constant(type));
      case 8 ->
          make(
              "({} " + dice.pick("", "NOT ") + "IN ({}))",
              left,
              Sql.list(
                  List.of(
                      constant,
                      queries.expressions().constant(type),
                      queries.expressions().constant(type))));
      case 9 ->
          make(
              "({} "
                  + dice.pick("LIKE", "NOT LIKE", "ILIKE")
                  + " "
                  + dice.pick("'a%'", "'%b'", "'_'", "'%'")
                  + ")",
              value(TEXT, scope.exact(), depth - 1));
      case 10 ->
          make(
              "(({}, {}) " + comparison() + " ({}, {}))",
              left,
              value(INT4, scope, 0),
              value(type, scope, 0),
              value(INT4, scope, 0));
      case 11 ->
          make("(({}) IS " + dice.pick("TRUE", "NOT TRUE", "UNKNOWN") + ")", of(scope, depth - 2));
      case 12 -> special(scope);
      default -> make("{}", value(BOOL, scope, 0));
    };
  }

  /** A comparison with the clock, if there is anything to compare. */
  Optional<Sql> clock(Scope scope) {
    List<Column> columns =
        scope.columns().stream().filter(c -> c.type() == DATE || c.type() == TIMESTAMPTZ).toList();
    if (columns.isEmpty()) {
      return Optional.empty();
    }
    Column column = dice.pick(columns);
    String form =
        column.type() == DATE
            ? dice.pick(
                "({} = CURRENT_DATE)",
                "({} > (CURRENT_DATE - 1))",
                "({} BETWEEN CURRENT_DATE - 30 AND CURRENT_DATE)",
                "({} <= now())",
                "({} < (LOCALTIMESTAMP - interval '1 day'))",
                "((CURRENT_DATE - {}) < 40)")
            : dice.pick(
                "({} > (now() - interval '1 day'))",
                "({} <= now())",
                "({} < (CURRENT_TIMESTAMP - interval '2 hours'))",
                "({}::date = CURRENT_DATE)",
                "(({} + interval '1 mon') > now())",
                "(({} + interval '30 minutes') >= now())",
                "((now() - {}) < interval '2 days')",
                "(NOT ({} > now()))");
    Sql clock = make(form, column.text());
    return Optional.of(
        dice.chance(25)
            ? make("({} OR {})", clock, simple(scope.flat(), 0))
            : dice.chance(30) ? make("({} AND {})", clock, of(scope, 1)) : clock);
  }

  private Sql special(Scope scope) {
    return switch (dice.below(4)) {
      case 0 -> make("({} && {})", value(RANGE, scope, 0), value(RANGE, scope, 0));
      case 1 -> make("({} @> {})", value(INTS, scope, 0), value(INTS, scope, 0));
      case 2 -> make("({} @> {})", value(JSONB, scope, 0), value(JSONB, scope, 0));
      default -> make("({} = ANY ({}))", value(INT4, scope, 0), value(INTS, scope, 0));
    };
  }

  private String comparison() {
    return dice.pick("=", "=", "=", "<>", "<", "<=", ">", ">=");
  }

  private Sql subquery(Scope scope) {
    Type type = typeOfSome(scope);
    Type other = typeOfSome(scope);
    Sql one = value(type, scope, 0);
    return switch (dice.below(12)) {
      case 0, 1, 2 -> make("EXISTS ({})", queries.nested(List.of(), scope));
      case 3, 4 -> make("NOT EXISTS ({})", queries.nested(List.of(), scope));
      case 5, 6 -> make("({} IN ({}))", one, queries.nested(List.of(type), scope));
      case 7, 8 -> make("({} NOT IN ({}))", one, queries.nested(List.of(type), scope));
      case 9 ->
          make(
              "({} " + comparison() + " " + dice.pick("ANY", "ALL") + " ({}))",
              one,
              queries.nested(List.of(type), scope));
      case 10 ->
          make(
              "(({}, {}) " + dice.pick("IN", "NOT IN", "<> ALL", "= ANY") + " ({}))",
              one,
              value(other, scope, 0),
              queries.nested(List.of(type, other), scope));
      default -> make("({} " + comparison() + " ({}))", one, queries.scalar(type, scope));
    };
  }

  /** How rows of two sides are joined. */
  Sql join(Scope both, List<Column> left, List<Column> right) {
    List<Sql> pairs =
        left.stream()
            .flatMap(
                l ->
                    right.stream()
                        .filter(r -> r.type() == l.type() && l.type().comparable())
                        .map(r -> make("({} = {})", l.text(), r.text())))
            .toList();
    if (pairs.isEmpty()) {
      return of(both, 1);
    }
    Sql pair = dice.pick(pairs);
    return switch (dice.below(12)) {
      case 0, 1 -> make("({} AND {})", pair, of(both, 0));
      case 2 -> make("({} AND {})", pair, dice.pick(pairs));
      case 3 -> of(both, 1);
      case 4 -> make("({} OR {})", pair, of(both.flat(), 0));
      default -> pair;
    };
  }

  /** FULL JOIN needs an equality that can be hashed or merged. */
  Sql fullJoin(Scope both, List<Column> left, List<Column> right) {
    List<Sql> pairs =
        left.stream()
            .flatMap(
                l ->
                    right.stream()
                        .filter(r -> r.type() == l.type() && (l.type() == INT4 || l.type() == TEXT))
                        .map(r -> make("({} = {})", l.text(), r.text())))
            .toList();
    if (pairs.isEmpty()) {
      return make("TRUE");
    }
    return dice.chance(25)
        ? make("({} AND {})", dice.pick(pairs), dice.pick(pairs))
        : dice.pick(pairs);
  }
}
