package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;

/** Sums as linear columns: exact arithmetic only, in the type that SUM itself adds up in. */
public final class Measures {
  private Measures() {}

  /** The type in which values of {@code base} are added: that of their SUM. */
  public static String sumType(String base) {
    return switch (base) {
      case "int2", "int4" -> "int8";
      default -> "numeric";
    };
  }

  /** x of a row with weight 1; a NULL adds nothing. */
  static Scalar one(Scan scan, ColumnRef x) {
    String base = scan.table().column(x.column()).map(c -> c.type().base()).orElse("numeric");
    return Scalar.of("COALESCE(", x, ", 0)::" + sumType(base));
  }
}
