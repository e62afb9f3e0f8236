package dev.freshet.sql.filter;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What must be true of a row of a scan, lest it make no difference.
 *
 * <p>Read from the top, with the conditions C that hold of every row of an operator that matters.
 * The laws are those of {@link dev.freshet.sql.tree.Pushdown}, with one more freedom: a condition
 * need not be moved, it is only implied. So one that reads other relations too says of a row of
 * this one that some row of those makes it true, and stands with the other columns not known (c∃):
 *
 * <pre>
 * σ c (A)      C(A) := C ∧ c                       π f (A)   C(A) := C∘f
 * A ⋈c B       C(A) := (C ∧ c)∃, C(B) alike        A + B     C(A) := C(B) := C
 * A ⟕c B       C(A) := C∃, C(B) := c∃              A ⟗ B     C(A) := C(B) := true
 * Apply(A, Q)  C(A) := C∃, C(Q) := true            γ g (A)   C(A) := C∃∘g, aggregates not known
 * </pre>
 *
 * <p>Of ⟕ the row on the left is there with or without a partner, so c says nothing of it; and a
 * row on the right that fails C must stay, or the row on the left would be padded. A row of ⟗ that
 * left would pad its partner. A row that leaves a window, a LIMIT, DISTINCT ON, INTERSECT or EXCEPT
 * changes what becomes of others: beneath those nothing is implied. What the clock decides is
 * decided anew at each refresh, and says nothing here.
 */
final class ScanConditions {
  /** Stands for all that another relation may hold. */
  private static final ColumnRef ELSEWHERE = new ColumnRef("", "?");

  private ScanConditions() {}

  /**
   * A scan.
   *
   * @param conditions over its columns, and others that are not known
   */
  record Read(Scan scan, List<Scalar> conditions) {}

  static Stream<Read> of(Operator tree) {
    return read(tree, List.of());
  }

  private static Stream<Read> read(Operator operator, List<Scalar> implied) {
    List<Scalar> conditions = implied.stream().map(c -> visible(c, operator)).toList();
    return switch (operator) {
      case Scan scan -> Stream.of(new Read(scan, conditions));
      case Filter(Operator input, Scalar condition) ->
          read(input, with(List.of(condition), conditions));
      case ClockFilter(Operator input, _, _, _) -> read(input, conditions);
      case Project(Operator input, var outputs) -> read(input, substituted(conditions, outputs));
      case Join(var inputs, var own) -> {
        List<Scalar> all = with(conditions, own);
        yield inputs.stream().flatMap(input -> read(input, all));
      }
      case UnionAll(var inputs) -> inputs.stream().flatMap(input -> read(input, conditions));
      case OuterJoin(Operator left, Operator right, boolean full, var own) ->
          full
              ? Stream.concat(of(left), of(right))
              : Stream.concat(read(left, conditions), read(right, own));
      case Apply(Operator input, _, _, Operator query) ->
          Stream.concat(read(input, conditions), of(query));
      case Lateral(Operator input, Operator right, boolean outer, var own) ->
          Stream.concat(
              read(input, outer ? conditions : with(conditions, own)),
              read(right, outer ? own : with(conditions, own)));
      case Aggregate(Operator input, var groups, _) -> read(input, substituted(conditions, groups));
      case Operator.FunctionRows _,
          Operator.Values _,
          Operator.Window _,
          Operator.DistinctOn _,
          Operator.Limit _,
          Operator.SetOperation _,
          Operator.Delta _,
          Operator.ChangedKeys _,
          Operator.Bound _,
          Operator.Copies _ ->
          operator.inputs().stream().flatMap(ScanConditions::of);
    };
  }

  private static List<Scalar> with(List<Scalar> conditions, List<Scalar> more) {
    List<Scalar> all = new ArrayList<>(conditions);
    all.addAll(more);
    return all;
  }

  /** A condition as far as it concerns the operator's columns. */
  private static Scalar visible(Scalar condition, Operator operator) {
    Set<ColumnRef> columns = new HashSet<>(operator.columns());
    return condition.map(ref -> Scalar.column(columns.contains(ref) ? ref : ELSEWHERE));
  }

  private static List<Scalar> substituted(List<Scalar> conditions, List<Named> outputs) {
    Map<ColumnRef, Scalar> values = new HashMap<>();
    outputs.forEach(output -> values.put(output.as(), output.value()));
    return conditions.stream()
        .map(c -> c.map(ref -> values.getOrDefault(ref, Scalar.column(ELSEWHERE))))
        .toList();
  }
}
