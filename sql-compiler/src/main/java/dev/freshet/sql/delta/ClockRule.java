package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code Δ(σ p(t) (A)) = σ p(t′) (ΔA) + (σ p(t′) − σ p(t)) (Aᵒˡᵈ)}, t the time of the frontier and
 * t′ that of the transaction. The second term is a range of A: {@link ClockFilter#window}.
 */
final class ClockRule {
  private final Differentiation deltas;
  private final Steps steps;
  private final ZSets zsets;
  private final BothStates states;

  ClockRule(Differentiation deltas, Steps steps, ZSets zsets, BothStates states) {
    this.deltas = deltas;
    this.steps = steps;
    this.zsets = zsets;
    this.states = states;
  }

  Optional<Weighted> clockFilter(ClockFilter filter) {
    List<Weighted> terms = new ArrayList<>();
    deltas.of(filter.input()).ifPresent(a -> terms.add(ZSets.filtered(a, filter.condition())));
    Weighted old =
        isPlain(filter.input()) ? states.oldState(filter.input()) : states.before(filter.input());
    if (!old.measures().isEmpty()) {
      throw new IllegalStateException("sums beneath " + filter);
    }
    Weighted moved = ZSets.filtered(ZSets.filtered(old, filter.window()), filter.flips());
    ColumnRef weight = steps.weight();
    var outputs = new ArrayList<Named>();
    old.plainColumns().forEach(c -> outputs.add(Named.same(c)));
    Scalar sign = Scalar.of("CASE WHEN ", filter.condition().grouped(), " THEN 1 ELSE -1 END");
    outputs.add(
        new Named(
            weight,
            old.weight().isPresent()
                ? Scalar.of("(", sign.grouped(), " * ", old.weightOrOne(), ")")
                : sign));
    terms.add(new Weighted(new Project(moved.tree(), outputs), Optional.of(weight), List.of()));
    return Optional.of(zsets.sum(ZSets.ordered(terms, filter.columns())));
  }

  /** Its old rows cost no more than those of its sources. */
  private static boolean isPlain(Operator tree) {
    return Products.isLinear(tree)
        || (tree instanceof ClockFilter && tree.inputs().stream().allMatch(ClockRule::isPlain));
  }
}
