package dev.freshet.sql.tree;

import dev.freshet.sql.SourceTable;
import dev.freshet.sql.tree.Operator.Aggregate;

/**
 * An aggregate within a query whose groups are kept: {@code G = γ(A)}.
 *
 * @param table G itself, as a source that the query reads; its columns are those of the aggregate,
 *     in order
 */
public record InnerState(SourceTable table, Aggregate aggregate) {
  /** The schema of {@link #table}, which no database has. */
  public static final String SCHEMA = "__freshet_state";

  /** More in one query are not kept: a stream table has at most as many such hidden tables. */
  public static final int MAX = 8;

  /** Whether a source is the groups of an aggregate. */
  public static boolean isOne(SourceTable table) {
    return table.name().schema().equals(SCHEMA);
  }

  /** Whether it is one row, whatever its input holds. */
  public boolean isOneRow() {
    return aggregate.groups().isEmpty();
  }

  @Override
  public String toString() {
    return "InnerState[" + table.name().table() + "](" + aggregate + ")";
  }
}
