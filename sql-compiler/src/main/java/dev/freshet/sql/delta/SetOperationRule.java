package dev.freshet.sql.delta;

import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** {@code ΔN(A, B) = N(A ⋉ K, B ⋉ K) − N(Aᵒˡᵈ ⋉ K, Bᵒˡᵈ ⋉ K)}, K the rows of ΔA and ΔB. */
final class SetOperationRule {
  private final Differentiation deltas;
  private final Steps steps;
  private final Types types;
  private final Restriction restriction;
  private final ZSets zsets;
  private final BothStates states;

  SetOperationRule(
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

  Optional<Weighted> setOperation(SetOperation operation) {
    return rowKeys(operation)
        .map(
            rows -> {
              List<Operator> now = restricted(operation, row(operation), rows);
              return zsets.difference(
                  Trees.withInputs(operation, now),
                  Trees.withInputs(operation, now.stream().map(states::plain).toList()));
            });
  }

  /** What the stream table cannot tell of the result: {@code N(A ⋉ K, B ⋉ K)}, and K. */
  Optional<Affected> affected(SetOperation operation) {
    return rowKeys(operation)
        .map(
            keys -> {
              List<Scalar> row = row(operation);
              List<Operator> now = restricted(operation, row, keys);
              return new Affected(
                  List.of(new Affected.Part(row, keys.relation())),
                  Trees.withInputs(operation, now));
            });
  }

  private static List<Scalar> row(Operator operation) {
    return operation.columns().stream().map(Scalar::column).toList();
  }

  /** The rows that change on either side. */
  private Optional<Keys> rowKeys(SetOperation operation) {
    List<Operator> changes =
        operation.inputs().stream()
            .flatMap(input -> deltas.of(input).stream())
            .map(Weighted::tree)
            .toList();
    List<Typed> rowTypes = operation.columns().stream().map(c -> types.of(c).orNull()).toList();
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Keys.of(steps, changes, Collections.nCopies(changes.size(), row(operation)), rowTypes));
  }

  private List<Operator> restricted(SetOperation operation, List<Scalar> row, Keys rows) {
    return operation.inputs().stream().map(input -> restriction.of(input, row, rows)).toList();
  }
}
