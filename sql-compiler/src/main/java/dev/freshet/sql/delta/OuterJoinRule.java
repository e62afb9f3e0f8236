package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code Δ(A ⟕ B) = ΔA ⟕ B + A ⋈ ΔB − ΔA ⋈ ΔB + flips}, where flips are the rows of {@code Aᵒˡᵈ}
 * that meet ΔB and had or have no partner, with NULLs for B: {@code ([∄ B] − [∄ Bᵒˡᵈ])}. A full
 * join adds the same for the rows of B alone.
 *
 * <p>{@code A ⋈ ΔB − ΔA ⋈ ΔB} is {@code Aᵒˡᵈ ⋈ ΔB}. Multiplied out, no join is with a union of a
 * table and its delta: PostgreSQL uses no index of the table for that, if the delta is a common
 * table expression.
 */
final class OuterJoinRule {
  private final Differentiation deltas;
  private final Steps steps;
  private final Types types;
  private final ZSets zsets;
  private final BothStates states;
  private final JoinKeys joinKeys;
  private final Touches touches;
  private final SubQueries subQueries;

  OuterJoinRule(
      Differentiation deltas,
      Steps steps,
      Types types,
      ZSets zsets,
      BothStates states,
      JoinKeys joinKeys,
      Touches touches,
      SubQueries subQueries) {
    this.deltas = deltas;
    this.steps = steps;
    this.types = types;
    this.zsets = zsets;
    this.states = states;
    this.joinKeys = joinKeys;
    this.touches = touches;
    this.subQueries = subQueries;
  }

  Optional<Weighted> outerJoin(OuterJoin join) {
    Operator left = join.left();
    Operator right = join.right();
    List<Scalar> conditions = join.conditions();
    List<Weighted> terms = new ArrayList<>();
    boolean both = deltas.isChanged(right);
    Optional<Weighted> moved = deltas.delta(left).map(a -> both ? steps.sharedUnlessPlain(a) : a);
    moved.ifPresent(
        a -> {
          Weighted start = Restriction.isTransparent(right) ? a : steps.shared(a);
          Operator met = joinKeys.meeting(right, start.tree(), conditions);
          Weighted b = states.newState(met);
          terms.add(
              new Weighted(
                  new OuterJoin(start.tree(), b.tree(), false, conditions),
                  start.weight(),
                  List.of()));
        });
    deltas
        .delta(right)
        .ifPresent(
            delta -> {
              Weighted b = steps.shared(delta);
              Operator partners = joinKeys.meeting(left, b.tree(), conditions);
              terms.add(zsets.product(List.of(states.newState(partners), b), conditions));
              moved
                  .map(a -> zsets.product(List.of(a, b), conditions))
                  .ifPresent(met -> terms.add(zsets.negated(met)));
              terms.add(flips(left, right, conditions));
              if (join.full()) {
                terms.add(without(b, left, conditions, false));
              }
            });
    if (join.full() && deltas.of(left).isPresent()) {
      terms.add(flips(right, left, conditions));
    }
    return terms.isEmpty()
        ? Optional.empty()
        : Optional.of(zsets.sum(ZSets.ordered(terms, join.columns())));
  }

  /** The rows of a Z-set that have no partner in a tree, NULLs for its columns. */
  private Weighted without(Weighted rows, Operator tree, List<Scalar> conditions, boolean before) {
    var found = new ColumnRef(steps.fresh("e"), "found");
    Operator partners = Trees.filtered(tree, conditions);
    Operator inner = before ? OldState.exists(states.oldState(partners), steps) : partners;
    Operator asked = new Apply(rows.tree(), found, Scalar.of("EXISTS "), inner);
    Operator alone = new Filter(asked, Scalar.of("NOT ", found));
    return new Weighted(padded(alone, rows.plainColumns(), rows, tree), rows.weight(), List.of());
  }

  private Operator padded(
      Operator alone, List<ColumnRef> kept, Weighted weighted, Operator missing) {
    var outputs = new ArrayList<Named>();
    kept.forEach(c -> outputs.add(Named.same(c)));
    for (ColumnRef column : missing.columns()) {
      outputs.add(new Named(column, Scalar.of("NULL::" + types.of(column).type().name())));
    }
    weighted.weight().ifPresent(w -> outputs.add(Named.same(w)));
    return new Project(alone, outputs);
  }

  /** The rows of {@code aᵒˡᵈ} that meet Δb and gained or lost their last partner. */
  private Weighted flips(Operator a, Operator b, List<Scalar> conditions) {
    var found = new ColumnRef(steps.fresh("e"), "found");
    var partners = new Apply(a, found, Scalar.of("EXISTS "), new Join(List.of(b), conditions));
    return subQueries
        .flips(partners)
        .map(changes -> alone(changes, found, b))
        .orElseGet(() -> flipsOfTouched(partners, b, conditions));
  }

  private Weighted alone(List<Weighted> changes, ColumnRef found, Operator missing) {
    Weighted all = zsets.sum(changes);
    Operator alone = new Filter(all.tree(), Scalar.of("NOT ", found));
    List<ColumnRef> kept = all.plainColumns().stream().filter(c -> !c.equals(found)).toList();
    return new Weighted(padded(alone, kept, all, missing), all.weight(), List.of());
  }

  private Weighted flipsOfTouched(Apply partners, Operator b, List<Scalar> conditions) {
    Operator a = partners.input();
    var link = new Correlation(b, conditions, Map.of(), Set.copyOf(a.columns()));
    Weighted met = steps.shared(zsets.weighted(touches.touched(a, List.of(link))));
    return subQueries
        .changes(partners, met)
        .map(changes -> alone(changes, partners.as(), b))
        .orElseGet(
            () ->
                zsets.sum(
                    List.of(
                        without(met, b, conditions, false),
                        zsets.negated(without(met, b, conditions, true)))));
  }
}
