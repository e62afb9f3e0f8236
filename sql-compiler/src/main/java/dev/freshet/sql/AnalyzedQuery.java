package dev.freshet.sql;

import java.util.List;

/**
 * A defining query as PostgreSQL understood it, with {@code search_path} empty.
 *
 * @param text what the user wrote
 * @param definition {@code pg_get_viewdef(oid)}, not pretty-printed: stars expanded, every operator
 *     expression in parentheses, relations schema-qualified, no trailing semicolon
 * @param columns the result's columns
 * @param sources the relations it reads, directly or through views; the views too
 * @param calls what it calls, as far as its result may depend on more than rows
 * @param serverVersion {@code server_version_num / 10000}: 15, 16, 17, 18
 */
public record AnalyzedQuery(
    String text,
    String definition,
    List<OutputColumn> columns,
    List<SourceTable> sources,
    Calls calls,
    int serverVersion) {

  public AnalyzedQuery {
    definition = PrintedSql.accepted(definition);
    columns = List.copyOf(columns);
    sources = List.copyOf(sources);
  }

  /** Whether its result changes only when rows do. */
  public Stability stability() {
    return Stability.of(calls);
  }

  public record OutputColumn(String name, ColumnType type) {}
}
