package dev.freshet.engine;

import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.TableName;
import java.util.List;

/**
 * What the compiler makes of a query.
 *
 * @param target the stream table's name; a placeholder if the query is not one yet
 * @param identities per captured source what its replica identity is and must be
 * @param upstreams the sources that are stream tables, which are not captured
 * @param missingIndexes without which a refresh reads whole tables
 */
public record Explanation(
    TableName target,
    CompiledQuery compiled,
    List<Identity> identities,
    List<Upstream> upstreams,
    List<IndexHint> missingIndexes) {
  public Explanation {
    missingIndexes = List.copyOf(missingIndexes);
    identities = List.copyOf(identities);
    upstreams = List.copyOf(upstreams);
  }

  /**
   * A stream table that the query reads.
   *
   * @param level 0 if it reads no stream table itself, otherwise one more than the highest
   */
  public record Upstream(TableName name, int level) {}

  /**
   * @param required {@code none}, {@code default} or {@code full}
   * @param sql what to run if {@code current} does not serve; empty if it does
   */
  public record Identity(
      TableName source, String current, String required, String reason, String sql) {}
}
