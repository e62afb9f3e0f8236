package dev.freshet.sql.delta;

import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
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
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How the result of a correlated query depends on the row that it is evaluated for.
 *
 * <p>Law: if Q(a) changes, then for one of the alternatives the change of {@link #core}, a query
 * that is not correlated, has a row that satisfies all {@link #links} together with a. The links
 * may say too little, never too much: what stands above an aggregate or a LIMIT does not restrict
 * which rows beneath it matter.
 *
 * @param links conditions over the core's columns and those of the outer row
 * @param columns what the query's columns are over the core's and the outer row's, as far as a
 *     condition on them restricts the rows of the core
 * @param outer the columns of outer rows
 */
record Correlation(
    Operator core, List<Scalar> links, Map<ColumnRef, Scalar> columns, Set<ColumnRef> outer) {
  private static final int MOST = 48;

  Correlation {
    links = List.copyOf(links);
    outer = Set.copyOf(outer);
  }

  /** The alternatives. */
  static List<Correlation> of(Operator query) {
    return of(query, Trees.free(query));
  }

  /** Ways of ways multiply; of too many it is enough to know that something changed. */
  private static List<Correlation> of(Operator query, Set<ColumnRef> outer) {
    List<Correlation> all = each(query, outer);
    return all.size() > MOST ? unlinked(query, outer) : all;
  }

  private static List<Correlation> each(Operator query, Set<ColumnRef> outer) {
    if (Trees.free(query).isEmpty()) {
      return List.of(new Correlation(query, List.of(), same(query.columns()), outer));
    }
    return switch (query) {
      case Filter(Operator input, Scalar condition) ->
          of(input, outer).stream().map(c -> c.filtered(List.of(condition))).toList();
      // Dropped from the core, it would be a change that no alternative tells of.
      case ClockFilter _ ->
          throw new UnsupportedQueryException(
              "the clock restricts rows of a sub-query that reads columns of the query around it");
      case Project(Operator input, var outputs) ->
          of(input, outer).stream().map(c -> c.renamed(outputs)).toList();
      case Join(var inputs, var conditions) ->
          product(inputs, outer).stream().map(c -> c.filtered(conditions)).toList();
      case UnionAll(var inputs) ->
          inputs.stream().flatMap(input -> of(input, outer).stream()).toList();
      case SetOperation(_, _, Operator left, Operator right) ->
          Stream.concat(of(left, outer).stream(), of(right, outer).stream()).toList();
      case Aggregate(Operator input, var groups, _) -> {
        var all = new ArrayList<>(of(input, outer).stream().map(c -> c.renamed(groups)).toList());
        if (groups.isEmpty()) {
          all.add(nothing(outer)); // it has a row even if no row of the input matters
        }
        yield all;
      }
      case Window(Operator input, var partition, _) ->
          of(input, outer).stream().map(c -> c.only(plain(partition))).toList();
      case DistinctOn(Operator input, var on, _) ->
          of(input, outer).stream().map(c -> c.only(plain(on))).toList();
      case Limit(Operator input, _, _, _, _) ->
          of(input, outer).stream().map(c -> c.only(List.of())).toList();
      case OuterJoin(Operator left, Operator right, boolean full, var conditions) ->
          full ? unlinked(query, outer) : beside(left, right, conditions, outer);
      case Apply(Operator input, _, _, Operator inner) -> beside(input, inner, List.of(), outer);
      case Lateral(Operator input, Operator right, _, var conditions) ->
          beside(input, right, conditions, outer);
      // They read no table: whatever changes does not change them.
      case FunctionRows _, Values _ -> List.of(nothing(outer));
      case Scan _, Delta _, ChangedKeys _, Bound _, Copies _ ->
          throw new IllegalArgumentException("not a correlated query: " + query);
    };
  }

  private static Correlation nothing(Set<ColumnRef> outer) {
    return new Correlation(new Join(List.of(), List.of()), List.of(), Map.of(), outer);
  }

  /** Any change of any source: nothing is known of which rows it concerns. */
  private static List<Correlation> unlinked(Operator query, Set<ColumnRef> outer) {
    if (Trees.followsClock(query)) {
      throw new UnsupportedQueryException(
          "the clock restricts a side of FULL JOIN in a sub-query that reads columns around it");
    }
    return Trees.scans(query).stream()
        .map(scan -> new Correlation(scan, List.of(), Map.of(), outer))
        .toList();
  }

  /** A change of the left side, or of a pair of rows; conditions above concern the left side. */
  private static List<Correlation> beside(
      Operator left, Operator right, List<Scalar> conditions, Set<ColumnRef> outer) {
    List<Correlation> all = new ArrayList<>(of(left, outer));
    Set<ColumnRef> seen = new HashSet<>(outer);
    seen.addAll(left.columns());
    for (Correlation before : of(left, outer)) {
      for (Correlation after : of(right, seen)) {
        if (Trees.scans(after.core()).isEmpty()) {
          continue; // a change of the pair is a change of the left side
        }
        all.add(before.times(after).filtered(conditions).only(left.columns()));
      }
    }
    return all;
  }

  private static List<Correlation> product(List<Operator> inputs, Set<ColumnRef> outer) {
    List<Correlation> products = List.of(nothing(outer));
    for (Operator input : inputs) {
      List<Correlation> longer = new ArrayList<>();
      for (Correlation product : products) {
        of(input, outer).forEach(other -> longer.add(product.times(other)));
      }
      products = longer;
    }
    return products;
  }

  /** Both; what the other one takes for outer columns may be columns of this one. */
  private Correlation times(Correlation other) {
    var both = new LinkedHashMap<>(columns);
    other.columns.forEach(
        (column, value) -> seenFrom(other, value).ifPresent(v -> both.put(column, v)));
    var pair = new Correlation(joined(core, other.core), links, both, outer);
    return pair.placed(other.links.stream().flatMap(l -> seenFrom(other, l).stream()).toList());
  }

  private Optional<Scalar> seenFrom(Correlation other, Scalar value) {
    Set<ColumnRef> theirs = Set.copyOf(other.core.columns());
    boolean known =
        value.columns().stream()
            .allMatch(c -> theirs.contains(c) || columns.containsKey(c) || outer.contains(c));
    return known
        ? Optional.of(
            value.map(
                c ->
                    theirs.contains(c)
                        ? Scalar.column(c)
                        : columns.getOrDefault(c, Scalar.column(c))))
        : Optional.empty();
  }

  private static Operator joined(Operator left, Operator right) {
    var inputs = new ArrayList<Operator>();
    var conditions = new ArrayList<Scalar>();
    for (Operator side : List.of(left, right)) {
      if (side instanceof Join(var parts, var own)) {
        inputs.addAll(parts);
        conditions.addAll(own);
      } else {
        inputs.add(side);
      }
    }
    return inputs.size() == 1 && conditions.isEmpty()
        ? inputs.getFirst()
        : new Join(inputs, conditions);
  }

  /** Conditions on the query's columns. */
  private Correlation filtered(List<Scalar> conditions) {
    return placed(conditions.stream().flatMap(c -> meant(c).stream()).toList());
  }

  /** Conditions on the core's columns; those that read the outer row too become links. */
  private Correlation placed(List<Scalar> conditions) {
    Operator tree = core;
    var all = new ArrayList<>(links);
    for (Scalar condition : conditions) {
      if (tree.columns().containsAll(condition.columns())) {
        tree = new Filter(tree, condition);
      } else {
        all.add(condition);
      }
    }
    return new Correlation(tree, all, columns, outer);
  }

  /** An expression over the core's and the outer row's columns; none if it reads what is not. */
  private Optional<Scalar> meant(Scalar expression) {
    boolean known =
        expression.columns().stream().allMatch(c -> columns.containsKey(c) || outer.contains(c));
    return known
        ? Optional.of(expression.map(c -> columns.getOrDefault(c, Scalar.column(c))))
        : Optional.empty();
  }

  private Correlation renamed(List<Named> outputs) {
    var renamed = new LinkedHashMap<ColumnRef, Scalar>();
    for (Named output : outputs) {
      meant(output.value()).ifPresent(value -> renamed.put(output.as(), value));
    }
    return new Correlation(core, links, renamed, outer);
  }

  private Correlation only(List<ColumnRef> kept) {
    var some = new LinkedHashMap<>(columns);
    some.keySet().retainAll(kept);
    return new Correlation(core, links, some, outer);
  }

  private static List<ColumnRef> plain(List<Scalar> scalars) {
    return scalars.stream().flatMap(s -> s.asColumn().stream()).toList();
  }

  private static Map<ColumnRef, Scalar> same(List<ColumnRef> columns) {
    var same = new LinkedHashMap<ColumnRef, Scalar>();
    columns.forEach(c -> same.put(c, Scalar.column(c)));
    return same;
  }
}
