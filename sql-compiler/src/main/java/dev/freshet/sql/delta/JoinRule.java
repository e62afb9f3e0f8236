package dev.freshet.sql.delta;

import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * {@code Δ(R₁ ⋈ … ⋈ Rₙ) = Σ_S (−1)^(|S|−1) · (ΔRᵢ, i ∈ S) ⋈ (Rⱼ, j ∉ S)} over all sets S of inputs
 * that changed, weights multiplied: for two, {@code ΔA ⋈ B + A ⋈ ΔB − ΔA ⋈ ΔB}. No term reads an
 * old state, so each is a join of tables and small deltas, which indexes serve. Where so many
 * inputs changed that this would be too many terms: {@code Σᵢ R₁ᵒˡᵈ ⋈ … ⋈ Rᵢ₋₁ᵒˡᵈ ⋈ ΔRᵢ ⋈ Rᵢ₊₁ ⋈ …
 * ⋈ Rₙ}. An input that the planner cannot look into is restricted to the join keys of a ΔRᵢ.
 */
final class JoinRule {
  private final Differentiation deltas;
  private final Steps steps;
  private final ZSets zsets;
  private final BothStates states;
  private final JoinKeys joinKeys;

  JoinRule(Differentiation deltas, Steps steps, ZSets zsets, BothStates states, JoinKeys joinKeys) {
    this.deltas = deltas;
    this.steps = steps;
    this.zsets = zsets;
    this.states = states;
    this.joinKeys = joinKeys;
  }

  Optional<Weighted> join(Join join) {
    Map<Integer, Weighted> moved = new LinkedHashMap<>();
    for (int i = 0; i < join.inputs().size(); i++) {
      int position = i;
      deltas.of(join.inputs().get(i)).ifPresent(d -> moved.put(position, d));
    }
    List<Weighted> terms = new ArrayList<>();
    if (moved.size() <= Products.EXPANDED) {
      Products.subsets(moved.keySet()).stream()
          .filter(set -> !set.isEmpty())
          .forEach(set -> terms.add(term(join, set, moved)));
    } else {
      moved.forEach((position, delta) -> terms.add(term(join, position, delta)));
    }
    return terms.isEmpty() ? Optional.empty() : Optional.of(zsets.sum(terms));
  }

  private Weighted term(Join join, Set<Integer> set, Map<Integer, Weighted> moved) {
    List<Operator> all = join.inputs();
    boolean opaque =
        IntStream.range(0, all.size())
            .anyMatch(i -> !set.contains(i) && !Restriction.isTransparent(all.get(i)));
    boolean often = opaque || moved.size() > 1;
    Map<Integer, Weighted> deltas = new LinkedHashMap<>();
    moved.forEach(
        (i, delta) -> {
          if (set.contains(i)) {
            deltas.put(i, often ? steps.sharedUnlessPlain(delta) : delta);
          }
        });
    List<Weighted> inputs = new ArrayList<>();
    for (int j = 0; j < all.size(); j++) {
      Operator input = all.get(j);
      Weighted moving = deltas.get(j);
      if (moving != null) {
        inputs.add(moving);
      } else {
        for (Weighted delta : deltas.values()) {
          if (input.equals(all.get(j))) {
            input = joinKeys.meeting(input, delta.tree(), join.conditions());
          }
        }
        inputs.add(states.newState(input));
      }
    }
    Weighted term = zsets.product(inputs, join.conditions());
    return set.size() % 2 == 0 ? zsets.negated(term) : term;
  }

  private Weighted term(Join join, int position, Weighted delta) {
    boolean opaque =
        join.inputs().stream()
            .filter(input -> !input.equals(join.inputs().get(position)))
            .anyMatch(input -> !Restriction.isTransparent(input));
    Weighted start = opaque ? steps.shared(delta) : delta;
    List<Weighted> inputs = new ArrayList<>();
    for (int j = 0; j < join.inputs().size(); j++) {
      if (j == position) {
        inputs.add(start);
        continue;
      }
      Operator input =
          opaque
              ? joinKeys.meeting(join.inputs().get(j), start.tree(), join.conditions())
              : join.inputs().get(j);
      inputs.add(j < position ? states.oldState(input) : states.newState(input));
    }
    return zsets.product(inputs, join.conditions());
  }
}
