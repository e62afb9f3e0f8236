package dev.freshet.sql.maintain;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import java.util.List;
import java.util.OptionalInt;

/**
 * Which rows of the stream table a slice owns.
 *
 * @param columns the query's columns
 * @param branch the value of {@link #BRANCH} in its rows; empty if the slice is the whole table
 * @param serverVersion 15 to 18
 */
public record SliceRows(List<OutputColumn> columns, OptionalInt branch, int serverVersion) {
  /** The hidden column that tells the branches of a UNION ALL apart. */
  public static final String BRANCH = "__freshet_branch";

  public SliceRows {
    columns = List.copyOf(columns);
  }

  /** {@code alias}'s row belongs to this slice, as a conjunct to add; empty text if all do. */
  String owned(String alias) {
    return branch.isPresent() ? " AND " + alias + ".\"" + BRANCH + "\" = " + branch.getAsInt() : "";
  }

  /** The predicate of this slice's partial indexes; empty text if it owns all rows. */
  String indexPredicate() {
    return branch.isPresent() ? " WHERE \"" + BRANCH + "\" = " + branch.getAsInt() : "";
  }

  /** The prefix of this slice's hidden columns. */
  String prefix() {
    return branch.isPresent() ? "__freshet_b" + branch.getAsInt() + "_" : "__freshet_";
  }

  /** The suffix that tells this slice's index names apart. */
  String indexSuffix() {
    return branch.isPresent() ? "_b" + branch.getAsInt() : "";
  }
}
