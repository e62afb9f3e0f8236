package dev.freshet.sql.maintain;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.delta.Equality;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Asks PostgreSQL for the types of everything that a tree computes: the columns of its operators,
 * and the expressions that keys are made of.
 */
final class TypeReader {
  private final Postgres postgres;
  private final Map<ColumnRef, Typed> columns = new LinkedHashMap<>();
  private final Map<Scalar, Typed> expressions = new LinkedHashMap<>();

  private TypeReader(Postgres postgres) {
    this.postgres = postgres;
  }

  static Types read(Operator tree, Postgres postgres) {
    var reader = new TypeReader(postgres);
    reader.read(tree, Optional.empty());
    return new Types(reader.columns, reader.expressions);
  }

  /**
   * @param around the rows that free columns of the tree belong to
   */
  private void read(Operator tree, Optional<Operator> around) {
    switch (tree) {
      case Scan(String relation, SourceTable table) ->
          table
              .columns()
              .forEach(
                  c ->
                      columns.put(
                          new ColumnRef(relation, c.name()), new Typed(c.type(), c.notNull())));
      case Apply(Operator input, _, _, Operator query) -> {
        read(input, around);
        read(query, Optional.of(beside(around, input)));
      }
      case Lateral(Operator input, Operator right, _, _) -> {
        read(input, around);
        read(right, Optional.of(beside(around, input)));
      }
      default -> tree.inputs().forEach(input -> read(input, around));
    }
    describe(tree, around);
    if (tree instanceof OuterJoin(Operator left, Operator right, boolean full, _)) {
      right.columns().forEach(c -> columns.computeIfPresent(c, (_, typed) -> typed.orNull()));
      if (full) {
        left.columns().forEach(c -> columns.computeIfPresent(c, (_, typed) -> typed.orNull()));
      }
    }
    if (tree instanceof Lateral(_, Operator right, boolean outer, _) && outer) {
      right.columns().forEach(c -> columns.computeIfPresent(c, (_, typed) -> typed.orNull()));
    }
    if (tree instanceof Operator.UnionAll union) {
      union.columns().forEach(c -> columns.computeIfPresent(c, (_, typed) -> typed.orNull()));
    }
  }

  static Operator beside(Optional<Operator> around, Operator input) {
    return around.<Operator>map(outer -> new Lateral(outer, input, false, List.of())).orElse(input);
  }

  private void describe(Operator tree, Optional<Operator> around) {
    copied(tree);
    List<ColumnRef> unknown =
        tree.columns().stream().filter(c -> !columns.containsKey(c)).distinct().toList();
    if (!unknown.isEmpty()) {
      List<OutputColumn> found = ask(Trees.narrowed(tree, unknown), around);
      for (int i = 0; i < unknown.size(); i++) {
        columns.put(unknown.get(i), new Typed(found.get(i).type(), false));
      }
    }
    List<Scalar> asked = keys(tree).stream().filter(s -> !expressions.containsKey(s)).toList();
    if (!asked.isEmpty()) {
      Operator source = source(tree);
      List<Named> outputs =
          IntStream.range(0, asked.size())
              .mapToObj(i -> new Named(new ColumnRef("", "c" + i), asked.get(i)))
              .toList();
      List<OutputColumn> found = ask(new Project(source, outputs), around);
      for (int i = 0; i < asked.size(); i++) {
        expressions.put(asked.get(i), new Typed(found.get(i).type(), false));
      }
    }
  }

  /** A column that only passes another one on is of its type, and as little NULL. */
  private void copied(Operator tree) {
    List<Named> named =
        switch (tree) {
          case Project(_, var outputs) -> outputs;
          case Operator.Aggregate(_, var groups, _) -> groups;
          default -> List.of();
        };
    for (Named output : named) {
      output
          .value()
          .asColumn()
          .map(columns::get)
          .ifPresent(typed -> columns.putIfAbsent(output.as(), typed));
    }
  }

  /** The expressions, no mere columns, by which an operator finds rows. */
  private static Set<Scalar> keys(Operator tree) {
    var keys = new ArrayList<Scalar>();
    switch (tree) {
      case Window(_, var partition, var calls) -> {
        keys.addAll(partition);
        for (Operator.Call call : calls) {
          WindowCall.of(call.value().sql())
              .ifPresent(c -> c.order().forEach(o -> keys.add(o.value())));
        }
      }
      case DistinctOn(_, var on, _) -> keys.addAll(on);
      case Operator.Aggregate(_, var groups, _) ->
          groups.stream().map(Named::value).forEach(keys::add);
      case Join(_, var conditions) -> sides(conditions, keys);
      case OuterJoin(_, _, _, var conditions) -> sides(conditions, keys);
      case Lateral(_, _, _, var conditions) -> sides(conditions, keys);
      case Operator.Filter(_, Scalar condition) -> sides(List.of(condition), keys);
      default -> {}
    }
    var all = new LinkedHashSet<>(keys);
    all.removeIf(key -> key.asColumn().isPresent());
    return all;
  }

  private static void sides(List<Scalar> conditions, List<Scalar> keys) {
    for (Scalar condition : conditions) {
      Equality.of(condition)
          .filter(e -> !e.left().columns().isEmpty() && !e.right().columns().isEmpty())
          .ifPresent(
              e -> {
                keys.add(e.left());
                keys.add(e.right());
              });
    }
  }

  private static Operator source(Operator tree) {
    return switch (tree) {
      case Join _ -> new Join(tree.inputs(), List.of());
      case OuterJoin(Operator left, Operator right, _, _) ->
          new Join(List.of(left, right), List.of());
      case Lateral(Operator input, Operator right, _, _) ->
          new Lateral(input, right, false, List.of());
      default -> tree.inputs().getFirst();
    };
  }

  private List<OutputColumn> ask(Operator tree, Optional<Operator> around) {
    return ask(postgres, tree, around);
  }

  /**
   * The columns of a tree.
   *
   * @param around the rows that its free columns belong to
   */
  static List<OutputColumn> ask(Postgres postgres, Operator tree, Optional<Operator> around) {
    boolean free = !Trees.free(tree).isEmpty();
    Operator whole =
        free && around.isPresent()
            ? Trees.narrowed(new Lateral(around.get(), tree, false, List.of()), tree.columns())
            : tree;
    List<String> names =
        IntStream.rangeClosed(1, tree.columns().size()).mapToObj(i -> "c" + i).toList();
    return postgres.describe(SelectRenderer.select(whole, names));
  }
}
