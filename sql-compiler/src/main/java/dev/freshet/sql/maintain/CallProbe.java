package dev.freshet.sql.maintain;

import dev.freshet.sql.Postgres;
import dev.freshet.sql.PostgresRejectedException;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes sure that what was taken for a scalar function is one. A user's aggregate, window or
 * set-returning function looks the same in SQL text; in WHERE PostgreSQL accepts none of them.
 */
record CallProbe(Postgres postgres) {

  void check(Operator tree) {
    check(tree, Optional.empty());
  }

  /**
   * @param around the rows that free columns of the tree belong to
   */
  private void check(Operator tree, Optional<Operator> around) {
    switch (tree) {
      case Apply(Operator input, _, _, Operator query) -> {
        check(input, around);
        check(query, Optional.of(TypeReader.beside(around, input)));
      }
      case Lateral(Operator input, Operator right, _, _) -> {
        check(input, around);
        check(right, Optional.of(TypeReader.beside(around, input)));
      }
      default -> tree.inputs().forEach(input -> check(input, around));
    }
    switch (tree) {
      case Project(Operator input, List<Named> outputs) ->
          check(input, outputs.stream().map(Named::value).toList(), around);
      case Aggregate(Operator input, var groups, var calls) -> {
        var scalars = new ArrayList<Scalar>();
        groups.forEach(group -> scalars.add(group.value()));
        calls.forEach(call -> call.value().argument().ifPresent(scalars::add));
        check(input, scalars, around);
      }
      default -> {}
    }
  }

  private void check(Operator input, List<Scalar> scalars, Optional<Operator> around) {
    List<Scalar> calls =
        scalars.stream().filter(s -> s.asColumn().isEmpty() && s.toString().contains("(")).toList();
    if (calls.isEmpty()) {
      return;
    }
    Operator filtered =
        new Filter(
            new Join(List.of(input), List.of()),
            Scalar.of("ROW(", Scalar.join(", ", calls, ""), ") IS NULL"));
    Operator rows =
        Trees.free(filtered).isEmpty() || around.isEmpty()
            ? filtered
            : new Lateral(around.get(), filtered, false, List.of());
    var one = new ColumnRef("", "one");
    Operator probe = new Project(rows, List.of(new Named(one, Scalar.of("1"))));
    try {
      postgres.describe(SelectRenderer.select(probe, List.of("one")));
    } catch (PostgresRejectedException e) {
      throw new UnsupportedQueryException(
          "calls an aggregate, window or set-returning function: " + e.getMessage());
    }
  }
}
