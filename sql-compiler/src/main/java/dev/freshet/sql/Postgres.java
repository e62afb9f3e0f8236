package dev.freshet.sql;

import java.util.List;

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
}
