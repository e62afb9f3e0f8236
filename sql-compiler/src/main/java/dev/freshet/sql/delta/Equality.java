package dev.freshet.sql.delta;

import dev.freshet.sql.tree.Scalar;
import java.util.Optional;
import java.util.Set;

/** A condition {@code left = right}, taken apart. */
public record Equality(Scalar left, Scalar right) {

  /** The sides, if the condition is PostgreSQL's own {@code =} and nothing else. */
  public static Optional<Equality> of(Scalar condition) {
    return Comparison.of(condition, Set.of("="))
        .map(comparison -> new Equality(comparison.left(), comparison.right()));
  }

  /** The side that faces this one. */
  public Optional<Scalar> other(Scalar side) {
    return left.equals(side)
        ? Optional.of(right)
        : right.equals(side) ? Optional.of(left) : Optional.empty();
  }
}
