package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.delta.Shape;
import dev.freshet.sql.tree.Operator.Scan;
import java.util.List;
import java.util.function.Function;

/** In which columns each scan of a tree takes part in its delta. */
final class Shapes {
  private Shapes() {}

  /**
   * A changed source comes in the columns of its need; one that did not change comes as it is, but
   * for the sums that its need has.
   */
  static Function<Scan, Shape> of(Changes changes, Function<Scan, DeltaNeed> unchanged) {
    return scan -> {
      Changes.Changed changed = changes.bySource().get(scan.table().oid());
      return of(changed == null ? unchanged.apply(scan) : changed.need());
    };
  }

  private static Shape of(DeltaNeed need) {
    return switch (need) {
      case DeltaNeed.Keyed keyed -> new Shape(keyed.columns(), List.of());
      case DeltaNeed.Weighted weighted -> new Shape(weighted.columns(), List.of());
      case DeltaNeed.Reduced reduced -> new Shape(reduced.group(), reduced.sums());
    };
  }
}
