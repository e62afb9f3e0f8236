package dev.freshet.sql.delta;

import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.List;
import java.util.Optional;

/** {@code ΔN(A) = N(A ⋉ K) − N((A ⋉ K) − ΔA)}, K the keys of ΔA: groups and partitions. */
final class KeyedRule {
  private final Differentiation deltas;
  private final Steps steps;
  private final Types types;
  private final Restriction restriction;
  private final ZSets zsets;
  private final BothStates states;

  KeyedRule(
      Differentiation deltas,
      Steps steps,
      Types types,
      Restriction restriction,
      ZSets zsets,
      BothStates states) {
    this.deltas = deltas;
    this.steps = steps;
    this.types = types;
    this.restriction = restriction;
    this.zsets = zsets;
    this.states = states;
  }

  Optional<Weighted> byKeys(Operator operator, Operator input, List<Scalar> keys) {
    return deltas
        .delta(input)
        .map(
            delta -> {
              Weighted a = steps.shared(delta);
              Operator touched = input;
              if (!keys.isEmpty()) {
                List<Typed> keyTypes = keys.stream().map(k -> types.of(k).orElseThrow()).toList();
                Keys values = Keys.of(steps, List.of(a.tree()), List.of(keys), keyTypes);
                touched = restriction.of(input, keys, values);
              }
              Operator now = steps.bind("now", Trees.narrowed(touched, a.plainColumns()));
              return zsets.difference(
                  Trees.withInputs(operator, List.of(now)),
                  Trees.withInputs(operator, List.of(states.copies(states.without(now, a)))));
            });
  }
}
