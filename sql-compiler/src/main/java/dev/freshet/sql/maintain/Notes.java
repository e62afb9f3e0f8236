package dev.freshet.sql.maintain;

import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Recursion;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
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

  /** A common table expression that reads itself. */
  static OperatorNote recursion(Recursion recursion) {
    return new OperatorNote(
        "Recursion("
            + recursion.table().name().table()
            + (recursion.all() ? "; UNION ALL)" : "; UNION)"),
        RefreshClass.AFFECTED_KEYS,
        "rows that a change leads to are followed; rows that lost a way are looked for again",
        List.of(of(recursion.base(), false), of(recursion.step(), false)));
  }

  /** A query over recursions. */
  public static OperatorNote recursive(List<OperatorNote> recursions, OperatorNote query) {
    var inputs = new ArrayList<>(recursions);
    inputs.add(query);
    return new OperatorNote(
        "WithRecursive",
        dearest(query).compareTo(RefreshClass.AFFECTED_KEYS) > 0
            ? dearest(query)
            : RefreshClass.AFFECTED_KEYS,
        "the rows of the recursion are kept in a table beside the stream table",
        inputs);
  }

  /** The groups of an aggregate within a query. */
  static OperatorNote state(InnerState state, boolean keyed) {
    Aggregate aggregate = state.aggregate();
    String size =
        state.isOneRow()
            ? "one row"
            : "a row for each value of ("
                + aggregate.groups().stream()
                    .map(group -> group.value().toString())
                    .collect(Collectors.joining(", "))
                + ")";
    OperatorNote note =
        of(
            aggregate,
            keyed,
            RefreshClass.ALGEBRAIC,
            "kept as "
                + size
                + " in a hidden table: new values follow from the old ones and the delta");
    return new OperatorNote(
        state.table().name().table() + " = " + note.operator(),
        note.refreshClass(),
        note.reason(),
        note.inputs());
  }

  /** A query over aggregates whose groups are kept. */
  static OperatorNote withStates(List<OperatorNote> states, OperatorNote query) {
    var inputs = new ArrayList<>(states);
    inputs.add(query);
    return new OperatorNote(
        "WithState",
        dearest(query),
        "aggregates within the query are kept in tables beside the stream table",
        inputs);
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
    boolean top = tree instanceof Aggregate;
    List<OperatorNote> inputs =
        tree.inputs().stream()
            .map(
                input -> top ? of(input, keyed) : of(input, keyed, aggregateClass, aggregateReason))
            .toList();
    return top && !aggregateReason.isEmpty()
        ? new OperatorNote(text(tree), aggregateClass, aggregateReason, inputs)
        : new OperatorNote(text(tree), ownClass(tree), reason(tree, keyed), inputs);
  }

  /** The note with other reasons for some of its operators. */
  static OperatorNote because(OperatorNote note, Map<String, String> reasons) {
    return new OperatorNote(
        note.operator(),
        note.refreshClass(),
        reasons.getOrDefault(note.operator(), note.reason()),
        note.inputs().stream().map(input -> because(input, reasons)).toList());
  }

  /** How an operator is called in its note. */
  static String name(Operator tree) {
    return text(tree);
  }

  /** The dearest class in a note and beneath it. */
  static RefreshClass dearest(OperatorNote note) {
    return note.inputs().stream()
        .map(Notes::dearest)
        .reduce(note.refreshClass(), (a, b) -> a.compareTo(b) >= 0 ? a : b);
  }

  private static RefreshClass ownClass(Operator tree) {
    return switch (tree) {
      case Scan _,
          Delta _,
          ChangedKeys _,
          Operator.Bound _,
          Operator.Copies _,
          Filter _,
          Operator.ClockFilter _,
          Project _,
          Join _,
          UnionAll _,
          Operator.FunctionRows _,
          Operator.Values _ ->
          RefreshClass.ALGEBRAIC;
      case Operator.Lateral(_, Operator right, _, _) when Trees.scans(right).isEmpty() ->
          RefreshClass.ALGEBRAIC;
      case Aggregate _,
          Operator.OuterJoin _,
          Operator.Apply _,
          Operator.Lateral _,
          Operator.Window _,
          Operator.DistinctOn _,
          Operator.Limit _,
          Operator.SetOperation _ ->
          RefreshClass.AFFECTED_KEYS;
    };
  }

  private static String reason(Operator tree, boolean keyed) {
    return switch (tree) {
      case Scan(_, var table) when Recursion.isOne(table) ->
          "the rows of the recursion, which are kept";
      case Scan(_, var table) when InnerState.isOne(table) ->
          "the groups of an aggregate, which are kept: their old and new rows are at hand";
      case Scan(_, var table) ->
          keyed
              ? "rows are found by the primary key (" + String.join(", ", table.primaryKey()) + ")"
              : table.primaryKey().isEmpty()
                  ? "no primary key: old and new rows are counted"
                  : "old and new rows are counted";
      case Filter _ -> "linear: applied to the changed rows";
      case Operator.ClockFilter(_, _, _, Scalar window) ->
          window.toString().equals("TRUE")
              ? "applied to the changed rows; which rows time moves in or out is not known without"
                  + " reading all"
              : "applied to the changed rows, and to those that time moved in or out";
      case Project _ -> "linear: computed from the changed rows";
      case Join _ ->
          keyed
              ? "the changed rows joined with the other sources"
              : "one term per changed source: ΔA ⋈ B + (A − ΔA) ⋈ ΔB";
      case UnionAll _ -> "linear: the sum of the branches' changes";
      case Operator.OuterJoin(_, _, boolean full, _) ->
          full
              ? "the changed rows joined with the other side; rows of either side that gain or lose"
                  + " their last partner"
              : "the changed rows joined with the other side; rows of the left side that gain or"
                  + " lose their last partner";
      case Operator.Apply _ -> "evaluated for changed rows, and for those whose answer may change";
      case Operator.Lateral(_, Operator right, _, _) ->
          Trees.scans(right).isEmpty()
              ? "linear: computed from the changed rows"
              : "evaluated for changed rows, and for those whose answer may change";
      case Operator.Window(_, var partition, _) ->
          partition.isEmpty()
              ? "no PARTITION BY: the whole input is one partition, computed again when it changes"
              : "partitions that changed are computed again";
      case Operator.DistinctOn _ -> "the first row of each key that changed is found again";
      case Operator.SetOperation _ -> "rows that changed on either side are compared again";
      case Operator.Limit _ -> "the first rows are found again when the input changes";
      case Operator.FunctionRows _, Operator.Values _ -> "reads no table";
      case Aggregate(_, var groups, _) ->
          groups.isEmpty()
              ? "one group: computed again when its input changes"
              : "groups that changed are computed again, at the new and at the old state";
      case Delta _, ChangedKeys _, Operator.Bound _, Operator.Copies _ -> "";
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

  private static String joined(String glue, List<Scalar> scalars) {
    return scalars.stream().map(Scalar::toString).collect(Collectors.joining(glue));
  }

  private static String text(Operator tree) {
    return switch (tree) {
      case Scan _,
          Delta _,
          ChangedKeys _,
          Operator.Bound _,
          Operator.Copies _,
          Operator.FunctionRows _,
          Operator.Values _ ->
          tree.toString();
      case Operator.OuterJoin(_, _, boolean full, var conditions) ->
          (full ? "FullJoin(" : "LeftJoin(") + joined(" AND ", conditions) + ")";
      case Operator.Apply(_, ColumnRef as, Scalar before, _) ->
          "SubQuery(" + before + "(…) → " + as + ")";
      case Operator.Lateral(_, _, boolean outer, var conditions) ->
          (outer ? "LeftLateral(" : "Lateral(") + joined(" AND ", conditions) + ")";
      case Operator.Window(_, var partition, var calls) ->
          "Window("
              + joined(", ", partition)
              + "; "
              + calls.stream().map(c -> c.value().toString()).collect(Collectors.joining(", "))
              + ")";
      case Operator.DistinctOn(_, var on, _) -> "DistinctOn(" + joined(", ", on) + ")";
      case Operator.Limit(_, var order, var limit, var offset, _) ->
          "Limit("
              + joined(", ", order)
              + limit.map(n -> "; " + n).orElse("")
              + offset.map(n -> "; offset " + n).orElse("")
              + ")";
      case Operator.SetOperation(var kind, boolean all, _, _) -> kind + (all ? " ALL" : "");
      case Filter(Operator input, Scalar condition) -> "Filter(" + readable(condition, input) + ")";
      case Operator.ClockFilter(_, Scalar condition, _, _) -> "ClockFilter(" + condition + ")";
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
