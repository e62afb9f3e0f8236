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
   */
  record Keyed(int relation, List<String> columns, List<String> key) implements DeltaView {
    public Keyed {
      columns = List.copyOf(columns);
      key = List.copyOf(key);
    }
  }

  /**
   * Rows with signed weights, consolidated by byte equality over {@code columns}; weight zero is
   * left out. Needs complete old rows (replica identity full).
   *
   * <p>Shape: {@code columns…, weight bigint}.
   */
  record Weighted(int relation, List<String> columns) implements DeltaView {
    public Weighted {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A weighted delta reduced to one row per group. Needs complete old rows (replica identity full).
   *
   * <p>Shape: {@code group…, weight bigint}, then per sum {@code total, count bigint} with total =
   * Σ weight·x over non-null x (bigint for int2 and int4, numeric for int8 and numeric) and count =
   * Σ weight over non-null x. Rows that are all zero are left out. If a value is NaN or infinite
   * the delta comes as {@link Delta.Unreducible} and the caller asks again for {@link Weighted}.
   */
  record Reduced(int relation, List<String> group, List<String> sums) implements DeltaView {
    public Reduced {
      group = List.copyOf(group);
      sums = List.copyOf(sums);
    }
  }
}
