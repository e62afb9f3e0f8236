package dev.freshet.sql;

import dev.freshet.sql.filter.RowCondition;
import java.util.List;
import java.util.stream.Stream;

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

  /**
   * What is true of every row that the query can notice, over {@link #columnNames}. Rows of which
   * it is not true may be left out of the delta, or may be in it: of {@link Weighted} and {@link
   * Reduced} each signed row for itself; of {@link Keyed} a key of which neither the row at the
   * stream table's frontier nor the newest row satisfies it.
   */
  RowCondition filter();

  /** The same with another filter. */
  DeltaNeed withFilter(RowCondition filter);

  /** All columns of the source that the delta is made of. */
  List<String> columnNames();

  record Keyed(SourceTable source, List<String> columns, List<String> key, RowCondition filter)
      implements DeltaNeed {
    /** The delta relation's last column. */
    public static final String PRESENT = "__freshet_present";

    public Keyed {
      columns = List.copyOf(columns);
      key = List.copyOf(key);
    }

    /** All keys that changed. */
    public Keyed(SourceTable source, List<String> columns, List<String> key) {
      this(source, columns, key, RowCondition.UNKNOWN);
    }

    @Override
    public boolean needsOldValues() {
      return false;
    }

    @Override
    public Keyed withFilter(RowCondition other) {
      return new Keyed(source, columns, key, other);
    }

    @Override
    public List<String> columnNames() {
      return columns;
    }
  }

  record Weighted(SourceTable source, List<String> columns, RowCondition filter)
      implements DeltaNeed {
    public Weighted {
      columns = List.copyOf(columns);
    }

    /** All changed rows. */
    public Weighted(SourceTable source, List<String> columns) {
      this(source, columns, RowCondition.UNKNOWN);
    }

    @Override
    public boolean needsOldValues() {
      return true;
    }

    @Override
    public Weighted withFilter(RowCondition other) {
      return new Weighted(source, columns, other);
    }

    @Override
    public List<String> columnNames() {
      return columns;
    }
  }

  /**
   * Signed changes, summed per group before they are shipped. Its filter is that of the fallback.
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

    @Override
    public RowCondition filter() {
      return fallback.filter();
    }

    @Override
    public Reduced withFilter(RowCondition filter) {
      return new Reduced(source, group, sums, fallback.withFilter(filter));
    }

    @Override
    public List<String> columnNames() {
      return Stream.concat(group.stream(), sums.stream()).toList();
    }
  }
}
