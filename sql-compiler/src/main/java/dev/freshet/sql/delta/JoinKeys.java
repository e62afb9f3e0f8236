package dev.freshet.sql.delta;

import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the equalities among join conditions say of a tree that meets a delta: A ⋉ keys(ΔB). */
final class JoinKeys {
  private final Steps steps;
  private final Types types;
  private final Restriction restriction;

  JoinKeys(Steps steps, Types types, Restriction restriction) {
    this.steps = steps;
    this.types = types;
    this.restriction = restriction;
  }

  /** An input restricted to the rows that can meet a row of {@code other}. */
  Operator meeting(Operator input, Operator other, List<Scalar> conditions) {
    if (Restriction.isTransparent(input)) {
      return input;
    }
    return keysOfJoin(conditions, input, other)
        .map(link -> restriction.of(input, link.expressions(), link.keys()))
        .orElse(input);
  }

  /** Keys of a delta, and which expressions of another tree equal them. */
  private record Link(List<Scalar> expressions, Keys keys) {}

  /** The equalities among conditions between a tree and a delta. */
  private Optional<Link> keysOfJoin(List<Scalar> conditions, Operator tree, Operator delta) {
    Sides sides = sides(conditions, tree, delta);
    return sides.ours().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Link(
                sides.ours(),
                Keys.of(steps, List.of(delta), List.of(sides.theirs()), sides.types())));
  }

  /** What equalities say of two trees, side by side. */
  record Sides(List<Scalar> ours, List<Scalar> theirs, List<Typed> types) {}

  Sides sides(List<Scalar> conditions, Operator our, Operator their) {
    var ours = new ArrayList<Scalar>();
    var theirs = new ArrayList<Scalar>();
    var keyTypes = new ArrayList<Typed>();
    for (Scalar condition : conditions) {
      Optional<Equality> equality =
          Equality.of(condition)
              .map(e -> reads(our, e.left()) ? e : new Equality(e.right(), e.left()))
              .filter(e -> reads(our, e.left()) && reads(their, e.right()));
      Optional<Typed> type = equality.flatMap(e -> types.of(e.right()));
      if (type.isPresent() && RowMatch.hasBuiltInEquality(type.get().type())) {
        ours.add(equality.get().left());
        theirs.add(equality.get().right());
        keyTypes.add(new Typed(type.get().type(), true)); // = is never true of NULL
      }
    }
    return new Sides(ours, theirs, keyTypes);
  }

  private static boolean reads(Operator tree, Scalar scalar) {
    return !scalar.columns().isEmpty() && tree.columns().containsAll(scalar.columns());
  }
}
