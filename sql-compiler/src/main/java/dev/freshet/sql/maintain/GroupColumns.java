package dev.freshet.sql.maintain;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.Branch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Types and nullability of what an aggregate reads, as PostgreSQL says.
 *
 * @param groups of the group columns
 * @param arguments of the calls that have exactly one argument
 * @param results of the calls
 */
record GroupColumns(
    Map<ColumnRef, Typed> groups, Map<ColumnRef, Typed> arguments, Map<ColumnRef, Typed> results) {

  Typed group(ColumnRef ref) {
    Typed typed = groups.get(ref);
    if (typed == null) {
      throw new IllegalArgumentException(ref + " is no group column");
    }
    return typed;
  }

  static GroupColumns of(GroupedQuery query, Postgres postgres) {
    var values = new LinkedHashMap<ColumnRef, Scalar>();
    query.aggregate().groups().forEach(g -> values.put(g.as(), g.value()));
    for (Call call : query.aggregate().calls()) {
      call.value().argument().ifPresent(argument -> values.put(call.as(), argument));
    }
    Map<ColumnRef, Typed> inputs = described(query, values, postgres);
    var groups = new LinkedHashMap<ColumnRef, Typed>();
    query.aggregate().groups().forEach(g -> groups.put(g.as(), inputs.get(g.as())));
    for (var group : groups.entrySet()) {
      if (!group.getValue().type().comparable()) {
        throw new UnsupportedQueryException(
            "groups by a value of type " + group.getValue().type().name());
      }
    }
    var arguments = new LinkedHashMap<>(inputs);
    arguments.keySet().removeAll(groups.keySet());
    List<String> names = numbered(query.aggregate().columns().size());
    List<OutputColumn> columns = postgres.describe(SelectRenderer.select(query.aggregate(), names));
    var results = new LinkedHashMap<ColumnRef, Typed>();
    for (int i = groups.size(); i < columns.size(); i++) {
      results.put(query.aggregate().columns().get(i), new Typed(columns.get(i).type(), false));
    }
    return new GroupColumns(groups, arguments, results);
  }

  private static Map<ColumnRef, Typed> described(
      GroupedQuery query, Map<ColumnRef, Scalar> values, Postgres postgres) {
    var described = new LinkedHashMap<ColumnRef, Typed>();
    if (values.isEmpty()) {
      return described;
    }
    List<Named> outputs =
        values.entrySet().stream().map(e -> new Named(e.getKey(), e.getValue())).toList();
    Operator select = new Project(query.aggregate().input(), outputs);
    List<OutputColumn> columns =
        postgres.describe(SelectRenderer.select(select, numbered(outputs.size())));
    for (int i = 0; i < outputs.size(); i++) {
      Scalar value = outputs.get(i).value();
      boolean notNull = query.branches().stream().allMatch(b -> isNotNull(b, value));
      described.put(outputs.get(i).as(), new Typed(columns.get(i).type(), notNull));
    }
    return described;
  }

  private static List<String> numbered(int count) {
    var names = new ArrayList<String>();
    for (int i = 1; i <= count; i++) {
      names.add("c" + i);
    }
    return names;
  }

  /** A plain column that is declared NOT NULL; inner joins keep it so. */
  static boolean isNotNull(Branch branch, Scalar value) {
    return !(branch instanceof Branch.Whole)
        && column(branch, value).map(SourceTable.Column::notNull).orElse(false);
  }

  private static Optional<SourceTable.Column> column(Branch branch, Scalar value) {
    return branch.substituted(value).asColumn().flatMap(ref -> column(branch.scans(), ref));
  }

  static Optional<SourceTable.Column> column(List<Scan> scans, ColumnRef ref) {
    return scans.stream()
        .filter(scan -> scan.relation().equals(ref.relation()))
        .findFirst()
        .flatMap(scan -> scan.table().column(ref.column()));
  }
}
