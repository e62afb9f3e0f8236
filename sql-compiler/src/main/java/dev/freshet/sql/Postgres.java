package dev.freshet.sql;

import java.util.List;
import java.util.Set;

/**
 * What the compiler asks the server while compiling, inside one transaction that is rolled back,
 * with an empty {@code search_path}.
 */
public interface Postgres {
  /**
   * The columns that {@code select} would return, without running it.
   *
   * @throws PostgresRejectedException if PostgreSQL does not accept the text
   */
  List<AnalyzedQuery.OutputColumn> describe(String select);

  /**
   * The definition that PostgreSQL prints for a view of {@code select}: the normal form in which
   * two texts can be compared.
   *
   * @throws PostgresRejectedException if PostgreSQL does not accept the text
   */
  String normalise(String select);

  /**
   * The value of a constant expression of type text.
   *
   * @throws PostgresRejectedException if it cannot be computed
   */
  String evaluate(String expression);

  /** What functions of this name are, whatever their arguments; none if there is no such. */
  Set<FunctionKind> functionKinds(String schema, String name);

  /** The definition of a view, printed like the query's own. */
  String viewDefinition(TableName view);

  /** What a call returns. */
  enum FunctionKind {
    SCALAR,
    AGGREGATE,
    /** Several rows. */
    SET
  }
}
