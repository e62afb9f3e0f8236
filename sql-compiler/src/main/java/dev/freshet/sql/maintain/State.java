package dev.freshet.sql.maintain;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.delta.Measures;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import java.util.Optional;

/**
 * An aggregate whose new value follows from its old one and the delta.
 *
 * @param ref names it in expressions
 * @param argument type of what is aggregated; of COUNT it does not matter
 */
record State(Kind kind, AggregateCall call, ColumnRef ref, ColumnType argument) {
  enum Kind {
    /** {@code new = old + Σ weight}. */
    COUNT,
    /** {@code new = old + Σ weight·x}, NULL where no x is left. */
    SUM,
    /** {@code new = min(old, inserted)}, recomputed when the minimum itself was deleted. */
    MIN,
    /** {@code new = max(old, inserted)}, recomputed when the maximum itself was deleted. */
    MAX
  }

  static Optional<Kind> kind(AggregateCall call) {
    if (!call.plain()) {
      return Optional.empty();
    }
    return switch (call.function()) {
      case "count" -> Optional.of(Kind.COUNT);
      case "sum" -> Optional.of(Kind.SUM);
      case "min" -> Optional.of(Kind.MIN);
      case "max" -> Optional.of(Kind.MAX);
      default -> Optional.empty();
    };
  }

  boolean isExtremum() {
    return kind == Kind.MIN || kind == Kind.MAX;
  }

  /** The type that SUM adds up in. */
  String sumType() {
    return Measures.sumType(argument.base());
  }

  /** The type of the aggregate's result: that of SUM, of the argument, or bigint. */
  boolean addsNumeric() {
    return kind == Kind.SUM && sumType().equals("numeric");
  }

  /** Values can be NaN or infinite: subtracting them does not undo adding them. */
  boolean mayBeNotFinite() {
    return kind == Kind.SUM && argument.base().equals("numeric");
  }
}
