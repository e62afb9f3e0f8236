package dev.freshet.engine.refresh;

import dev.freshet.cdc.DeltaRows;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The delta of one source, with the way it will be shipped to the server.
 *
 * @param indexed whether its table gets indexes, by which others find its rows
 * @param made the query that its table is made of, if it is in the server already
 */
record BoundDelta(
    DeltaNeed need,
    DeltaRows rows,
    DeltaBinding binding,
    long changes,
    boolean indexed,
    Optional<String> made) {

  /**
   * Pairs of rows of two deltas that are compared in about 50 milliseconds, if the planner chooses
   * to compare them all; two small tables with an index cost ten.
   */
  private static final long MOST_PAIRS = 500_000;

  BoundDelta(DeltaNeed need, DeltaRows rows, DeltaBinding binding, long changes) {
    this(need, rows, binding, changes, false, Optional.empty());
  }

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
    Set<Integer> text = textColumns(rows);
    boolean copy = hasArrayColumn(need) || (rows.rowCount() >= copyThreshold && text.isEmpty());
    DeltaBinding binding =
        copy ? new DeltaBinding.Table(form, temporaryTable) : new DeltaBinding.Arrays(form, text);
    return new BoundDelta(need, rows, binding, changes);
  }

  private static Set<Integer> textColumns(DeltaRows rows) {
    Set<Integer> text = new HashSet<>();
    for (int i = 0; i < rows.columns().size(); i++) {
      if (!rows.columns().get(i).binary()) {
        text.add(i);
      }
    }
    return text;
  }

  /**
   * This delta, in a table with indexes if too many pairs of its rows and another delta's might be
   * compared otherwise, or of its rows and those that they concern.
   */
  BoundDelta beside(List<BoundDelta> others, RepeatedDeltas repeated, String temporaryTable) {
    long count = rows.rowCount();
    long most =
        others.stream()
            .filter(other -> other.need() != need)
            .mapToLong(other -> other.rows().rowCount())
            .max()
            .orElse(0);
    boolean index =
        binding.form() == DeltaBinding.Form.WEIGHTED
            && textColumns(rows).isEmpty()
            && (most * count > MOST_PAIRS
                || (count * count > MOST_PAIRS && repeated.contains(need)));
    if (!index) {
      return this;
    }
    Optional<String> there =
        binding instanceof DeltaBinding.Table(_, var query) && !travels()
            ? Optional.of(query)
            : Optional.empty();
    var table = new DeltaBinding.Table(binding.form(), temporaryTable);
    return new BoundDelta(need, rows, table, changes, true, there);
  }

  /** Whether its rows come from this process; those of an upstream are in the server already. */
  boolean travels() {
    return !(rows instanceof AppliedRows);
  }

  static long rowsOf(List<BoundDelta> deltas) {
    return deltas.stream().mapToLong(delta -> delta.rows().rowCount()).sum();
  }

  static Map<Integer, Long> rowsBySource(List<BoundDelta> deltas) {
    return deltas.stream()
        .collect(
            Collectors.toMap(
                delta -> delta.need().source().oid(), delta -> (long) delta.rows().rowCount()));
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
