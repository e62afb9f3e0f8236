package dev.freshet.engine;

import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.TableName;
import java.util.List;

/**
 * What the compiler makes of a query.
 *
 * @param target the stream table's name; a placeholder if the query is not one yet
 * @param identities per source what its replica identity is and must be
 */
public record Explanation(TableName target, CompiledQuery compiled, List<Identity> identities) {
  public Explanation {
    identities = List.copyOf(identities);
  }

  /**
   * @param required {@code none}, {@code default} or {@code full}
   * @param sql what to run if {@code current} does not serve; empty if it does
   */
  public record Identity(
      TableName source, String current, String required, String reason, String sql) {}
}
