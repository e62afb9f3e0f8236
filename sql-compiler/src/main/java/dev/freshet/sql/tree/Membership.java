package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Scalar.Piece;
import dev.freshet.sql.tree.Scalar.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code x IN (Q)} as EXISTS. Law: as a condition, where unknown counts as false, {@code x IN (Q)}
 * is {@code EXISTS (σ x = y (Q))} with y the column of Q. (As a value, or negated, it is not.)
 */
final class Membership {
  private static final String IN = " IN";

  private Membership() {}

  static Optional<Apply> asExistence(Apply apply) {
    var left = new ArrayList<Piece>(apply.before().pieces());
    var end = new StringBuilder();
    while (!left.isEmpty() && left.getLast() instanceof Text(String text)) {
      end.insert(0, text);
      left.removeLast();
    }
    String operator = end.toString().stripTrailing();
    if (apply.query().columns().size() != 1 || !operator.endsWith(IN)) {
      return Optional.empty();
    }
    String rest = operator.substring(0, operator.length() - IN.length());
    if (!rest.isEmpty()) {
      left.add(new Text(rest));
    }
    Scalar x = new Scalar(left);
    Scalar equal = Scalar.of("(", x.grouped(), " = ", apply.query().columns().getFirst(), ")");
    return Optional.of(
        new Apply(
            apply.input(),
            apply.as(),
            Scalar.of("EXISTS "),
            new Join(List.of(apply.query()), List.of(equal))));
  }
}
