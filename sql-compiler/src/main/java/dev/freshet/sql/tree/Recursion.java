package dev.freshet.sql.tree;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Copies;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.FunctionRows;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Operator.Values;
import dev.freshet.sql.tree.Operator.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A common table expression that reads itself: {@code R = B ∪ S(R)}, or {@code B + S(R)} if {@code
 * all}.
 *
 * <p>PostgreSQL applies the step S to the rows that were found last, so it is a query of R only if
 * it is linear: the rows that it makes of several rows are those that it makes of each. {@link
 * #obstacle} says where it is not.
 *
 * @param table R itself, as a source that the query and the step read
 * @param all UNION ALL: each row as often as there are ways to it
 * @param step reads {@code table} once; columns as many as those of R, and of its types
 */
public record Recursion(SourceTable table, boolean all, Operator base, Operator step) {
  /** The schema of {@link #table}, which no database has. */
  public static final String SCHEMA = "__freshet_recursive";

  /** More in one query are not followed: a stream table has at most as many hidden tables. */
  public static final int MAX = 8;

  /** Where a row of R is stored. */
  private static final SourceTable.Column PLACE =
      new SourceTable.Column(
          "ctid", new ColumnType("tid", 27, "tid", true, true, false), true, false);

  /** Whether a source is the rows of a recursion. */
  public static boolean isOne(SourceTable table) {
    return table.name().schema().equals(SCHEMA);
  }

  /** R where the step reads it. */
  public Scan self() {
    return Trees.scans(step).stream().filter(this::isSelf).findFirst().orElseThrow();
  }

  private boolean isSelf(Scan scan) {
    return scan.table().oid() == table.oid();
  }

  private boolean reads(Operator tree) {
    return Trees.scans(tree).stream().anyMatch(this::isSelf);
  }

  /** The column of {@link #tracked} that tells from which row of R another one is made. */
  public ColumnRef place() {
    return new ColumnRef(self().relation(), PLACE.name());
  }

  /** The step over other rows, which must offer the columns of {@link #self}. */
  public Operator stepOver(Operator rows) {
    return replaced(step, rows);
  }

  private Operator replaced(Operator tree, Operator rows) {
    if (tree instanceof Scan scan && isSelf(scan)) {
      return rows;
    }
    return reads(tree)
        ? Trees.withInputs(
            tree, tree.inputs().stream().map(input -> replaced(input, rows)).toList())
        : tree;
  }

  /** R with the places of its rows. */
  public SourceTable placed() {
    var columns = new ArrayList<>(table.columns());
    columns.add(PLACE);
    return new SourceTable(
        table.oid(),
        table.name(),
        table.kind(),
        columns,
        table.primaryKey(),
        table.replicaIdentity(),
        table.estimatedRows());
  }

  /** The step with one more column, {@link #place}. */
  public Operator tracked() {
    return tracked(step);
  }

  private Operator tracked(Operator tree) {
    if (tree instanceof Scan scan && isSelf(scan)) {
      return new Scan(scan.relation(), placed());
    }
    if (!reads(tree)) {
      return tree;
    }
    Operator deeper = Trees.withInputs(tree, tree.inputs().stream().map(this::tracked).toList());
    if (deeper instanceof Project(Operator input, var outputs)) {
      var more = new ArrayList<>(outputs);
      more.add(Named.same(place()));
      return new Project(input, more);
    }
    return deeper;
  }

  /** Why the step is not linear in R; empty if it is. */
  public Optional<String> obstacle() {
    return obstacle(step);
  }

  private Optional<String> obstacle(Operator tree) {
    if (!reads(tree) || tree instanceof Scan) {
      return Optional.empty();
    }
    List<Operator> passable =
        switch (tree) {
          case Filter _, Project _, Join _ -> tree.inputs();
          case OuterJoin(Operator left, _, boolean full, _) -> full ? List.of() : List.of(left);
          case Apply(Operator input, _, _, _) -> List.of(input);
          case Lateral(Operator input, Operator right, boolean outer, _) ->
              outer ? List.of(input) : List.of(input, right);
          case Scan _,
              Operator.ClockFilter _, // only where there is no recursion
              Aggregate _,
              UnionAll _,
              Window _,
              DistinctOn _,
              Limit _,
              SetOperation _,
              FunctionRows _,
              Values _,
              Delta _,
              ChangedKeys _,
              Bound _,
              Copies _ ->
              List.of();
        };
    Operator next = tree.inputs().stream().filter(this::reads).findFirst().orElseThrow();
    return passable.contains(next) ? obstacle(next) : Optional.of(what(tree));
  }

  private static String what(Operator tree) {
    return switch (tree) {
      case Aggregate _ -> "DISTINCT or GROUP BY over the rows found last";
      case UnionAll _ -> "UNION ALL beside the rows found last";
      case Window _ -> "a window function over the rows found last";
      case DistinctOn _ -> "DISTINCT ON over the rows found last";
      case Limit _ -> "LIMIT of the rows found last";
      case SetOperation(var kind, _, _, _) -> kind + " with the rows found last";
      default -> tree.getClass().getSimpleName() + " over the rows found last";
    };
  }

  @Override
  public String toString() {
    return "Recursion["
        + table.name().table()
        + (all ? "; UNION ALL](" : "; UNION](")
        + base
        + ", "
        + step
        + ")";
  }
}
