package dev.freshet.sql.maintain;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.ColumnType;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.delta.SemiJoins;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Pushdown;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Chooses for every branch of a query how it is maintained. */
public final class Planner {
  private static final int MAX_BRANCHES = 64;

  private final AnalyzedQuery query;
  private final Postgres postgres;
  private final InnerAggregates states;

  /**
   * @param states takes the aggregates within the query that are kept
   */
  public Planner(AnalyzedQuery query, Postgres postgres, InnerAggregates states) {
    this.query = query;
    this.postgres = postgres;
    this.states = states;
  }

  /**
   * The slices of a tree.
   *
   * @throws UnsupportedQueryException if one of its branches has no incremental method
   */
  public List<Slice> slices(Operator lowered) {
    Operator tree = InQueries.of(CommonTypes.of(lowered, postgres));
    List<Operator> branches = Unions.branches(tree);
    if (branches.size() > MAX_BRANCHES) {
      throw new UnsupportedQueryException(
          "UNION ALL of " + branches.size() + " branches, more than " + MAX_BRANCHES);
    }
    new CallProbe(postgres).check(tree);
    List<Slice> slices = new ArrayList<>();
    for (int i = 0; i < branches.size(); i++) {
      OptionalInt branch = branches.size() == 1 ? OptionalInt.empty() : OptionalInt.of(i);
      var rows = new SliceRows(query.columns(), branch, query.serverVersion());
      slices.add(slice(rows, branches.size() == 1 ? branches.get(i) : typed(branches.get(i))));
    }
    return slices;
  }

  /** A branch whose columns have exactly the union's types. */
  private Operator typed(Operator branch) {
    List<String> names = query.columns().stream().map(OutputColumn::name).toList();
    List<OutputColumn> own = postgres.describe(SelectRenderer.select(branch, names));
    var outputs = new ArrayList<Named>();
    for (int i = 0; i < names.size(); i++) {
      var ref = branch.columns().get(i);
      ColumnType wanted = query.columns().get(i).type();
      boolean same = own.get(i).type().name().equals(wanted.name());
      outputs.add(
          new Named(ref, same ? Scalar.column(ref) : Scalar.of("(", ref, ")::" + wanted.name())));
    }
    return new Project(branch, outputs);
  }

  private Slice slice(SliceRows rows, Operator branch) {
    Optional<Spj> spj = Spj.of(branch);
    if (spj.isPresent()) {
      boolean keyed =
          !spj.get().scans().isEmpty()
              && spj.get().scans().stream().noneMatch(s -> s.table().primaryKey().isEmpty());
      OperatorNote note = Notes.of(branch, keyed);
      return keyed
          ? new KeyedSlice(rows, spj.get(), note)
          : BagSlice.of(rows, Pruning.of(branch), Types.NONE, note);
    }
    if (Trees.followsClock(branch)) {
      Optional<Spj> timeless = Spj.of(timeless(branch));
      if (timeless.isPresent()
          && timeless.get().scans().stream().noneMatch(s -> s.table().primaryKey().isEmpty())) {
        return new KeyedSlice(
            rows, timeless.get(), DueRows.of(branch).filters(), Notes.of(branch, true));
      }
    }
    Optional<GroupedQuery> grouped = GroupedQuery.of(branch);
    return grouped.isPresent() && grouped.get().isPlain()
        ? groups(rows, grouped.get(), branch)
        : any(rows, Pruning.of(states.kept(Pushdown.of(SemiJoins.of(Pushdown.of(branch))))));
  }

  /** The query at one moment: a condition on the clock is one like others. */
  private static Operator timeless(Operator tree) {
    List<Operator> inputs = tree.inputs().stream().map(Planner::timeless).toList();
    return tree instanceof ClockFilter(_, Scalar condition, _, _)
        ? new Filter(inputs.getFirst(), condition)
        : Trees.withInputs(tree, inputs);
  }

  /** What has no normal form: the general rules need the types of what they compare. */
  private Slice any(SliceRows rows, Operator tree) {
    if (!Trees.free(tree).isEmpty()) {
      throw new IllegalStateException("columns that nothing makes: " + Trees.free(tree));
    }
    Types types = TypeReader.read(tree, postgres);
    Optional<GroupedQuery> grouped = GroupedQuery.of(tree);
    if (grouped.isPresent()) {
      return groups(rows, grouped.get().with(types), tree);
    }
    OperatorNote note = Notes.of(tree, false);
    if (Trees.followsClock(tree)) {
      return TopSlice.of(rows, tree, types, note)
          .orElseGet(() -> BagSlice.of(rows, tree, types, note));
    }
    return TopSlice.of(rows, tree, types, note)
        .or(() -> WindowSlice.of(rows, tree, types, note))
        .or(() -> AffectedRowsSlice.of(rows, tree, types, note))
        .orElseGet(() -> BagSlice.of(rows, tree, types, note));
  }

  private Slice groups(SliceRows rows, GroupedQuery grouped, Operator branch) {
    GroupColumns columns = GroupColumns.of(grouped, postgres);
    Optional<String> obstacle = States.obstacle(grouped, columns);
    if (obstacle.isPresent()) {
      OperatorNote note = Notes.of(branch, false, RefreshClass.AFFECTED_KEYS, obstacle.get());
      return new AffectedGroupsSlice(rows, grouped, columns, note);
    }
    OperatorNote note =
        Notes.of(
            branch,
            false,
            RefreshClass.ALGEBRAIC,
            "each group's aggregates follow from their old values and the delta");
    return new AlgebraicGroupsSlice(rows, grouped, columns, note);
  }
}
