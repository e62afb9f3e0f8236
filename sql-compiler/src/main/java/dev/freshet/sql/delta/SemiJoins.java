package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * EXISTS as a join, within sub-queries: then a change of what stands beside it concerns only rows
 * that have a partner ({@link Correlation}).
 *
 * <p>Law: {@code A ⋉c B = π A (A ⋈c B)} if the equalities of c give all columns of a key of B: a
 * row of A has at most one partner.
 */
public final class SemiJoins {
  private SemiJoins() {}

  /** The tree, such questions in its sub-queries answered by joins. */
  public static Operator of(Operator tree) {
    return switch (tree) {
      case Apply(Operator input, ColumnRef as, Scalar before, Operator query) ->
          new Apply(of(input), as, before, joined(query));
      case Lateral(Operator input, Operator right, boolean outer, var conditions) ->
          new Lateral(of(input), joined(right), outer, conditions);
      default -> Trees.withInputs(tree, tree.inputs().stream().map(SemiJoins::of).toList());
    };
  }

  private static Operator joined(Operator tree) {
    Operator inner =
        switch (tree) {
          case Apply _, Lateral _ -> of(Trees.withInputs(tree, firstJoined(tree)));
          default -> Trees.withInputs(tree, tree.inputs().stream().map(SemiJoins::joined).toList());
        };
    return inner instanceof Filter(Apply apply, Scalar condition)
            && condition.asColumn().filter(apply.as()::equals).isPresent()
            && Pruning.asksForRows(apply.before())
        ? join(apply).orElse(inner)
        : inner;
  }

  private static List<Operator> firstJoined(Operator tree) {
    var inputs = new ArrayList<>(tree.inputs());
    inputs.set(0, joined(inputs.getFirst()));
    return inputs;
  }

  private static Optional<Operator> join(Apply apply) {
    return Matching.of(apply.query())
        .filter(q -> !q.links().isEmpty() && RowKeys.isUnique(q.core(), q.links()))
        .map(
            q -> {
              List<Named> outputs = new ArrayList<>();
              apply.input().columns().forEach(c -> outputs.add(Named.same(c)));
              outputs.add(new Named(apply.as(), Scalar.of("TRUE")));
              return new Project(new Join(List.of(apply.input(), q.core()), q.links()), outputs);
            });
  }

  /**
   * The tree, questions about kept groups answered by joins, next to what they ask about: few rows
   * are left for the joins above.
   *
   * <p>Law: {@code (A ⋈ B) ⋉c C = (A ⋉c C) ⋈ B} if c reads A and C only.
   */
  public static Operator withStates(Operator tree) {
    Operator inner =
        Trees.withInputs(tree, tree.inputs().stream().map(SemiJoins::withStates).toList());
    return inner instanceof Filter(Apply apply, Scalar condition)
            && condition.asColumn().filter(apply.as()::equals).isPresent()
            && Pruning.asksForRows(apply.before())
        ? joinedToState(apply).orElse(inner)
        : inner;
  }

  private static Optional<Operator> joinedToState(Apply apply) {
    return Matching.of(apply.query())
        .filter(q -> !q.links().isEmpty() && RowKeys.isUnique(q.core(), q.links()))
        .filter(q -> Trees.scans(q.core()).stream().allMatch(s -> InnerState.isOne(s.table())))
        .map(
            q -> {
              List<Named> outputs = new ArrayList<>();
              apply.input().columns().forEach(c -> outputs.add(Named.same(c)));
              outputs.add(new Named(apply.as(), Scalar.of("TRUE")));
              return new Project(beside(apply.input(), q), outputs);
            });
  }

  private static Operator beside(Operator tree, Matching question) {
    Set<ColumnRef> asked = Scalar.columns(question.links());
    asked.removeAll(question.core().columns());
    if (tree instanceof Filter(Operator input, Scalar condition)) {
      return new Filter(beside(input, question), condition);
    }
    if (tree instanceof Join(var inputs, var conditions)) {
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).columns().containsAll(asked)) {
          var moved = new ArrayList<>(inputs);
          moved.set(i, beside(inputs.get(i), question));
          return new Join(moved, conditions);
        }
      }
    }
    return Trees.narrowed(
        new Join(List.of(tree, question.core()), question.links()), tree.columns());
  }
}
