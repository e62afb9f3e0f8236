package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.StorageLayout;
import dev.freshet.sql.TableName;
import java.util.List;

/** A part of a stream table that is maintained by one method. */
public sealed interface Slice
    permits BagSlice,
        HiddenRows,
        TopSlice,
        KeyedSlice,
        AlgebraicGroupsSlice,
        AffectedGroupsSlice,
        AffectedRowsSlice,
        WindowSlice {

  RefreshClass refreshClass();

  OperatorNote note();

  /** What identifies a row, for people. */
  String rowIdentity();

  /** The columns that it stores besides the query's own. */
  List<HiddenColumn> hidden();

  /** A SELECT of the visible columns, then the hidden ones, under their names in the table. */
  String storageSelect();

  /** What it reads to be maintained incrementally; empty if it cannot be. */
  List<DeltaNeed> needs();

  List<SqlStatement> createIndexes(TableName target);

  /** The names of the indexes that {@link #createIndexes} makes, unquoted. */
  List<String> indexNames(TableName target);

  /** Makes the slice equal to its query by writing only differences. */
  List<SqlStatement> full(TableName target);

  /** Applies the deltas of the changed sources; empty if it reads none of them. */
  List<SqlStatement> incremental(TableName target, Changes changes);

  /**
   * A column that is stored and not selected.
   *
   * @param type as it stands in a cast
   */
  record HiddenColumn(String name, String type, String meaning) {
    public StorageLayout.Column asStored() {
      return new StorageLayout.Column(name, true, meaning);
    }
  }
}
