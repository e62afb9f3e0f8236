package dev.freshet.sql.random;

import static dev.freshet.sql.random.Type.*;

import dev.freshet.sql.random.Relation.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Random queries that PostgreSQL accepts and whose result, up to SQL's equality, does not depend on
 * its plan: the oracle of a stream table is its query.
 */
final class Queries {
  private final Dice dice;
  private final Schema schema;
  private final Expressions expressions;
  private final Conditions conditions;
  private final Aggregates aggregates;
  private final Windows windows;
  private final Sources sources;
  private final List<Type> types;
  private boolean readsClock = true;
  private int aliases;
  private int outputs;

  Queries(Dice dice, Schema schema) {
    this.dice = dice;
    this.schema = schema;
    this.expressions = new Expressions(dice, this);
    this.conditions = new Conditions(dice, this);
    this.aggregates = new Aggregates(dice, this);
    this.windows = new Windows(dice, this);
    this.sources = new Sources(dice, this);
    this.types = schema.types();
  }

  /** Without the clock: what shows another time in a query cannot do so in a view. */
  Queries timeless() {
    readsClock = false;
    return this;
  }

  Expressions expressions() {
    return expressions;
  }

  Conditions conditions() {
    return conditions;
  }

  List<Type> types() {
    return types;
  }

  List<Relation> relations() {
    return schema.relations();
  }

  List<Relation> tables() {
    return schema.tables().stream().map(Table::relation).toList();
  }

  String alias() {
    return "r" + ++aliases;
  }

  Type someComparable(Scope scope) {
    List<Type> present =
        scope.columns().stream().map(Column::type).filter(Type::comparable).toList();
    return present.isEmpty() ? INT4 : dice.pick(present);
  }

  private List<Type> wanted(List<Type> wanted) {
    if (!wanted.isEmpty()) {
      return wanted;
    }
    List<Type> some = new ArrayList<>();
    int count = dice.between(1, 4);
    for (int i = 0; i < count; i++) {
      some.add(dice.chance(35) ? INT4 : dice.pick(types));
    }
    return some;
  }

  private static Sql make(String template, Object... arguments) {
    return Sql.of(Sql.QUERY, template, arguments);
  }

  /**
   * @param wanted the columns' types; empty: any
   * @param scope what it may read from around it
   */
  Query query(List<Type> wanted, Scope scope) {
    List<Type> shape = wanted(wanted);
    if (scope.depth() > 0) {
      if (dice.chance(10)) {
        return with(shape, scope);
      }
      if (hasGraph() && dice.chance(10)) {
        return recursive(shape, scope);
      }
      if (dice.chance(15)) {
        return set(shape, scope);
      }
    }
    if (dice.chance(2)) {
      return values(shape);
    }
    return select(shape, scope, false);
  }

  /** A query inside an expression. */
  Sql nested(List<Type> wanted, Scope scope) {
    return dice.chance(75) ? nested(wanted, scope, true).sql() : query(wanted, scope.inner()).sql();
  }

  /** A query that reads what is around it. */
  Query nested(List<Type> wanted, Scope scope, boolean correlated) {
    return select(wanted(wanted), scope.inner(), correlated);
  }

  /** A query with at most one row. */
  Sql scalar(Type type, Scope scope) {
    Scope inner = scope.inner();
    if (dice.chance(60)) {
      Sources.From from = sources.from(inner);
      Scope here = inner.with(from.columns());
      // Outer columns alone in an aggregate would make it the outer query's.
      Column call = aggregates.of(type, here.local());
      Optional<Sql> where = where(here, true);
      return make("SELECT {} FROM {}« WHERE {}»", call.text(), from.sql(), where);
    }
    return limited(select(List.of(type), inner, true), "1");
  }

  private boolean hasGraph() {
    return schema.tables().stream().anyMatch(t -> t.name().equals("edge"));
  }

  private Optional<Sql> where(Scope scope, boolean correlated) {
    Optional<Sql> rows = whereOfRows(scope, correlated);
    Optional<Sql> clock =
        readsClock && dice.chance(20) ? conditions.clock(scope) : Optional.empty();
    return rows.isPresent() && clock.isPresent()
        ? Optional.of(Sql.of(Sql.CONDITION, "({} AND {})", rows.get(), clock.get()))
        : rows.or(() -> clock);
  }

  private Optional<Sql> whereOfRows(Scope scope, boolean correlated) {
    Optional<Sql> link = correlated ? link(scope) : Optional.empty();
    if (link.isPresent()) {
      return dice.chance(30)
          ? Optional.of(Sql.of(Sql.CONDITION, "({} AND {})", link.get(), conditions.of(scope, 1)))
          : link;
    }
    return dice.chance(45) ? Optional.of(conditions.of(scope, 2)) : Optional.empty();
  }

  /** An equality between a column here and one around. */
  private Optional<Sql> link(Scope scope) {
    List<Sql> links = new ArrayList<>();
    for (Column own : scope.columns()) {
      for (Column outer : scope.outer()) {
        if (own.type() == outer.type() && own.type().comparable()) {
          links.add(Sql.of(Sql.CONDITION, "({} = {})", own.text(), outer.text()));
        }
      }
    }
    return links.isEmpty() ? Optional.empty() : Optional.of(dice.pick(links));
  }

  private Query select(List<Type> shape, Scope scope, boolean correlated) {
    Sources.From from = sources.from(scope);
    Scope here = scope.with(from.columns());
    Optional<Sql> where = where(here, correlated);
    return switch (dice.below(20)) {
      case 0, 1, 2, 3, 4, 5, 6 -> grouped(shape, from, here, where);
      case 7, 8 -> distinct(shape, from, here, where);
      case 9 -> distinctOn(shape, from, here, where);
      case 10, 11, 12 -> windowed(shape, from, here, where);
      case 13 -> multiplied(shape, from, here, where);
      case 14 -> ordered(plain(shape, from, here, where), here);
      default -> plain(shape, from, here, where);
    };
  }

  private Sql item(Sql value, String name) {
    return Sql.of("item", "{} AS " + name, value);
  }

  private record Items(List<Sql> values, List<Sql> items, List<Output> outputs) {}

  private Items items(List<Type> shape, Scope scope, int depth) {
    List<Sql> values = new ArrayList<>();
    List<Sql> items = new ArrayList<>();
    List<Output> columns = new ArrayList<>();
    for (Type type : shape) {
      Sql value = expressions.of(type, scope, depth);
      String name = "c" + ++outputs;
      values.add(value);
      items.add(item(value, name));
      columns.add(new Output(name, type, type.loose() && scope.loose()));
    }
    return new Items(values, items, columns);
  }

  private Query plain(List<Type> shape, Sources.From from, Scope scope, Optional<Sql> where) {
    Items items = items(shape, scope, 2);
    return new Query(
        make("SELECT {} FROM {}« WHERE {}»", Sql.list(items.items()), from.sql(), where),
        items.outputs());
  }

  private static List<Output> loosened(List<Output> outputs) {
    return outputs.stream().map(o -> new Output(o.name(), o.type(), o.type().loose())).toList();
  }

  private Query distinct(List<Type> shape, Sources.From from, Scope scope, Optional<Sql> where) {
    if (!shape.stream().allMatch(Type::comparable)) {
      return plain(shape, from, scope, where);
    }
    Items items = items(shape, scope, 1);
    return new Query(
        make(
            "SELECT «{}»{} FROM {}« WHERE {}»",
            Sql.word(true, "DISTINCT "),
            Sql.list(items.items()),
            from.sql(),
            where),
        loosened(items.outputs()));
  }

  private Query distinctOn(List<Type> shape, Sources.From from, Scope scope, Optional<Sql> where) {
    Items items = items(shape, scope, 1);
    List<Sql> on = new ArrayList<>();
    List<Sql> first = new ArrayList<>();
    int count = dice.between(1, 2);
    for (int i = 0; i < count; i++) {
      Sql key = expressions.of(someComparable(scope), scope.flat(), i == 0 ? 0 : 1);
      on.add(key);
      first.add(expressions.order(key));
    }
    if (dice.chance(60)) {
      first.add(expressions.order(expressions.of(someComparable(scope), scope.flat(), 0)));
    }
    return new Query(
        make(
            "SELECT {}{} FROM {}« WHERE {}»{}",
            new Sql.Items("DISTINCT ON (", on, ", ", 0, ") "),
            Sql.list(items.items()),
            from.sql(),
            where,
            Sql.list(" ORDER BY ", expressions.total(first, scope), ", ")),
        items.outputs());
  }

  private Query windowed(List<Type> shape, Sources.From from, Scope scope, Optional<Sql> where) {
    List<Column> calls = windows.some(scope, shape);
    Scope withCalls = scope.plus(calls);
    List<Type> wider = new ArrayList<>(shape);
    Items items = items(wider, withCalls, 2);
    return new Query(
        make("SELECT {} FROM {}« WHERE {}»", Sql.list(items.items()), from.sql(), where),
        items.outputs());
  }

  /** A set-returning function in the SELECT list. */
  private Query multiplied(List<Type> shape, Sources.From from, Scope scope, Optional<Sql> where) {
    Items items = items(shape, scope, 1);
    int at = shape.indexOf(INT4);
    List<Sql> list = new ArrayList<>(items.items());
    if (at >= 0) {
      String template = dice.pick("generate_series(1, least({}, 3))", "unnest(ARRAY[{}, 1])");
      Sql call = Sql.of("rows", template, expressions.of(INT4, scope.flat(), 1));
      list.set(at, item(call, items.outputs().get(at).name()));
    }
    return new Query(
        make("SELECT {} FROM {}« WHERE {}»", Sql.list(list), from.sql(), where), items.outputs());
  }

  /** A whole query ordered and cut by what it returns. */
  private Query ordered(Query query, Scope scope) {
    if (dice.chance(25)) {
      List<Output> comparable =
          query.columns().stream().filter(o -> o.type().comparable()).toList();
      if (!comparable.isEmpty()) {
        return wrapped(
            query,
            List.of(dice.pick(comparable)),
            " FETCH FIRST " + dice.between(1, 4) + " ROWS WITH TIES");
      }
    }
    return new Query(limited(query, String.valueOf(dice.between(1, 5))), query.columns());
  }

  private Query wrapped(Query query, List<Output> by, String end) {
    String alias = alias();
    List<Sql> order =
        by.stream()
            .map(o -> expressions.order(Sql.text(o.type().sort(), alias + "." + o.name())))
            .toList();
    return new Query(
        make(
            "SELECT * FROM ({}) AS " + alias + "{}«{}»",
            query.sql(),
            Sql.list(" ORDER BY ", order, ", "),
            Sql.word(true, end)),
        query.columns());
  }

  private Sql limited(Query query, String rows) {
    String alias = alias();
    List<Column> columns = new Relation(alias, query.columns()).as(alias);
    List<Sql> first = new ArrayList<>();
    columns.stream()
        .filter(c -> c.type().comparable())
        .findFirst()
        .ifPresent(c -> first.add(expressions.order(c.text())));
    List<Sql> order =
        expressions.total(dice.chance(60) ? first : List.of(), Scope.top(0).with(columns));
    String offset = dice.chance(20) ? " OFFSET " + dice.between(0, 2) : "";
    return make(
        "SELECT * FROM ({}) AS " + alias + "{}" + " LIMIT " + rows + "«{}»",
        query.sql(),
        Sql.list(" ORDER BY ", order, ", "),
        Sql.word(!offset.isEmpty(), offset));
  }

  private Query grouped(List<Type> shape, Sources.From from, Scope scope, Optional<Sql> where) {
    List<Column> groups = groups(shape, scope);
    String kind =
        groups.isEmpty() || dice.chance(80) ? "plain" : dice.pick("rollup", "cube", "sets");
    List<Column> seen = new ArrayList<>();
    for (Column group : groups) {
      seen.add(
          new Column(
              "",
              group.text(),
              group.type(),
              group.type().loose(),
              group.plain() && kind.equals("plain")));
    }
    for (Type type : shape) {
      if (seen.stream().noneMatch(c -> c.type() == type)) {
        seen.add(aggregates.of(type, scope.local()));
      }
    }
    seen.addAll(aggregates.some(scope.local(), shape, dice.between(1, 2)));
    if (!kind.equals("plain")) {
      seen.add(
          Column.computed(
              Sql.of(
                  INT4.sort(),
                  "GROUPING({})",
                  Sql.list(groups.stream().map(Column::text).toList())),
              INT4,
              false));
    }
    Scope result = scope.with(seen);
    Optional<Sql> having =
        dice.chance(25) ? Optional.of(conditions.of(result, 1)) : Optional.empty();
    boolean windowed = kind.equals("plain") && dice.chance(8);
    Items items = items(shape, windowed ? result.plus(windows.some(result, shape)) : result, 2);
    Query query =
        new Query(
            make(
                "SELECT {} FROM {}« WHERE {}»{}« HAVING {}»",
                Sql.list(items.items()),
                from.sql(),
                where,
                groupBy(kind, groups),
                having),
            items.outputs());
    return dice.chance(10) ? ordered(query, scope) : query;
  }

  private List<Column> groups(List<Type> shape, Scope scope) {
    int count = dice.pick(0, 1, 1, 1, 2, 2);
    List<Column> groups = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Type> candidates =
          shape.stream().filter(Type::comparable).filter(t -> !scope.of(t).isEmpty()).toList();
      Type type =
          candidates.isEmpty() || dice.chance(30) ? someComparable(scope) : dice.pick(candidates);
      List<Column> own = scope.of(type);
      if (!own.isEmpty() && dice.chance(80)) {
        groups.add(dice.pick(own));
      } else if (type != BOOL) {
        Sql key = expressions.of(type, scope.local().flat(), 2);
        groups.add(new Column("", key, type, type.loose(), false));
      }
    }
    return groups.stream().distinct().toList();
  }

  private Sql groupBy(String kind, List<Column> groups) {
    List<Sql> texts = groups.stream().map(Column::text).toList();
    return switch (kind) {
      case "rollup" -> Sql.of("groups", " GROUP BY ROLLUP ({})", Sql.list(texts));
      case "cube" -> Sql.of("groups", " GROUP BY CUBE ({})", Sql.list(texts));
      case "sets" ->
          Sql.of(
              "groups",
              " GROUP BY GROUPING SETS ({}, ())",
              Sql.list(texts.stream().map(t -> Sql.of("set", "({})", t)).toList()));
      default -> Sql.of("groups", "{}", Sql.list(" GROUP BY ", texts, ", "));
    };
  }

  private Query set(List<Type> shape, Scope scope) {
    Scope inner = new Scope(List.of(), scope.outer(), scope.named(), scope.depth() - 1);
    Query left = query(shape, inner);
    Query right = query(shape, inner);
    boolean comparable = shape.stream().allMatch(Type::comparable);
    String operator =
        comparable
            ? dice.pick(
                "UNION",
                "UNION ALL",
                "UNION ALL",
                "INTERSECT",
                "EXCEPT",
                "INTERSECT ALL",
                "EXCEPT ALL")
            : "UNION ALL";
    List<Output> columns = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      boolean loose =
          !operator.equals("UNION ALL")
              || left.columns().get(i).loose()
              || right.columns().get(i).loose();
      Output output = left.columns().get(i);
      columns.add(new Output(output.name(), output.type(), loose && output.type().loose()));
    }
    Query query = new Query(make("({}) " + operator + " ({})", left.sql(), right.sql()), columns);
    return dice.chance(10) ? ordered(query, scope) : query;
  }

  Query values(List<Type> shape) {
    List<Sql> rows = new ArrayList<>();
    int count = dice.between(1, 3);
    for (int i = 0; i < count; i++) {
      rows.add(Sql.of("row", "({})", Sql.list(shape.stream().map(expressions::constant).toList())));
    }
    List<Output> columns = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      columns.add(new Output("column" + (i + 1), shape.get(i), false));
    }
    return new Query(make("VALUES {}", Sql.list(rows)), columns);
  }

  private Query with(List<Type> shape, Scope scope) {
    Scope inner = new Scope(List.of(), scope.outer(), scope.named(), scope.depth() - 1);
    Query named = query(List.of(), inner);
    String name = "w" + ++aliases;
    Scope rest =
        new Scope(List.of(), scope.outer(), scope.named(), scope.depth())
            .plus(new Relation(name, named.columns()));
    Query body = dice.chance(25) ? set(shape, rest) : select(shape, rest, false);
    return new Query(
        make(
            "WITH " + name + " AS «{}»({}) {}",
            Sql.word(dice.chance(35), dice.pick("MATERIALIZED ", "NOT MATERIALIZED ")),
            named.sql(),
            body.sql()),
        body.columns());
  }

  private Query recursive(List<Type> shape, Scope scope) {
    String name = "w" + ++aliases;
    List<Output> columns =
        List.of(new Output("node", INT4, false), new Output("steps", INT4, false));
    Scope rest =
        new Scope(List.of(), scope.outer(), scope.named(), scope.depth() - 1)
            .plus(new Relation(name, columns));
    Query body = select(shape, rest, false);
    String start =
        dice.pick(
            "SELECT src, 0 FROM edge WHERE src = 1",
            "SELECT src, 0 FROM edge WHERE src IN (0, 3)",
            "SELECT k, 0 FROM t0",
            "SELECT DISTINCT dst, 1 FROM edge",
            "SELECT src, count(*)::int FROM edge GROUP BY src",
            "(SELECT k, 0 FROM t0 WHERE k < 2 UNION ALL SELECT dst, 1 FROM edge)",
            "VALUES (1, 0)");
    String step = dice.chance(50) ? boundedStep() : closingStep();
    Sql path = Sql.text(Sql.QUERY, start + step.formatted(name));
    return new Query(
        make("WITH RECURSIVE " + name + "(node, steps) AS ({}) {}", path, body.sql()),
        body.columns());
  }

  /** Of a bag: it must end, so it counts. */
  private String boundedStep() {
    String joined = " UNION ALL SELECT e.dst, p.steps + 1 FROM %s p JOIN edge e ON e.src = p.node";
    return dice.pick(
        joined + " WHERE p.steps < 2",
        joined + " WHERE p.steps < 2 AND NOT EXISTS (SELECT 1 FROM t0 WHERE t0.k = e.dst)",
        joined + " LEFT JOIN t0 ON t0.k = e.dst AND t0.k = 1 WHERE p.steps < 2",
        " UNION ALL SELECT e.dst, p.steps + 1 FROM %s p LEFT JOIN edge e ON e.src = p.node WHERE"
            + " p.steps < 2",
        " UNION ALL SELECT e.dst, p.steps + e.n FROM (SELECT src, dst, count(*)::int AS n FROM edge"
            + " GROUP BY src, dst) e, %s p WHERE e.src = p.node AND p.steps < 3",
        " UNION ALL SELECT x.dst, p.steps + 1 FROM %s p CROSS JOIN LATERAL (SELECT max(e.dst) AS"
            + " dst FROM edge e WHERE e.src = p.node) x WHERE p.steps < 3");
  }

  /** Of a set: it ends where nothing new is found. */
  private String closingStep() {
    return dice.pick(
        " UNION SELECT e.dst, 0 FROM %s p JOIN edge e ON e.src = p.node",
        " UNION SELECT e.dst, p.steps + 1 FROM %s p, edge e WHERE e.src = p.node AND p.steps < 4",
        " UNION SELECT e.dst, p.steps FROM edge e JOIN %s p ON e.src = p.node WHERE e.dst IS NOT"
            + " NULL",
        " UNION SELECT e.b, p.steps FROM %s p JOIN (SELECT src AS a, dst AS b FROM edge UNION ALL"
            + " SELECT dst, src FROM edge) e ON e.a = p.node",
        " UNION SELECT e.dst, (SELECT count(*)::int FROM t0 WHERE t0.k = e.dst) FROM %s p JOIN edge"
            + " e ON e.src = p.node",
        " UNION SELECT coalesce(e.dst, p.node), p.steps FROM %s p LEFT JOIN edge e ON e.src ="
            + " p.node AND e.dst <> 2",
        " UNION SELECT s.k, p.steps FROM %s p JOIN t0 s ON s.k = p.node + 1 WHERE p.node IN (SELECT"
            + " src FROM edge)");
  }
}
