package dev.freshet.sql.maintain;

import dev.freshet.sql.tree.Branch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A grouped query in normal form: {@code π outputs (σ having (γ (B₁ + … + Bₙ)))} with every B a
 * select-project-join, or of one B that is any tree.
 *
 * @param branches the aggregate's input
 * @param having over the aggregate's columns; all must be true
 * @param outputs over the aggregate's columns
 * @param types of the input's columns, where rules need them
 */
record GroupedQuery(
    Aggregate aggregate,
    List<Branch> branches,
    List<Scalar> having,
    List<Named> outputs,
    Types types) {
  GroupedQuery {
    branches = List.copyOf(branches);
    having = List.copyOf(having);
    outputs = List.copyOf(outputs);
  }

  /** The normal form, if there is an aggregate beneath nothing but filters and projections. */
  static Optional<GroupedQuery> of(Operator tree) {
    return switch (tree) {
      case Aggregate aggregate ->
          Optional.of(
              new GroupedQuery(
                  aggregate,
                  inputs(aggregate),
                  List.of(),
                  aggregate.columns().stream().map(Named::same).toList(),
                  Types.NONE));
      case Filter(Operator input, Scalar condition) ->
          of(input)
              .map(
                  grouped -> {
                    var having = new ArrayList<>(grouped.having);
                    having.add(grouped.substituted(condition));
                    return new GroupedQuery(
                        grouped.aggregate,
                        grouped.branches,
                        having,
                        grouped.outputs,
                        grouped.types);
                  });
      case Project(Operator input, List<Named> outputs) ->
          of(input)
              .map(
                  grouped ->
                      new GroupedQuery(
                          grouped.aggregate,
                          grouped.branches,
                          grouped.having,
                          outputs.stream()
                              .map(o -> new Named(o.as(), grouped.substituted(o.value())))
                              .toList(),
                          grouped.types));
      case Scan _,
          Join _,
          UnionAll _,
          Delta _,
          ChangedKeys _,
          Operator.ClockFilter _,
          Operator.OuterJoin _,
          Operator.Apply _,
          Operator.Lateral _,
          Operator.FunctionRows _,
          Operator.Values _,
          Operator.Window _,
          Operator.DistinctOn _,
          Operator.Limit _,
          Operator.SetOperation _,
          Operator.Bound _,
          Operator.Copies _ ->
          Optional.empty();
    };
  }

  private static List<Branch> inputs(Aggregate aggregate) {
    List<Branch> branches = new ArrayList<>();
    for (Operator branch : Unions.branches(aggregate.input())) {
      Optional<Spj> spj = Spj.of(branch);
      if (spj.isEmpty()) {
        return List.of(new Branch.Whole(aggregate.input()));
      }
      branches.add(spj.get());
    }
    return branches;
  }

  GroupedQuery with(Types known) {
    return new GroupedQuery(aggregate, branches, having, outputs, known);
  }

  /** The aggregate's input is a sum of select-project-joins. */
  boolean isPlain() {
    return branches.stream().allMatch(branch -> branch instanceof Spj);
  }

  private Scalar substituted(Scalar scalar) {
    Map<ColumnRef, Scalar> values = new LinkedHashMap<>();
    outputs.forEach(output -> values.put(output.as(), output.value()));
    return scalar.map(values::get);
  }

  /** The scans of all branches. */
  List<Scan> scans() {
    return branches.stream().flatMap(branch -> branch.scans().stream()).toList();
  }

  /** The input, restricted to rows for which a condition on the groups' values holds. */
  Operator input(List<Named> columns, java.util.function.Function<List<Scalar>, Scalar> condition) {
    List<Operator> restricted = new ArrayList<>();
    for (Branch branch : branches) {
      List<Scalar> groups =
          aggregate.groups().stream().map(g -> branch.substituted(g.value())).toList();
      Operator source = branch.source();
      restricted.add(
          new Project(
              groups.isEmpty() ? source : new Filter(source, condition.apply(groups)),
              columns.stream()
                  .map(c -> new Named(c.as(), branch.substituted(c.value())))
                  .toList()));
    }
    return restricted.size() == 1 ? restricted.getFirst() : new UnionAll(restricted);
  }
}
