package dev.freshet.sql.maintain;

import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.util.List;

/** The rows of a hidden table, which the query, and other hidden tables, read as a source. */
public sealed interface HiddenRows extends Slice permits RecursiveSlice, StateSlice {

  /** The rows as trees know them: a table under a name that no schema has. */
  SourceTable table();

  /** The rows as PostgreSQL computes them, in the columns of {@link #table}. */
  String select();

  /**
   * As {@link #incremental}; what changes is at hand afterwards for those that read the rows.
   *
   * @param delta the name of a temporary table that it may make
   */
  List<SqlStatement> published(TableName target, Changes changes, String delta);

  /**
   * The relation that holds the change after {@link #published}: the columns of {@link #table}, and
   * a weight.
   */
  String change(TableName target, String delta);

  /** Ends what {@link #published} made. */
  List<SqlStatement> forget(String delta);
}
