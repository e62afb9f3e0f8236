package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.ClockFilter;
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
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Conditions that compare rows with one value computed from a query of its own: {@code x > (SELECT
 * avg(y) FROM …)}. The value moves with nearly every change, but only rows between its old and its
 * new place come or go.
 *
 * <p>Law, for a sub-query Q that reads nothing of the row, v its value and v₀ its old one: {@code σ
 * c(x, Q) (A) = σ c(x, v) (A × V)} with V the one row (v, v₀), and its delta is that of a condition
 * which time has moved from c(x, v₀) to c(x, v) ({@link ClockRule}): {@code σ c(v) (ΔA) + (σ c(v) −
 * σ c(v₀)) (Aᵒˡᵈ)}. Both values are computed once, whatever reads them.
 */
final class Thresholds {
  private static final Operator NOTHING = new Join(List.of(), List.of());

  private final Differentiation deltas;
  private final Steps steps;
  private final BothStates states;
  private final Types types;
  private final Map<Apply, Bound> known = new HashMap<>();

  Thresholds(Differentiation deltas, Steps steps, BothStates states, Types types) {
    this.deltas = deltas;
    this.steps = steps;
    this.states = states;
    this.types = types;
  }

  /**
   * A condition on rows and a value.
   *
   * @param rows those that the value is compared with
   * @param filter the condition over them and V
   */
  record Threshold(Operator rows, ClockFilter filter) {}

  /** The tree with its conditions of this kind as such. What is correlated is left as it is. */
  Operator of(Operator tree) {
    return switch (tree) {
      case Project(Operator input, var outputs) ->
          new Project(
              match(input, Scalar.columns(outputs.stream().map(Named::value).toList()))
                  .<Operator>map(
                      t ->
                          new ClockFilter(
                              Trees.withInputs(
                                  t.filter().input(), rewritten(t.filter().input().inputs())),
                              t.filter().condition(),
                              t.filter().before(),
                              t.filter().window()))
                  .orElseGet(() -> of(input)),
              outputs);
      case Apply(Operator input, ColumnRef as, Scalar before, Operator query) ->
          new Apply(of(input), as, before, query);
      case Lateral(Operator input, Operator right, boolean outer, var conditions) ->
          new Lateral(of(input), right, outer, conditions);
      case Filter _,
          ClockFilter _,
          Join _,
          UnionAll _,
          OuterJoin _,
          Aggregate _,
          Window _,
          DistinctOn _,
          Limit _,
          SetOperation _ ->
          Trees.withInputs(tree, rewritten(tree.inputs()));
      case Scan _, Delta _, ChangedKeys _, Bound _, Copies _, FunctionRows _, Values _ -> tree;
    };
  }

  /** The same of a tree of which some columns are read. */
  Operator of(Operator tree, Set<ColumnRef> above) {
    Operator narrowed =
        Trees.narrowed(tree, tree.columns().stream().filter(above::contains).toList());
    Operator told = of(narrowed);
    return told.equals(narrowed) ? tree : told;
  }

  private List<Operator> rewritten(List<Operator> inputs) {
    return inputs.stream().map(this::of).toList();
  }

  /**
   * The condition at the top of a tree, if nothing else reads the sub-query's value and the value
   * may have changed.
   *
   * @param above which columns are read of the tree
   */
  Optional<Threshold> match(Operator tree, Set<ColumnRef> above) {
    List<Scalar> conditions = new ArrayList<>();
    Operator beneath = tree;
    while (beneath instanceof Filter(Operator input, Scalar condition)) {
      conditions.add(condition);
      beneath = input;
    }
    if (conditions.isEmpty() || !(beneath instanceof Apply apply)) {
      return Optional.empty();
    }
    boolean alone =
        apply.before().columns().isEmpty()
            && Trees.free(apply.query()).isEmpty()
            && !above.contains(apply.as());
    return alone && deltas.isChanged(apply.query())
        ? Optional.of(threshold(apply, conditions))
        : Optional.empty();
  }

  private Threshold threshold(Apply apply, List<Scalar> conditions) {
    Bound values = steps.again(values(apply));
    Scalar condition =
        conditions.size() == 1
            ? conditions.getFirst()
            : Scalar.join(" AND ", conditions.stream().map(Scalar::grouped).toList(), "TRUE");
    ColumnRef now = values.columns().get(0);
    ColumnRef before = values.columns().get(1);
    return new Threshold(
        apply.input(),
        new ClockFilter(
            new Join(List.of(apply.input(), values), List.of()),
            at(condition, apply.as(), now),
            at(condition, apply.as(), before),
            MovedValue.between(conditions, apply.as(), now, before, types)));
  }

  static Scalar at(Scalar condition, ColumnRef as, ColumnRef value) {
    return condition.map(ref -> Scalar.column(ref.equals(as) ? value : ref));
  }

  /** V: the value and the old value. */
  private Bound values(Apply apply) {
    var question = new Apply(NOTHING, new ColumnRef("", "value"), apply.before(), apply.query());
    Bound before = known.get(question);
    if (before != null) {
      return before;
    }
    Bound values = bound(question); // may ask for the value of a sub-query inside it
    known.put(question, values);
    return values;
  }

  private Bound bound(Apply question) {
    String relation = steps.fresh("v");
    List<Operator> both = bothStates(question);
    Operator values = NOTHING;
    for (int i = 0; i < both.size(); i++) {
      var as = new ColumnRef(relation, i == 0 ? "now" : "before");
      values = new Apply(values, as, question.before(), both.get(i));
    }
    return steps.bind("values", values);
  }

  /** The query at both states; what an aggregate without groups reads is read once for both. */
  private List<Operator> bothStates(Apply question) {
    List<Project> above = new ArrayList<>();
    Operator tree = question.query();
    while (tree instanceof Project project) {
      above.add(project);
      tree = project.input();
    }
    if (tree instanceof Aggregate(Operator input, var groups, var calls) && groups.isEmpty()) {
      Optional<Weighted> delta = deltas.of(input).map(steps::shared);
      if (delta.isPresent()) {
        Operator now = steps.bind("now", Trees.narrowed(input, delta.get().plainColumns()));
        Operator old = states.copies(states.without(now, delta.get()));
        return List.of(
            under(above, new Aggregate(now, groups, calls)),
            under(above, new Aggregate(old, groups, calls)));
      }
    }
    return List.of(question.query(), states.before(question));
  }

  private static Operator under(List<Project> above, Operator tree) {
    Operator all = tree;
    for (Project project : above.reversed()) {
      all = new Project(all, project.outputs());
    }
    return all;
  }
}
