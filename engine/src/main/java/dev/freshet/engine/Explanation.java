package dev.freshet.engine;

import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.TableName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the compiler makes of a query.
 *
 * @param target the stream table's name; a placeholder if the query is not one yet
 * @param settings of the session that the result depends on, with the values that are pinned
 * @param identities per captured source what its replica identity is and must be
 * @param clockIndexes for each column that the clock is compared with
 * @param upstreams the sources that are stream tables, which are not captured
 * @param missingIndexes without which a refresh reads whole tables
 */
public record Explanation(
    TableName target,
    CompiledQuery compiled,
    Map<String, String> settings,
    List<Identity> identities,
    List<Upstream> upstreams,
    List<IndexHint> missingIndexes,
    List<ClockIndex> clockIndexes) {
  public Explanation {
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    missingIndexes = List.copyOf(missingIndexes);
    identities = List.copyOf(identities);
    upstreams = List.copyOf(upstreams);
    clockIndexes = List.copyOf(clockIndexes);
  }

  /**
   * How the rows of a source are found that time moves in or out.
   *
   * @param condition what compares the source with the clock
   * @param column what an index must begin with; empty if none can serve
   * @param index the index that serves; empty if there is none
   * @param sql what to run for one; empty if there is one or none can serve
   */
  public record ClockIndex(
      TableName source,
      String condition,
      Optional<String> column,
      Optional<String> index,
      String sql) {}

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
