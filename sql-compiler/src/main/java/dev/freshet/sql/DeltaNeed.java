package dev.freshet.sql;

import java.util.List;

/**
 * In which form a compiled query wants the delta of one source. The columns of the delta relation
 * are, in order:
 *
 * <ul>
 *   <li>{@link Keyed}: {@code columns…, present boolean}: for each primary key that changed the
 *       newest row, or present = false and only the key columns set;
 *   <li>{@link Weighted}: {@code columns…, weight bigint};
 *   <li>{@link Reduced}: {@code group…, weight bigint, (total, count bigint) per sum}: total is Σ
 *       weight·x over non-null x, bigint for int2 and int4, numeric for int8 and numeric.
 * </ul>
 */
public sealed interface DeltaNeed {
  SourceTable source();

  /** Old rows are needed beyond their primary key: replica identity FULL. */
  boolean needsOldValues();

  record Keyed(SourceTable source, List<String> columns, List<String> key) implements DeltaNeed {
    /** The delta relation's last column. */
    public static final String PRESENT = "__freshet_present";

    public Keyed {
      columns = List.copyOf(columns);
      key = List.copyOf(key);
    }

    @Override
    public boolean needsOldValues() {
      return false;
    }
  }

  record Weighted(SourceTable source, List<String> columns) implements DeltaNeed {
    public Weighted {
      columns = List.copyOf(columns);
    }

    @Override
    public boolean needsOldValues() {
      return true;
    }
  }

  /**
   * Signed changes, summed per group before they are shipped.
   *
   * @param fallback what to ask for where a value cannot be summed exactly (NaN, infinity); bound
   *     as {@link DeltaBinding.Form#WEIGHTED}
   */
  record Reduced(SourceTable source, List<String> group, List<String> sums, Weighted fallback)
      implements DeltaNeed {
    public Reduced {
      group = List.copyOf(group);
      sums = List.copyOf(sums);
    }

    @Override
    public boolean needsOldValues() {
      return true;
    }
  }
}
