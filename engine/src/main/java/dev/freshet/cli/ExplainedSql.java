package dev.freshet.cli;

import dev.freshet.engine.Explanation;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A statement of a stream table's life, with the deltas as array parameters {@code $1}, {@code $2}…
 *
 * @param purpose what it is for
 * @param parameters what each {@code $n} stands for, in order
 */
record ExplainedSql(String purpose, String sql, List<String> parameters) {
  private static final int AUDIT_ROWS = 20;

  ExplainedSql {
    parameters = List.copyOf(parameters);
  }

  /**
   * The incremental refresh for changes in {@code changed} sources, or nothing if there are none;
   * with {@code all} everything else as well, and all sources changed where none are named.
   *
   * @throws FreshetException if a name is no source of the query, or it is only refreshed in full
   */
  static List<ExplainedSql> of(Explanation explanation, List<String> changed, boolean all) {
    CompiledQuery query = explanation.compiled();
    TableName target = explanation.target();
    List<ExplainedSql> statements = new ArrayList<>();
    if (all) {
      statements.add(of("table", query.createTable(target, 90), query));
      statements.add(of("fill", query.fill(target), query));
      query.createIndexes(target).forEach(index -> statements.add(of("index", index, query)));
      query
          .createHiddenTables(target)
          .forEach(hidden -> statements.add(of("hidden table", hidden, query)));
    }
    List<DeltaNeed> needs = all && changed.isEmpty() ? query.deltaNeeds() : needs(query, changed);
    if (!needs.isEmpty()) {
      Map<Integer, DeltaBinding> bindings = new LinkedHashMap<>();
      needs.forEach(
          need -> bindings.put(need.source().oid(), new DeltaBinding.Arrays(form(need), Set.of())));
      String purpose =
          needs.stream()
              .map(need -> display(need.source().name()))
              .collect(Collectors.joining(", ", "incremental refresh, changed: ", ""));
      query
          .incremental(target, bindings)
          .forEach(statement -> statements.add(of(purpose, statement, query)));
    }
    if (all) {
      query.full(target).forEach(full -> statements.add(of("full refresh", full, query)));
      statements.add(of("audit", query.audit(target, AUDIT_ROWS), query));
    }
    return statements;
  }

  private static List<DeltaNeed> needs(CompiledQuery query, List<String> changed) {
    if (!changed.isEmpty() && query.deltaNeeds().isEmpty()) {
      throw FreshetException.of(
          Kind.UNSUPPORTED_QUERY,
          "the query is only refreshed in full: there is no delta SQL",
          "explain without --changed tells why");
    }
    return changed.stream().map(String::strip).map(name -> need(query, name)).toList();
  }

  private static DeltaNeed need(CompiledQuery query, String name) {
    return query.deltaNeeds().stream()
        .filter(need -> isNamed(need.source().name(), name))
        .findFirst()
        .orElseThrow(
            () ->
                FreshetException.of(
                    Kind.BAD_SETTING,
                    "\"" + name + "\" is no source of the query",
                    query.query().sources().stream()
                        .map(SourceTable::name)
                        .map(ExplainedSql::display)
                        .collect(Collectors.joining(", ", "its sources are ", ""))));
  }

  private static boolean isNamed(TableName table, String name) {
    return name.equals(table.table())
        || name.equals(table.schema() + "." + table.table())
        || name.equals(table.toString());
  }

  private static Form form(DeltaNeed need) {
    return switch (need) {
      case DeltaNeed.Keyed _ -> Form.KEYED;
      case DeltaNeed.Weighted _ -> Form.WEIGHTED;
      case DeltaNeed.Reduced _ -> Form.REDUCED;
    };
  }

  private static ExplainedSql of(String purpose, SqlStatement statement, CompiledQuery query) {
    List<String> parameters =
        statement.parameters().stream()
            .map(
                parameter ->
                    "column "
                        + (parameter.column() + 1)
                        + " of Δ"
                        + sourceName(query, parameter.sourceOid())
                        + ", "
                        + parameter.arrayType())
            .toList();
    return new ExplainedSql(purpose, Placeholders.numbered(statement.sql()), parameters);
  }

  private static String sourceName(CompiledQuery query, int oid) {
    return query.query().sources().stream()
        .filter(source -> source.oid() == oid)
        .map(source -> source.name().table())
        .findFirst()
        .orElse(Integer.toString(oid));
  }

  /** A name as people write it: quoted only where it must be. */
  static String display(TableName name) {
    return new dev.freshet.config.TableName(name.schema(), name.table()).toString();
  }
}
