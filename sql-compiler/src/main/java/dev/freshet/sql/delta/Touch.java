package dev.freshet.sql.delta;

import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Scalar;
import java.util.List;
import java.util.Optional;

/**
 * How a delta concerns the rows of a tree.
 *
 * @param expressions of the tree that equal the columns of {@code keys}
 * @param rows otherwise the delta's rows, and conditions that link them
 */
record Touch(List<Scalar> expressions, Optional<Keys> keys, Operator rows, List<Scalar> links) {
  /** Rows by their key. */
  static Touch of(List<Scalar> expressions, Keys keys) {
    return new Touch(expressions, Optional.of(keys), keys.relation(), List.of());
  }

  Operator restricted(Restriction restriction, Operator tree) {
    return restriction.of(tree, expressions, keys.orElseThrow());
  }
}
