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
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A tree at the new state, as the snapshot sees it, and at the old one, that of the frontier: what
 * the new one holds without what came.
 */
final class BothStates {
  private final Differentiation deltas;
  private final Steps steps;
  private final Types types;
  private final Function<Scan, Shape> shapes;
  private final ZSets zsets;

  BothStates(
      Differentiation deltas, Steps steps, Types types, Function<Scan, Shape> shapes, ZSets zsets) {
    this.deltas = deltas;
    this.steps = steps;
    this.types = types;
    this.shapes = shapes;
    this.zsets = zsets;
  }

  /** The state as the snapshot sees it: every weight is 1. */
  Weighted newState(Operator input) {
    if (!(input instanceof Scan scan)) {
      return new Weighted(input, Optional.empty(), List.of());
    }
    Shape shape = shapes.apply(scan);
    var outputs = new ArrayList<Named>();
    shape.names().forEach(n -> outputs.add(Named.same(new ColumnRef(scan.relation(), n))));
    for (int i = 0; i < shape.sums().size(); i++) {
      var x = new ColumnRef(scan.relation(), shape.sums().get(i));
      outputs.add(new Named(Shape.total(scan.relation(), i), Measures.one(scan, x)));
      outputs.add(
          new Named(
              Shape.count(scan.relation(), i),
              Scalar.of("CASE WHEN ", x, " IS NULL THEN 0::bigint ELSE 1 END")));
    }
    return new Weighted(new Project(scan, outputs), Optional.empty(), shape.measures(scan));
  }

  /** {@code Aᵒˡᵈ}: A − ΔA of a source; through linear operators; others over their old inputs. */
  Weighted oldState(Operator tree) {
    if (!deltas.isChanged(tree)) {
      return newState(tree);
    }
    return switch (tree) {
      case Scan scan -> undone(scan);
      case Filter(Operator input, Scalar condition) -> ZSets.filtered(oldState(input), condition);
      case ClockFilter(Operator input, _, Scalar before, _) ->
          ZSets.filtered(oldState(input), before);
      case Project(Operator input, var outputs) -> ZSets.projected(oldState(input), outputs);
      case UnionAll(var inputs) -> zsets.sum(inputs.stream().map(this::oldState).toList());
      case Join join -> oldJoin(join);
      case Apply apply -> {
        Weighted a = oldState(apply.input());
        yield new Weighted(
            new Apply(a.tree(), apply.as(), apply.before(), before(apply)), a.weight(), List.of());
      }
      case Lateral(Operator input, Operator right, boolean outer, var conditions) -> {
        Weighted a = oldState(input);
        yield new Weighted(
            new Lateral(a.tree(), plain(right), outer, conditions), a.weight(), List.of());
      }
      case Aggregate _,
          OuterJoin _,
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
          new Weighted(
              Trees.withInputs(tree, tree.inputs().stream().map(this::plain).toList()),
              Optional.empty(),
              List.of());
    };
  }

  /** {@code Rᵒˡᵈ ⋈ Sᵒˡᵈ = R ⋈ S − ΔR ⋈ S − R ⋈ ΔS + ΔR ⋈ ΔS}, as long as that is not too much. */
  private Weighted oldJoin(Join join) {
    List<Operator> inputs = join.inputs();
    List<Integer> moved =
        IntStream.range(0, inputs.size())
            .filter(i -> deltas.isChanged(inputs.get(i)) && Products.isLinear(inputs.get(i)))
            .boxed()
            .toList();
    if (moved.isEmpty() || moved.size() > Products.EXPANDED) {
      return zsets.product(inputs.stream().map(this::oldState).toList(), join.conditions());
    }
    List<Weighted> terms = new ArrayList<>();
    for (Set<Integer> set : Products.subsets(moved)) {
      List<Weighted> factors = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        Operator input = inputs.get(i);
        factors.add(
            set.contains(i)
                ? deltas.of(input).orElseThrow()
                : moved.contains(i) ? newState(input) : oldState(input));
      }
      Weighted term = zsets.product(factors, join.conditions());
      terms.add(set.size() % 2 == 0 ? term : zsets.negated(term));
    }
    return zsets.sum(terms);
  }

  private Weighted undone(Scan scan) {
    Weighted now = newState(scan);
    Weighted delta = deltas.of(scan).orElseThrow();
    ColumnRef weight = Weighted.weightOf(scan.relation());
    var before = new ArrayList<Named>();
    now.plainColumns().forEach(c -> before.add(Named.same(c)));
    before.add(new Named(weight, now.weightOrOne()));
    now.measures().forEach(m -> before.add(Named.same(m)));
    var undone = new ArrayList<Named>();
    now.plainColumns().forEach(c -> undone.add(Named.same(c)));
    undone.add(new Named(weight, Scalar.of("-", delta.weightOrOne().grouped())));
    now.measures().forEach(m -> undone.add(new Named(m, Scalar.of("-", m))));
    return new Weighted(
        new UnionAll(List.of(new Project(now.tree(), before), new Project(delta.tree(), undone))),
        Optional.of(weight),
        now.measures());
  }

  /** {@code Aᵒˡᵈ ⋉ K = A ⋉ K − ΔA ⋉ K}: nothing but the new state and the delta is read. */
  Weighted before(Operator tree, UnaryOperator<Operator> restricted) {
    Operator now = restricted.apply(tree);
    return deltas
        .delta(tree)
        .map(
            delta -> {
              Weighted a = steps.shared(zsets.weighted(delta));
              return without(now, new Weighted(restricted.apply(a.tree()), a.weight(), List.of()));
            })
        .orElseGet(() -> newState(now));
  }

  Weighted before(Operator tree) {
    return before(tree, t -> t);
  }

  /** A state without what came. */
  Weighted without(Operator now, Weighted delta) {
    Weighted state = new Weighted(now, Optional.empty(), List.of());
    return zsets.sum(
        ZSets.ordered(List.of(zsets.weighted(state), zsets.negated(delta)), now.columns()));
  }

  Operator copies(Weighted zset) {
    return OldState.copies(zset, types, steps);
  }

  /** The old state of a tree as an ordinary relation. */
  Operator plain(Operator tree) {
    return deltas.isChanged(tree) ? OldState.copies(oldState(tree), types, steps) : tree;
  }

  /** A sub-query at the old state; for EXISTS it is enough to know whether any row was there. */
  Operator before(Apply apply) {
    if (!deltas.isChanged(apply.query())) {
      return apply.query();
    }
    Weighted state = oldState(apply.query());
    return Pruning.asksForRows(apply.before())
        ? OldState.exists(state, steps)
        : OldState.copies(state, types, steps);
  }
}
