package dev.freshet.sql.maintain;

import dev.freshet.sql.CompiledQuery.ClockUse;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.parse.ClockCondition;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rows of sources that time alone moves in or out of a query.
 *
 * <p>Law: if no source has changed and no row is due, the query has the same result at both times.
 */
public record DueRows(List<ClockFilter> filters) {
  public static final DueRows NONE = new DueRows(List.of());

  public DueRows {
    filters = List.copyOf(filters);
  }

  public static DueRows of(Operator tree) {
    return new DueRows(
        Trees.all(tree)
            .flatMap(o -> o instanceof ClockFilter filter ? Stream.of(filter) : Stream.empty())
            .distinct()
            .toList());
  }

  /** One boolean: whether there is any. */
  public Optional<SqlStatement> probe() {
    return filters.isEmpty()
        ? Optional.empty()
        : Optional.of(
            SqlText.finish(
                filters.stream()
                    .map(DueRows::exists)
                    .distinct()
                    .collect(Collectors.joining("\n OR ", "SELECT ", ""))));
  }

  private static String exists(ClockFilter filter) {
    Operator due = new Filter(new Filter(source(filter), filter.window()), filter.flips());
    Operator one = new Project(due, List.of(new Named(new ColumnRef("", "one"), Scalar.of("1"))));
    return "EXISTS (" + SelectRenderer.select(one, List.of("one")) + ")";
  }

  private static Scan source(ClockFilter filter) {
    return Trees.scans(filter).getFirst();
  }

  /** What is compared with what, each once. */
  public List<ClockUse> uses() {
    return filters.stream()
        .map(
            filter ->
                new ClockUse(
                    source(filter).table().name(),
                    filter.condition().toString(),
                    ClockCondition.of(filter.condition(), _ -> false).columns().stream()
                        .map(ColumnRef::column)
                        .toList()))
        .distinct()
        .toList();
  }
}
