package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Scalar.Piece;
import dev.freshet.sql.tree.Scalar.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code x IN (Q)} as EXISTS. Law: as a condition, where unknown counts as false, {@code x IN (Q)} is
 * {@code EXISTS (σ x = y (Q))} with y the column of Q. (As a value, or negated, it is not.)
 */
final class Membership {
  private static final String IN = " IN ";

  private Membership() {}

  static Optional<Apply> asExistence(Apply apply) {
    List<Piece> pieces = apply.before().pieces();
    if (apply.query().columns().size() != 1
        || pieces.isEmpty()
        || !(pieces.getLast() instanceof Text(String text))
        || !text.endsWith(IN)) {
      return Optional.empty();
    }
    var left =
        new ArrayList<Object>(
            pieces.subList(0, pieces.size() - 1).stream()
                .map(piece -> new Scalar(List.of(piece)))
                .toList());
    String rest = text.substring(0, text.length() - IN.length());
    if (!rest.isEmpty()) {
      left.add(rest);
    }
    Scalar x = Scalar.of(left.toArray());
    Scalar equal =
        Scalar.of("(", x.grouped(), " = ", apply.query().columns().getFirst(), ")");
    return Optional.of(
        new Apply(
            apply.input(),
            apply.as(),
            Scalar.of("EXISTS "),
            new Join(List.of(apply.query()), List.of(equal))));
  }
}
