package dev.freshet.sql.delta;

import dev.freshet.sql.SourceTable;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where the deltas of two sources meet in a join, and by which columns the rows of one are asked
 * for there.
 *
 * <p>Source rows that a delta has found are often taken by the planner for a single one: it
 * multiplies the selectivities of columns that depend on each other. Another delta is then read
 * from end to end for each of them, rows × rows in all, unless an index finds its rows.
 */
public final class Meetings {
  private final SourceTable source;
  private final Set<List<String>> found = new LinkedHashSet<>();

  private Meetings(SourceTable source) {
    this.source = source;
  }

  /**
   * The columns by which rows of the source's delta are asked for where another delta is joined,
   * each set once, without those that another set begins with.
   */
  public static List<List<String>> of(SourceTable source, List<Reading> trees) {
    var meetings = new Meetings(source);
    trees.forEach(reading -> meetings.visit(reading.tree()));
    return withoutBeginnings(meetings.found);
  }

  /** Sets of columns, without those that another one begins with. */
  public static List<List<String>> withoutBeginnings(Set<List<String>> all) {
    return all.stream()
        .filter(columns -> all.stream().noneMatch(other -> begins(columns, other)))
        .toList();
  }

  private static boolean begins(List<String> columns, List<String> longer) {
    return longer.size() > columns.size()
        && Set.copyOf(longer.subList(0, columns.size())).equals(Set.copyOf(columns));
  }

  private void visit(Operator tree) {
    JoinBlock block = JoinBlock.of(tree);
    for (Operator leaf : block.leaves()) {
      if (leaf instanceof Delta delta
          && delta.scan().table().oid() == source.oid()
          && block.leaves().stream().anyMatch(other -> isAnother(other, delta))) {
        meet(delta, block);
      }
      leaf.inputs().forEach(this::visit);
    }
  }

  private static boolean isAnother(Operator other, Delta delta) {
    return other instanceof Delta && other != delta;
  }

  /** Another delta asks for the rows; if none does so itself, through the sources between. */
  private void meet(Delta delta, JoinBlock block) {
    Map<Operator, Set<String>> byLeaf = new LinkedHashMap<>();
    for (Scalar condition : block.conditions()) {
      for (Equality equality : ImpliedEqualities.of(condition)) {
        link(delta, equality.left(), equality.right(), block, byLeaf);
        link(delta, equality.right(), equality.left(), block, byLeaf);
      }
    }
    Predicate<Operator> asks =
        byLeaf.keySet().stream().anyMatch(Delta.class::isInstance)
            ? Delta.class::isInstance
            : _ -> true;
    byLeaf.forEach(
        (leaf, columns) -> {
          if (asks.test(leaf)) {
            found.add(List.copyOf(columns));
          }
        });
  }

  private static void link(
      Delta delta, Scalar side, Scalar other, JoinBlock block, Map<Operator, Set<String>> byLeaf) {
    Optional<String> column = column(delta, side);
    if (column.isEmpty() || other.columns().isEmpty()) {
      return;
    }
    for (Operator leaf : block.leaves()) {
      if (leaf != delta && leaf.columns().containsAll(other.columns())) {
        byLeaf.computeIfAbsent(leaf, _ -> new LinkedHashSet<>()).add(column.get());
      }
    }
  }

  private static Optional<String> column(Delta delta, Scalar side) {
    List<ColumnRef> columns = new ArrayList<>(side.columns());
    return columns.size() == 1 && delta.columns().contains(columns.getFirst())
        ? delta
            .scan()
            .table()
            .column(columns.getFirst().column())
            .filter(column -> JoinBlock.isBare(side, column))
            .map(SourceTable.Column::name)
        : Optional.empty();
  }
}
