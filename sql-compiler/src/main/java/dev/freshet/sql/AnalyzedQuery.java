package dev.freshet.sql;

import java.util.List;
import java.util.Optional;

/**
 * A defining query as PostgreSQL understood it, with {@code search_path} empty.
 *
 * @param text what the user wrote
 * @param definition {@code pg_get_viewdef(oid)}, not pretty-printed: stars expanded, every operator
 *     expression in parentheses, relations schema-qualified, no trailing semicolon
 * @param columns the result's columns
 * @param sources the relations it reads, directly or through views; the views too
 * @param stable the name of a function in it that is STABLE (now(), …) if any: such a query is only
 *     right when refreshed in full
 * @param serverVersion {@code server_version_num / 10000}: 15, 16, 17, 18
 */
public record AnalyzedQuery(
    String text,
    String definition,
    List<OutputColumn> columns,
    List<SourceTable> sources,
    Optional<String> stable,
    int serverVersion) {

  public AnalyzedQuery {
    definition = PrintedSql.accepted(definition);
    columns = List.copyOf(columns);
    sources = List.copyOf(sources);
  }

  public record OutputColumn(String name, ColumnType type) {}
}
