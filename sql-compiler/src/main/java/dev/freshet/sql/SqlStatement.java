package dev.freshet.sql;

import java.util.List;

/**
 * A statement to execute, with {@code ?} where a parameter stands (a literal question mark is
 * doubled, as JDBC wants it).
 *
 * @param parameters what to bind, in order of the question marks
 */
public record SqlStatement(String sql, List<Parameter> parameters) {

  public SqlStatement {
    parameters = List.copyOf(parameters);
  }

  /**
   * Column {@code column} (from 0) of the delta relation of the source with this oid, as an array.
   *
   * @param arrayType the array type's name to bind as, {@code int4[]} …, {@code text[]} for text
   *     columns
   */
  public record Parameter(int sourceOid, int column, String arrayType) {}

  public static SqlStatement of(String sql) {
    return new SqlStatement(sql, List.of());
  }
}
