package dev.freshet.sql.maintain;

import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code explain} says about each operator. */
public final class Notes {
  private Notes() {}

  /** A query that is refreshed in full, and why. */
  public static OperatorNote full(String reason) {
    return new OperatorNote("Query", RefreshClass.FULL, reason, List.of());
  }

  /** UNION ALL at the top. */
  public static OperatorNote union(List<OperatorNote> branches) {
    RefreshClass dearest =
        branches.stream()
            .map(OperatorNote::refreshClass)
            .max(RefreshClass::compareTo)
            .orElseThrow();
    return new OperatorNote(
        "UnionAll", dearest, "each branch is a part of the table, maintained on its own", branches);
  }

  static OperatorNote of(Operator tree, boolean keyed) {
    return of(tree, keyed, RefreshClass.ALGEBRAIC, "");
  }

  /**
   * @param aggregateClass how an aggregate in the tree is maintained
   */
  static OperatorNote of(
      Operator tree, boolean keyed, RefreshClass aggregateClass, String aggregateReason) {
    if (tree instanceof Project(Operator input, var outputs)
        && input instanceof Project
        && outputs.stream().allMatch(output -> output.value().asColumn().isPresent())) {
      return of(input, keyed, aggregateClass, aggregateReason); // it only renames
    }
    List<OperatorNote> inputs =
        tree.inputs().stream()
            .map(input -> of(input, keyed, aggregateClass, aggregateReason))
            .toList();
    RefreshClass own = RefreshClass.ALGEBRAIC;
    String reason = reason(tree, keyed);
    if (tree instanceof Aggregate) {
      own = aggregateClass;
      reason = aggregateReason;
    }
    return new OperatorNote(text(tree), own, reason, inputs);
  }

  private static String reason(Operator tree, boolean keyed) {
    return switch (tree) {
      case Scan(_, var table) ->
          keyed
              ? "rows are found by the primary key (" + String.join(", ", table.primaryKey()) + ")"
              : table.primaryKey().isEmpty()
                  ? "no primary key: old and new rows are counted"
                  : "old and new rows are counted";
      case Filter _ -> "linear: applied to the changed rows";
      case Project _ -> "linear: computed from the changed rows";
      case Join _ ->
          keyed
              ? "the changed rows joined with the other sources"
              : "one term per changed source: ΔA ⋈ B + (A − ΔA) ⋈ ΔB";
      case UnionAll _ -> "linear: the sum of the branches' changes";
      case Aggregate _, Delta _, ChangedKeys _, Operator.OuterJoin _, Operator.Apply _, Operator.Lateral _, Operator.FunctionRows _, Operator.Values _, Operator.Window _, Operator.DistinctOn _, Operator.Limit _, Operator.SetOperation _, Operator.Bound _, Operator.Copies _ -> "";
    };
  }

  /** An expression over an aggregate's columns, told by what these are. */
  private static String readable(Scalar value, Operator input) {
    if (input instanceof Filter(Operator filtered, _)) {
      return readable(value, filtered);
    }
    if (!(input instanceof Aggregate(_, var groups, var calls))) {
      return value.toString();
    }
    Map<ColumnRef, String> meanings = new HashMap<>();
    groups.forEach(group -> meanings.put(group.as(), group.value().toString()));
    calls.forEach(call -> meanings.put(call.as(), call.value().toString()));
    return value.sql(ref -> meanings.getOrDefault(ref, ref.toString()));
  }

  private static String text(Operator tree) {
    return switch (tree) {
      case Scan _, Delta _, ChangedKeys _, Operator.OuterJoin _, Operator.Apply _, Operator.Lateral _, Operator.FunctionRows _, Operator.Values _, Operator.Window _, Operator.DistinctOn _, Operator.Limit _, Operator.SetOperation _, Operator.Bound _, Operator.Copies _ -> tree.toString();
      case Filter(Operator input, Scalar condition) -> "Filter(" + readable(condition, input) + ")";
      case Project(Operator input, var outputs) ->
          outputs.stream()
              .map(output -> readable(output.value(), input))
              .collect(Collectors.joining(", ", "Project(", ")"));
      case Join(_, var conditions) ->
          "Join("
              + conditions.stream().map(Object::toString).collect(Collectors.joining(" AND "))
              + ")";
      case UnionAll _ -> "UnionAll";
      case Aggregate(_, var groups, var calls) ->
          "Aggregate("
              + groups.stream().map(g -> g.value().toString()).collect(Collectors.joining(", "))
              + "; "
              + calls.stream().map(c -> c.value().toString()).collect(Collectors.joining(", "))
              + ")";
    };
  }
}
