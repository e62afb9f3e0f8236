package dev.freshet.engine.refresh;

import dev.freshet.cdc.DeltaRows;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The delta of one source, with the way it will be shipped to the server. */
record BoundDelta(DeltaNeed need, DeltaRows rows, DeltaBinding binding, long changes) {

  /**
   * Chooses arrays for small deltas and a temporary table for large ones, and for columns that are
   * arrays themselves: {@code unnest} would flatten those.
   *
   * @param copyThreshold rows from which COPY into a temporary table is cheaper
   */
  static BoundDelta bind(
      DeltaNeed need,
      DeltaBinding.Form form,
      DeltaRows rows,
      long changes,
      long copyThreshold,
      String temporaryTable) {
    Set<Integer> text = new HashSet<>();
    for (int i = 0; i < rows.columns().size(); i++) {
      if (!rows.columns().get(i).binary()) {
        text.add(i);
      }
    }
    boolean copy = hasArrayColumn(need) || (rows.rowCount() >= copyThreshold && text.isEmpty());
    DeltaBinding binding =
        copy ? new DeltaBinding.Table(form, temporaryTable) : new DeltaBinding.Arrays(form, text);
    return new BoundDelta(need, rows, binding, changes);
  }

  /** Whether its rows come from this process; those of an upstream are in the server already. */
  boolean travels() {
    return !(rows instanceof AppliedRows);
  }

  private static boolean hasArrayColumn(DeltaNeed need) {
    return columns(need).stream()
        .anyMatch(name -> need.source().column(name).orElseThrow().type().array());
  }

  private static List<String> columns(DeltaNeed need) {
    return switch (need) {
      case DeltaNeed.Keyed keyed -> keyed.columns();
      case DeltaNeed.Weighted weighted -> weighted.columns();
      case DeltaNeed.Reduced reduced -> reduced.group();
    };
  }
}
