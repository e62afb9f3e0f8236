package dev.freshet.sql.maintain;

import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The rows of a source that time moved in or out: for a slice that goes by keys, further changed
 * keys. It may be told too many, so all comparisons of a source with the clock are taken together.
 *
 * @param due true for these rows
 * @param columns in which their new values are read
 */
record ClockRows(Scan scan, Scalar due, List<String> columns) {
  ClockRows {
    columns = List.copyOf(columns);
  }

  /**
   * By the sources' oids.
   *
   * @param columns what is read of a scan's source
   */
  static Map<Integer, ClockRows> of(
      List<ClockFilter> filters, Function<Scan, List<String>> columns) {
    Map<Integer, ClockRows> all = new LinkedHashMap<>();
    for (ClockFilter filter : filters) {
      Scan scan = Trees.scans(filter).getFirst();
      all.merge(
          scan.table().oid(), new ClockRows(scan, due(filter), columns.apply(scan)), ClockRows::or);
    }
    return all;
  }

  private static Scalar due(ClockFilter filter) {
    return Scalar.of("(", filter.window().grouped(), " AND ", filter.flips().grouped(), ")");
  }

  /** Of another scan of the same table, perhaps. */
  private ClockRows or(ClockRows other) {
    Scalar same = other.due.map(ref -> Scalar.column(new ColumnRef(scan.relation(), ref.column())));
    return new ClockRows(scan, Scalar.of("(", due, " OR ", same, ")"), columns);
  }

  /** A SELECT of columns of the source and, as the last one, that the row is present. */
  String select(List<String> names) {
    var outputs = new ArrayList<Named>();
    names.forEach(name -> outputs.add(Named.same(new ColumnRef(scan.relation(), name))));
    outputs.add(new Named(new ColumnRef("", DeltaRelations.PRESENT), Scalar.of("TRUE")));
    return SelectRenderer.select(
        new Project(new Filter(scan, due), outputs),
        outputs.stream().map(output -> output.as().column()).toList());
  }
}
