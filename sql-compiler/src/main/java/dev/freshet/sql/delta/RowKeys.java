package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which rows of sources a query's rows are made of: those of its <em>spine</em>, the sources that
 * it reads beside its sub-queries and the right sides of its outer joins.
 *
 * <p>Law: a row of the query depends on the rows of the spine that it was made of, whose primary
 * keys identify them, and on what sub-queries and right sides have for these.
 */
public final class RowKeys {
  private RowKeys() {}

  /**
   * The sources of the spine, if all have primary keys and a row of theirs makes few rows: a right
   * side must have at most one partner for it.
   */
  public static Optional<List<Scan>> spine(Operator tree) {
    return switch (tree) {
      case Scan scan ->
          scan.table().primaryKey().isEmpty() ? Optional.empty() : Optional.of(List.of(scan));
      case Filter _, Project _, Apply _, Lateral _ -> spine(tree.inputs().getFirst());
      case OuterJoin(Operator left, Operator right, boolean full, var conditions) ->
          !full && isUnique(right, conditions) ? spine(left) : Optional.empty();
      case Join join -> ofJoin(join);
      case Aggregate _,
          UnionAll _,
          Operator.ClockFilter _, // time changes rows besides those that a key's change tells of
          Window _,
          DistinctOn _,
          Limit _,
          SetOperation _,
          Operator.FunctionRows _,
          Operator.Values _,
          Operator.Delta _,
          ChangedKeys _,
          Operator.Bound _,
          Operator.Copies _ ->
          Optional.empty();
    };
  }

  private static Optional<List<Scan>> ofJoin(Join join) {
    var scans = new ArrayList<Scan>();
    for (Operator input : join.inputs()) {
      Optional<List<Scan>> part = spine(input);
      if (part.isPresent()) {
        scans.addAll(part.get());
      } else if (!Trees.scans(input).isEmpty() && !isUnique(input, join.conditions())) {
        return Optional.empty();
      }
    }
    return scans.isEmpty() ? Optional.empty() : Optional.of(scans);
  }

  /** Equalities with what is beside it leave at most one row of a tree. */
  static boolean isUnique(Operator tree, List<Scalar> conditions) {
    return key(tree)
        .map(key -> key.stream().allMatch(column -> isGiven(tree, column, conditions)))
        .orElse(false);
  }

  private static boolean isGiven(Operator tree, ColumnRef column, List<Scalar> conditions) {
    return conditions.stream()
        .flatMap(condition -> Equality.of(condition).stream())
        .flatMap(equality -> equality.other(Scalar.column(column)).stream())
        .anyMatch(
            other ->
                !other.columns().isEmpty()
                    && other.columns().stream().noneMatch(tree.columns()::contains));
  }

  /** Columns of which no two rows of a tree have the same values. */
  private static Optional<List<ColumnRef>> key(Operator tree) {
    return switch (tree) {
      case Scan scan ->
          scan.table().primaryKey().isEmpty() ? Optional.empty() : Optional.of(primaryKey(scan));
      case Filter _, Operator.ClockFilter _, Apply _, Limit _, Window _ ->
          key(tree.inputs().getFirst());
      case Project(Operator input, var outputs) -> key(input).flatMap(k -> renamed(k, outputs));
      case Aggregate(_, var groups, _) -> Optional.of(groups.stream().map(Named::as).toList());
      case DistinctOn(_, var on, _) -> {
        var plain = new ArrayList<ColumnRef>();
        on.forEach(key -> key.asColumn().ifPresent(plain::add));
        yield plain.size() == on.size() ? Optional.of(plain) : Optional.empty();
      }
      case OuterJoin(Operator left, Operator right, boolean full, var conditions) ->
          !full && isUnique(right, conditions) ? key(left) : Optional.empty();
      case Join _,
          Lateral _,
          UnionAll _,
          SetOperation _,
          Operator.FunctionRows _,
          Operator.Values _,
          Operator.Delta _,
          ChangedKeys _,
          Operator.Bound _,
          Operator.Copies _ ->
          Optional.empty();
    };
  }

  private static Optional<List<ColumnRef>> renamed(List<ColumnRef> key, List<Named> outputs) {
    var renamed = new ArrayList<ColumnRef>();
    for (ColumnRef column : key) {
      outputs.stream()
          .filter(output -> output.value().asColumn().filter(column::equals).isPresent())
          .findFirst()
          .ifPresent(output -> renamed.add(output.as()));
    }
    return renamed.size() == key.size() ? Optional.of(renamed) : Optional.empty();
  }

  public static List<ColumnRef> primaryKey(Scan scan) {
    return scan.table().primaryKey().stream()
        .map(name -> new ColumnRef(scan.relation(), name))
        .toList();
  }

  /** The tree with the primary keys of its spine among its columns. */
  public static Operator exposing(Operator tree) {
    return switch (tree) {
      case Project(Operator input, var outputs) when spine(input).isPresent() -> {
        Operator below = exposing(input);
        var all = new ArrayList<>(outputs);
        Set<ColumnRef> made = Set.copyOf(outputs.stream().map(Named::as).toList());
        for (Scan scan : spine(input).orElseThrow()) {
          primaryKey(scan).stream()
              .filter(column -> !made.contains(column))
              .forEach(column -> all.add(Named.same(column)));
        }
        yield new Project(below, all);
      }
      case Filter _, Apply _, Lateral _, OuterJoin _ -> {
        var inputs = new ArrayList<>(tree.inputs());
        inputs.set(0, exposing(inputs.getFirst()));
        yield Trees.withInputs(tree, inputs);
      }
      case Join(var inputs, var conditions) ->
          new Join(
              inputs.stream().map(i -> spine(i).isPresent() ? exposing(i) : i).toList(),
              conditions);
      default -> tree;
    };
  }
}
