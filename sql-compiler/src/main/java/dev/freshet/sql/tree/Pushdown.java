package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Copies;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.FunctionRows;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Operator.Values;
import dev.freshet.sql.tree.Operator.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Conditions where they are read: the rules of a delta see which equalities join two inputs, and a
 * delta has only the rows that can matter.
 *
 * <p>Laws: {@code σc(σd(A)) = σd(σc(A))}; {@code σc(π f (A)) = π f (σ c∘f (A))}; {@code σc(A ⋈ B) =
 * σc(A) ⋈ B} if c reads A only, else {@code A ⋈c B}; {@code σc(A + B) = σc(A) + σc(B)}; {@code σc(A
 * ⟕ B) = σc(A) ⟕ B} and {@code σc(Apply(A)) = Apply(σc(A))} if c reads A only; {@code σc(γ(A)) =
 * γ(σc(A))} if c reads group columns only. A condition stays above what is not named here.
 */
public final class Pushdown {
  private Pushdown() {}

  /** The tree with its conditions moved down. */
  public static Operator of(Operator tree) {
    List<Operator> inputs = tree.inputs().stream().map(Pushdown::of).toList();
    return switch (tree) {
      case Filter(_, Scalar condition) -> filtered(inputs.getFirst(), condition);
      case Join(_, var conditions) -> {
        Operator joined = new Join(inputs, List.of());
        for (Scalar condition : conditions) {
          joined = filtered(joined, condition);
        }
        yield joined;
      }
      case Scan _,
          Operator.ClockFilter _,
          Project _,
          UnionAll _,
          Aggregate _,
          OuterJoin _,
          Apply _,
          Lateral _,
          FunctionRows _,
          Values _,
          Window _,
          DistinctOn _,
          Limit _,
          SetOperation _,
          Delta _,
          ChangedKeys _,
          Bound _,
          Copies _ ->
          Trees.withInputs(tree, inputs);
    };
  }

  private static Operator filtered(Operator tree, Scalar condition) {
    Set<ColumnRef> read = new HashSet<>(condition.columns());
    if (read.isEmpty()) {
      return new Filter(tree, condition);
    }
    return switch (tree) {
      case Filter(Operator input, Scalar other) -> new Filter(filtered(input, condition), other);
      case Project(Operator input, var outputs) ->
          new Project(filtered(input, substituted(condition, outputs)), outputs);
      case Join(var inputs, var conditions) -> {
        for (int i = 0; i < inputs.size(); i++) {
          if (inputs.get(i).columns().containsAll(read)) {
            var moved = new ArrayList<>(inputs);
            moved.set(i, filtered(inputs.get(i), condition));
            yield new Join(moved, conditions);
          }
        }
        var all = new ArrayList<>(conditions);
        all.add(condition);
        yield new Join(inputs, all);
      }
      case UnionAll(var inputs) ->
          new UnionAll(inputs.stream().map(input -> filtered(input, condition)).toList());
      case OuterJoin(Operator left, Operator right, boolean full, var conditions)
          when !full && left.columns().containsAll(read) ->
          new OuterJoin(filtered(left, condition), right, false, conditions);
      case Apply(Operator input, ColumnRef as, Scalar before, Operator query)
          when !read.contains(as) ->
          new Apply(filtered(input, condition), as, before, query);
      case Apply apply when condition.asColumn().isPresent() ->
          new Filter(Membership.asExistence(apply).orElse(apply), condition);
      case Lateral(Operator input, Operator right, boolean outer, var conditions)
          when input.columns().containsAll(read) ->
          new Lateral(filtered(input, condition), right, outer, conditions);
      case Aggregate(Operator input, var groups, var calls)
          when groups.stream().map(Named::as).toList().containsAll(read) ->
          new Aggregate(filtered(input, substituted(condition, groups)), groups, calls);
      case Scan _,
          Operator.ClockFilter _,
          Aggregate _,
          OuterJoin _,
          Apply _,
          Lateral _,
          FunctionRows _,
          Values _,
          Window _,
          DistinctOn _,
          Limit _,
          SetOperation _,
          Delta _,
          ChangedKeys _,
          Bound _,
          Copies _ ->
          new Filter(tree, condition);
    };
  }

  private static Scalar substituted(Scalar condition, List<Named> outputs) {
    Map<ColumnRef, Scalar> values = new HashMap<>();
    outputs.forEach(output -> values.put(output.as(), output.value()));
    return condition.map(ref -> values.getOrDefault(ref, Scalar.column(ref)));
  }
}
