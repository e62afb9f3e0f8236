package dev.freshet.sql.parse;

import dev.freshet.sql.parse.ScalarReader.GroupTokens;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.List;

/** Where an expression stands: what names mean there, and who computes what is no scalar. */
interface Place {
  Scope scope();

  /** What kind of function a name means. */
  Functions functions();

  /** The column that holds the value of a sub-query and of the text before it. */
  ColumnRef query(Scalar before, Syntax query);

  /** The expressions that stand for group columns. */
  default List<GroupTokens> groups() {
    return List.of();
  }

  /** Where the arguments of aggregates stand. */
  default Place arguments() {
    return this;
  }

  /** The column that holds the value of an aggregate. */
  default ColumnRef aggregate(AggregateCall call) {
    throw new UnsupportedQueryException("aggregate " + call + " in an unexpected place");
  }

  /** The column that holds the value of a window function, whose call is {@code sql}. */
  default ColumnRef window(String function, List<Scalar> partition, Scalar sql) {
    throw new UnsupportedQueryException("window function " + sql + " in an unexpected place");
  }

  /** The definition of a named window. */
  default List<Token> window(String name) {
    throw new UnsupportedQueryException("there is no window " + name);
  }

  /** The value of GROUPING (…). */
  default Scalar grouping(List<List<Token>> arguments) {
    throw new UnsupportedQueryException("GROUPING (…) in an unexpected place");
  }

  /** Whether a call may return several rows. */
  default boolean allowsSets() {
    return false;
  }
}
