package dev.freshet.sql.random;

import static dev.freshet.sql.random.Type.*;

import dev.freshet.sql.random.Relation.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Random FROM clauses: one to four sources, joined in every way. */
final class Sources {
  private final Dice dice;
  private final Queries queries;

  Sources(Dice dice, Queries queries) {
    this.dice = dice;
    this.queries = queries;
  }

  /**
   * Something to select from.
   *
   * @param names bare column names that can be read, with repetitions
   */
  record From(Sql sql, List<Column> columns, List<String> names) {}

  From from(Scope scope) {
    From from = source(scope);
    int more = dice.pick(0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 3);
    for (int i = 0; i < more; i++) {
      from = joined(from, scope);
    }
    return from;
  }

  private static Sql make(String template, Object... arguments) {
    return Sql.of(Sql.SOURCE, template, arguments);
  }

  private From from(String alias, String template, Object source, List<Output> outputs) {
    Relation relation = new Relation(alias, outputs);
    return new From(
        make(template + alias, source),
        relation.as(alias),
        outputs.stream().map(Output::name).toList());
  }

  private From source(Scope scope) {
    if (!scope.named().isEmpty() && dice.chance(40)) {
      return named(dice.pick(scope.named()));
    }
    if (scope.depth() > 0 && dice.chance(22)) {
      return subquery(queries.query(List.of(), scope.derived()));
    }
    if (dice.chance(4)) {
      return values();
    }
    if (dice.chance(5)) {
      return starOfNatural();
    }
    return named(dice.pick(queries.relations()));
  }

  private From named(Relation relation) {
    return from(
        queries.alias(), "{} AS ", Sql.text("relation", relation.name()), relation.columns());
  }

  private From subquery(Query query) {
    return from(queries.alias(), "({}) AS ", query.sql(), query.columns());
  }

  private From values() {
    List<Type> types = List.of(INT4, dice.pick(queries.types()));
    Query values = queries.values(types);
    String alias = queries.alias();
    List<Output> outputs =
        List.of(new Output("k", types.get(0), false), new Output("y", types.get(1), false));
    return new From(
        make("({}) AS " + alias + "(k, y)", values.sql()),
        new Relation(alias, outputs).as(alias),
        List.of("k", "y"));
  }

  /** {@code (SELECT * FROM a NATURAL JOIN b)}: shared columns first. */
  private From starOfNatural() {
    Relation left = dice.pick(queries.tables());
    Relation right = dice.pick(queries.tables());
    List<Output> shared = left.columns().stream().filter(c -> has(right, c.name())).toList();
    if (shared.isEmpty() || !shared.stream().allMatch(c -> c.type() == INT4 || c.type() == TEXT)) {
      return named(left);
    }
    List<Output> outputs = new ArrayList<>(shared);
    left.columns().stream().filter(c -> !has(right, c.name())).forEach(outputs::add);
    right.columns().stream().filter(c -> !has(left, c.name())).forEach(outputs::add);
    Sql star =
        Sql.text(
            Sql.QUERY,
            "SELECT * FROM "
                + left.name()
                + " AS a NATURAL "
                + dice.pick("JOIN ", "LEFT JOIN ", "RIGHT JOIN ", "FULL JOIN ")
                + right.name()
                + " AS b");
    return subquery(new Query(star, outputs));
  }

  private static boolean has(Relation relation, String name) {
    return relation.columns().stream().anyMatch(c -> c.name().equals(name));
  }

  private From joined(From first, Scope scope) {
    // A merged column's bare name may not be unique any more.
    From left =
        new From(
            first.sql(), first.columns().stream().filter(Column::plain).toList(), first.names());
    if (dice.chance(16)) {
      return lateral(left, scope);
    }
    From right = source(scope);
    List<Column> columns =
        Stream.concat(left.columns().stream(), right.columns().stream()).toList();
    List<String> names = Stream.concat(left.names().stream(), right.names().stream()).toList();
    List<String> common = common(left, right);
    if (!common.isEmpty() && dice.chance(18)) {
      return using(left, right, dice.some(common, dice.chance(85) ? 1 : 2), columns, names);
    }
    Scope both = scope.with(columns);
    String kind =
        dice.pick("JOIN", "JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN");
    if (dice.chance(5)) {
      return new From(make("{} CROSS JOIN {}", left.sql(), right.sql()), columns, names);
    }
    Sql on =
        kind.equals("FULL JOIN")
            ? queries.conditions().fullJoin(both, left.columns(), right.columns())
            : queries.conditions().join(both, left.columns(), right.columns());
    return new From(
        make("({} " + kind + " {} ON {})", left.sql(), right.sql(), on), columns, names);
  }

  private static List<String> common(From left, From right) {
    return left.names().stream()
        .filter(name -> left.names().stream().filter(name::equals).count() == 1)
        .filter(name -> right.names().stream().filter(name::equals).count() == 1)
        .filter(name -> joinable(left, right, name))
        .toList();
  }

  private static boolean joinable(From left, From right, String name) {
    List<Type> types =
        Stream.concat(left.columns().stream(), right.columns().stream())
            .filter(c -> c.name().equals(name))
            .map(Column::type)
            .distinct()
            .toList();
    return types.size() == 1 && (types.getFirst() == INT4 || types.getFirst() == TEXT);
  }

  private From using(
      From left, From right, List<String> by, List<Column> columns, List<String> names) {
    List<String> rest = new ArrayList<>(names);
    by.forEach(rest::remove);
    String kind = dice.pick("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN");
    List<Column> all = new ArrayList<>(columns);
    if (rest.stream().noneMatch(n -> rest.indexOf(n) != rest.lastIndexOf(n))) {
      // The merged column, by its bare name.
      for (String name : by) {
        Type type =
            columns.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow().type();
        all.add(Column.computed(Sql.text(type.sort(), name), type, false));
      }
    }
    return new From(
        make("({} " + kind + " {} USING (" + String.join(", ", by) + "))", left.sql(), right.sql()),
        all,
        rest);
  }

  private From lateral(From left, Scope scope) {
    Scope here = scope.with(left.columns());
    String alias = queries.alias();
    From right =
        switch (dice.below(scope.depth() > 0 ? 8 : 4)) {
          case 0 ->
              function(
                  alias,
                  Sql.of(
                      Sql.SOURCE,
                      "unnest({}) WITH ORDINALITY AS " + alias + "(e, nr)",
                      queries.expressions().of(INTS, here.flat(), 0)),
                  INT4,
                  INT8);
          case 1 ->
              function(
                  alias,
                  Sql.of(
                      Sql.SOURCE,
                      "generate_series(1, least({}, 4)) AS " + alias + "(e)",
                      queries.expressions().of(INT4, here.flat(), 1)),
                  INT4);
          case 2 ->
              function(
                  alias,
                  Sql.of(
                      Sql.SOURCE,
                      "jsonb_array_elements(CASE jsonb_typeof({}) WHEN 'array' THEN {} ELSE '[]'"
                          + " END) AS "
                          + alias
                          + "(e)",
                      Sql.text(JSONB.sort(), json(here)),
                      Sql.text(JSONB.sort(), json(here))),
                  JSONB);
          case 3 ->
              function(
                  alias,
                  Sql.of(
                      Sql.SOURCE,
                      "ROWS FROM (generate_series(1, least({}, 3)), unnest({})) AS "
                          + alias
                          + "(e, nr)",
                      queries.expressions().of(INT4, here.flat(), 0),
                      queries.expressions().of(TEXTS, here.flat(), 0)),
                  INT4,
                  TEXT);
          default -> {
            Query query = queries.nested(List.of(INT4, dice.pick(queries.types())), here, true);
            yield new From(
                make("({}) AS " + alias, query.sql()),
                new Relation(alias, query.columns()).as(alias),
                query.columns().stream().map(Output::name).toList());
          }
        };
    List<Column> columns =
        Stream.concat(left.columns().stream(), right.columns().stream()).toList();
    List<String> names = Stream.concat(left.names().stream(), right.names().stream()).toList();
    return new From(
        switch (dice.below(3)) {
          case 0 -> make("{} CROSS JOIN LATERAL {}", left.sql(), right.sql());
          case 1 ->
              make(
                  "({} JOIN LATERAL {} ON {})",
                  left.sql(),
                  right.sql(),
                  queries.conditions().of(here.flat(), 0));
          default -> make("({} LEFT JOIN LATERAL {} ON true)", left.sql(), right.sql());
        },
        columns,
        names);
  }

  /** The same text twice, so it must be a column. */
  private String json(Scope scope) {
    List<Column> columns = scope.of(JSONB);
    return columns.isEmpty() ? "'[1, null]'::jsonb" : dice.pick(columns).text().toString();
  }

  private static From function(String alias, Sql call, Type... types) {
    List<String> names = List.of("e", "nr").subList(0, types.length);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < types.length; i++) {
      columns.add(Column.of(alias, names.get(i), types[i], false));
    }
    return new From(call, columns, names);
  }
}
