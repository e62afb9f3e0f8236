package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.ClockFilter;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Columns that nobody reads, left out: a delta ships only what is needed, and a row that changes in
 * nothing that is needed does not change. Law: {@code π(prune(A)) = π(A)} for the columns that are
 * needed.
 */
public final class Pruning {
  private Pruning() {}

  /** The tree, its own columns all kept. */
  public static Operator of(Operator tree) {
    return of(tree, new HashSet<>(tree.columns()));
  }

  private static Operator of(Operator tree, Set<ColumnRef> needed) {
    return switch (tree) {
      case Scan scan -> Trees.narrowed(scan, kept(scan.columns(), needed));
      case Filter(Operator input, Scalar condition) ->
          Trees.narrowed(
              new Filter(of(input, with(needed, List.of(condition))), condition),
              kept(input.columns(), needed));
      case ClockFilter(Operator input, Scalar condition, Scalar before, Scalar window) ->
          Trees.narrowed(
              new ClockFilter(
                  of(input, with(needed, List.of(condition))), condition, before, window),
              kept(input.columns(), needed));
      case Project(Operator input, var outputs) -> {
        List<Named> kept = outputs.stream().filter(o -> needed.contains(o.as())).toList();
        List<Scalar> values = kept.stream().map(Named::value).toList();
        yield new Project(of(input, with(Set.of(), values)), kept);
      }
      case Join(var inputs, var conditions) -> {
        Set<ColumnRef> all = with(needed, conditions);
        yield new Join(inputs.stream().map(input -> of(input, all)).toList(), conditions);
      }
      case UnionAll(var inputs) -> union(inputs, needed);
      case Aggregate(Operator input, var groups, var calls) -> {
        List<Call> kept = calls.stream().filter(c -> needed.contains(c.as())).toList();
        var read = new ArrayList<>(groups.stream().map(Named::value).toList());
        read.addAll(Trees.texts(kept));
        yield new Aggregate(exactly(input, with(Set.of(), read)), groups, kept);
      }
      case OuterJoin(Operator left, Operator right, boolean full, var conditions) -> {
        Set<ColumnRef> all = with(needed, conditions);
        yield new OuterJoin(of(left, all), of(right, all), full, conditions);
      }
      case Apply(Operator input, ColumnRef as, Scalar before, Operator query) -> {
        if (!needed.contains(as)) {
          yield of(input, needed);
        }
        Operator inner = asksForRows(before) ? of(query, Set.of()) : of(query);
        Set<ColumnRef> all = with(needed, List.of(before));
        all.addAll(Trees.free(inner));
        yield new Apply(of(input, all), as, before, inner);
      }
      case Lateral(Operator input, Operator right, boolean outer, var conditions) -> {
        Set<ColumnRef> all = with(needed, conditions);
        Operator beside = of(right, all);
        all.addAll(Trees.free(beside));
        yield new Lateral(of(input, all), beside, outer, conditions);
      }
      case Window(Operator input, var partition, var calls) -> {
        List<Call> kept = calls.stream().filter(c -> needed.contains(c.as())).toList();
        if (kept.isEmpty()) {
          yield of(input, needed);
        }
        var read = new ArrayList<>(partition);
        read.addAll(Trees.texts(kept));
        yield new Window(of(input, with(needed, read)), partition, kept);
      }
      case DistinctOn _, Limit _ ->
          Trees.withInputs(
              tree, List.of(of(tree.inputs().getFirst(), with(needed, Trees.scalars(tree)))));
      case SetOperation _ ->
          Trees.withInputs(tree, tree.inputs().stream().map(input -> of(input)).toList());
      case FunctionRows _, Values _, Delta _, ChangedKeys _, Bound _, Copies _ -> tree;
    };
  }

  /** EXISTS: what the query's columns are does not matter. */
  public static boolean asksForRows(Scalar before) {
    return before.toString().strip().equals("EXISTS");
  }

  /** All branches keep the same columns. */
  private static Operator union(List<Operator> inputs, Set<ColumnRef> needed) {
    List<ColumnRef> columns = kept(inputs.getFirst().columns(), needed);
    return new UnionAll(
        inputs.stream()
            .map(input -> Trees.narrowed(of(input, new HashSet<>(columns)), columns))
            .toList());
  }

  /** Without a column that only conditions read. */
  private static Operator exactly(Operator input, Set<ColumnRef> needed) {
    Operator pruned = of(input, needed);
    return Trees.narrowed(pruned, kept(pruned.columns(), needed));
  }

  private static List<ColumnRef> kept(List<ColumnRef> columns, Set<ColumnRef> needed) {
    return columns.stream().filter(needed::contains).toList();
  }

  private static Set<ColumnRef> with(Set<ColumnRef> needed, List<Scalar> scalars) {
    Set<ColumnRef> all = new HashSet<>(needed);
    scalars.forEach(scalar -> all.addAll(scalar.columns()));
    return all;
  }
}
