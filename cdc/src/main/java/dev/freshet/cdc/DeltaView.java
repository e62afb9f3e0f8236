package dev.freshet.cdc;

import java.util.List;

/**
 * How one stream table wants to read the changes of one source.
 *
 * <p>Equal views are shared: the buffer computes each once per transaction.
 */
public sealed interface DeltaView {
  /** The source's oid, as pgoutput's Relation message carries it. */
  int relation();

  /** Which rows are of interest; it looks at columns of the view only. */
  RowFilter filter();

  /**
   * Net effect per primary key: for each key that changed, either the newest row or "gone". Needs
   * key columns of old rows only (replica identity default).
   *
   * <p>Shape of the delta: {@code columns…, present boolean}. One row per distinct key (byte
   * equality). Of a key that is gone only the key columns are set. A key that came and went between
   * the snapshots is still listed (gone): that is harmless.
   *
   * @param columns the columns to deliver, key columns included
   * @param key the primary key columns, a subset of {@code columns}
   * @param filter a key is left out where the window tells that neither its row at the frontier nor
   *     the newest one passes
   */
  record Keyed(int relation, List<String> columns, List<String> key, RowFilter filter)
      implements DeltaView {
    public Keyed {
      columns = List.copyOf(columns);
      key = List.copyOf(key);
    }

    /** All keys. */
    public Keyed(int relation, List<String> columns, List<String> key) {
      this(relation, columns, key, RowFilter.ALL);
    }
  }

  /**
   * Rows with signed weights, consolidated by byte equality over {@code columns}; weight zero is
   * left out. Needs complete old rows (replica identity full).
   *
   * <p>Shape: {@code columns…, weight bigint}.
   *
   * @param filter decides of each signed row by itself
   */
  record Weighted(int relation, List<String> columns, RowFilter filter) implements DeltaView {
    public Weighted {
      columns = List.copyOf(columns);
    }

    /** All rows. */
    public Weighted(int relation, List<String> columns) {
      this(relation, columns, RowFilter.ALL);
    }
  }

  /**
   * A weighted delta reduced to one row per group. Needs complete old rows (replica identity full).
   *
   * <p>Shape: {@code group…, weight bigint}, then per sum {@code total, count bigint} with total =
   * Σ weight·x over non-null x (bigint for int2 and int4, numeric for int8 and numeric) and count =
   * Σ weight over non-null x. Rows that are all zero are left out. If a value is NaN or infinite
   * the delta comes as {@link Delta.Unreducible} and the caller asks again for {@link Weighted}.
   *
   * @param filter decides of each signed row by itself, before it is added
   */
  record Reduced(int relation, List<String> group, List<String> sums, RowFilter filter)
      implements DeltaView {
    public Reduced {
      group = List.copyOf(group);
      sums = List.copyOf(sums);
    }

    /** All rows. */
    public Reduced(int relation, List<String> group, List<String> sums) {
      this(relation, group, sums, RowFilter.ALL);
    }
  }
}
