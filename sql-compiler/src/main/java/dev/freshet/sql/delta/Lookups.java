package dev.freshet.sql.delta;

import dev.freshet.sql.MissingIndex.Purpose;
import dev.freshet.sql.SourceIndexes;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the trees of a refresh find the rows of the sources and of their deltas: as PostgreSQL's
 * planner would, had it an index for every equality with values that are at hand, and for every
 * range between two of them.
 *
 * <p>Values are at hand in a delta, in what is computed of it, and in the rows that they find. In a
 * join the inputs that can be found come first. Through an aggregate, a window, DISTINCT ON or a
 * set operation pass conditions with the columns of an enclosing query only, as PostgreSQL pushes
 * them; conditions with another input of a join do not.
 */
public final class Lookups {
  private static final SourceIndexes ALL_INDEXES =
      new SourceIndexes() {
        @Override
        public boolean find(SourceTable table, Set<String> columns) {
          return true;
        }

        @Override
        public List<String> key(SourceTable table, List<String> columns) {
          return columns;
        }
      };

  private final SourceIndexes indexes;
  private final Set<String> small = new HashSet<>();
  private final Set<Lookup> missing = new LinkedHashSet<>();
  private final Map<Scalar, List<Equality>> equalities = new HashMap<>();

  /** By source, the columns by which its delta's rows are asked for again and again. */
  private final Map<Integer, Set<List<String>>> repeated = new HashMap<>();

  private Lookups(SourceIndexes indexes) {
    this.indexes = indexes;
  }

  /**
   * The lookups in these trees, in the order of their evaluation, for which an index is missing.
   */
  public static List<Lookup> missing(List<Reading> trees, SourceIndexes indexes) {
    var lookups = new Lookups(indexes);
    lookups.read(trees);
    return List.copyOf(lookups.missing);
  }

  /**
   * The columns by which rows of the source's delta are asked for once per row of a query around
   * the one that reads it. Without an index the delta is read from end to end for each of them.
   */
  public static Set<List<String>> perRow(SourceTable source, List<Reading> trees) {
    var lookups = new Lookups(ALL_INDEXES);
    lookups.read(trees);
    return lookups.repeated.getOrDefault(source.oid(), Set.of());
  }

  private void read(List<Reading> trees) {
    // A statement's steps come before what reads them, whatever was rendered first.
    for (Reading reading :
        trees.stream().sorted(Comparator.comparing(r -> r.name().isEmpty())).toList()) {
      var params = new Given(Trees.free(reading.tree()), Set.of());
      Found found = find(reading.tree(), List.of(), params, Purpose.JOIN);
      missing.addAll(found.missing());
      if (found.few()) {
        small.add(reading.name());
      }
    }
  }

  /** Columns whose values are at hand: those of enclosing queries, those of a join's inputs. */
  private record Given(Set<ColumnRef> outer, Set<ColumnRef> beside) {
    boolean knows(Scalar value) {
      return value.columns().stream().allMatch(c -> outer.contains(c) || beside.contains(c));
    }

    Given and(List<ColumnRef> columns) {
      var more = new HashSet<>(beside);
      more.addAll(columns);
      return new Given(outer, more);
    }

    Given alone() {
      return new Given(outer, Set.of());
    }

    Given within(List<ColumnRef> columns) {
      var more = new HashSet<>(outer);
      more.addAll(beside);
      more.addAll(columns);
      return new Given(more, Set.of());
    }
  }

  /**
   * How a tree is read.
   *
   * @param few its rows are found by few values, at least if the missing indexes are made
   */
  private record Found(boolean few, List<Lookup> missing) {
    static final Found AT_HAND = new Found(true, List.of());
    static final Found ALL = new Found(false, List.of());

    static Found both(Found one, Found other) {
      var all = new ArrayList<>(one.missing);
      all.addAll(other.missing);
      return new Found(one.few && other.few, all);
    }
  }

  /**
   * @param conditions over the tree's columns and those that are given
   */
  private Found find(Operator tree, List<Scalar> conditions, Given given, Purpose purpose) {
    return switch (tree) {
      case Delta delta -> {
        repeat(delta, conditions, given.outer());
        yield Found.AT_HAND;
      }
      case ChangedKeys _, FunctionRows _, Values _ -> Found.AT_HAND;
      case Bound(String name, _) -> small.contains(name) ? Found.AT_HAND : Found.ALL;
      case Scan scan -> scan(scan, conditions, given, purpose);
      case Filter _, Operator.ClockFilter _, Project _, Join _, Copies _ ->
          block(tree, conditions, given, purpose);
      case UnionAll(var inputs) ->
          inputs.stream()
              .map(
                  input ->
                      find(
                          input,
                          conditions,
                          JoinBlock.of(input).leaves().size() > 1 ? given.alone() : given,
                          purpose))
              .reduce(Found.AT_HAND, Found::both);
      case Aggregate(Operator input, var groups, _) -> {
        var values = new HashMap<ColumnRef, Scalar>();
        groups.forEach(group -> values.put(group.as(), group.value()));
        List<Scalar> on = about(conditions, values.keySet(), given.alone());
        yield find(
            input,
            on.stream().map(c -> JoinBlock.mapped(c, values)).toList(),
            given.alone(),
            above(purpose, Purpose.GROUP));
      }
      case Window(Operator input, var partition, _) ->
          find(
              input,
              about(conditions, plain(partition), given.alone()),
              given.alone(),
              above(purpose, Purpose.PARTITION));
      case DistinctOn(Operator input, var on, _) ->
          find(
              input,
              about(conditions, plain(on), given.alone()),
              given.alone(),
              above(purpose, Purpose.DISTINCT));
      case Limit(Operator input, _, _, _, _) -> find(input, List.of(), given.alone(), purpose);
      case SetOperation(_, _, Operator left, Operator right) -> {
        Purpose set = above(purpose, Purpose.SET);
        yield Found.both(
            find(left, conditions, given.alone(), set),
            find(right, conditions, given.alone(), set));
      }
      case OuterJoin join -> outerJoin(join, conditions, given, purpose);
      case Apply apply -> apply(apply, conditions, given, purpose);
      case Lateral(Operator input, Operator right, _, var on) -> {
        Found rows = find(input, conditions, given, purpose);
        yield beneath(
            rows, find(right, on, given.within(input.columns()), above(purpose, Purpose.SUBQUERY)));
      }
    };
  }

  /** The outermost operator tells what rows are read for; a join is beneath all others. */
  private static Purpose above(Purpose outer, Purpose own) {
    return outer == Purpose.JOIN ? own : outer;
  }

  /** What is looked up for each row of a relation matters only if those rows are few. */
  private static Found beneath(Found rows, Found query) {
    return rows.few() ? Found.both(rows, query) : rows;
  }

  private void repeat(Delta delta, List<Scalar> conditions, Set<ColumnRef> outer) {
    Set<String> columns = equal(delta.scan(), conditions, new Given(outer, Set.of()));
    columns.retainAll(delta.names());
    if (!columns.isEmpty()) {
      repeated
          .computeIfAbsent(delta.scan().table().oid(), _ -> new LinkedHashSet<>())
          .add(List.copyOf(columns));
    }
  }

  private Set<String> equal(Scan scan, List<Scalar> conditions, Given given) {
    var columns = new LinkedHashSet<String>();
    for (Scalar condition : conditions) {
      for (Equality equality : equalities(condition)) {
        looked(scan, equality.left(), equality.right(), given).ifPresent(columns::add);
        looked(scan, equality.right(), equality.left(), given).ifPresent(columns::add);
      }
    }
    return columns;
  }

  private Found scan(Scan scan, List<Scalar> conditions, Given given, Purpose purpose) {
    Set<String> columns = equal(scan, conditions, given);
    if (columns.isEmpty()) {
      bounded(scan, conditions, given).ifPresent(columns::add);
    }
    if (columns.isEmpty()) {
      return Found.ALL;
    }
    if (indexes.find(scan.table(), columns)) {
      return Found.AT_HAND;
    }
    var lookup = new Lookup(scan, List.copyOf(columns), purpose);
    return indexes.key(scan.table(), lookup.columns()).isEmpty()
        ? Found.ALL
        : new Found(true, List.of(lookup));
  }

  /**
   * The first column that values at hand bound from below and from above. One bound alone may leave
   * most of the table.
   */
  private static Optional<String> bounded(Scan scan, List<Scalar> conditions, Given given) {
    var above = new LinkedHashSet<String>();
    var below = new LinkedHashSet<String>();
    for (Scalar condition : conditions) {
      Comparison.bound(condition)
          .ifPresent(
              bound -> {
                boolean upper = bound.isUpper();
                looked(scan, bound.left(), bound.right(), given)
                    .ifPresent((upper ? below : above)::add);
                looked(scan, bound.right(), bound.left(), given)
                    .ifPresent((upper ? above : below)::add);
              });
    }
    above.retainAll(below);
    return above.stream().findFirst();
  }

  private List<Equality> equalities(Scalar condition) {
    return equalities.computeIfAbsent(condition, ImpliedEqualities::of);
  }

  /** The column of the scan that an index finds, given the value on the other side. */
  private static Optional<String> looked(Scan scan, Scalar side, Scalar other, Given given) {
    if (other.columns().isEmpty() || !given.knows(other) || side.columns().size() != 1) {
      return Optional.empty();
    }
    ColumnRef ref = side.columns().iterator().next();
    return scan.columns().contains(ref)
        ? scan.table()
            .column(ref.column())
            .filter(c -> JoinBlock.isBare(side, c))
            .map(c -> c.name())
        : Optional.empty();
  }

  /** Conditions that read nothing but these columns and those that are given. */
  private List<Scalar> about(List<Scalar> conditions, Set<ColumnRef> columns, Given given) {
    return conditions.stream()
        .flatMap(condition -> equalities(condition).stream())
        .map(equality -> Scalar.of(equality.left(), " = ", equality.right()))
        .filter(
            condition ->
                condition.columns().stream()
                    .allMatch(c -> columns.contains(c) || given.knows(Scalar.column(c))))
        .toList();
  }

  private static Set<ColumnRef> plain(List<Scalar> scalars) {
    var columns = new HashSet<ColumnRef>();
    scalars.forEach(scalar -> scalar.asColumn().ifPresent(columns::add));
    return columns;
  }

  /** The right side's rows are found by those of the left; a full join reads both. */
  private Found outerJoin(OuterJoin join, List<Scalar> conditions, Given given, Purpose purpose) {
    if (join.full()) {
      return Found.both(
          find(join.left(), List.of(), given.alone(), purpose),
          find(join.right(), List.of(), given.alone(), purpose));
    }
    Found left = find(join.left(), conditions, given, purpose);
    return beneath(
        left,
        find(join.right(), join.conditions(), given.and(join.left().columns()), Purpose.JOIN));
  }

  /**
   * A query that reads the row's columns is evaluated for each row; one that does not is computed
   * as a whole, unless all that is asked is whether it has a certain value.
   */
  private Found apply(Apply apply, List<Scalar> conditions, Given given, Purpose purpose) {
    Found rows = find(apply.input(), conditions, given, purpose);
    boolean asked = conditions.stream().anyMatch(c -> isJust(apply.as(), c));
    List<Scalar> member = asked ? member(apply) : List.of();
    Given inside = given.within(apply.input().columns());
    boolean ours = apply.as().relation().startsWith("__freshet_"); // an outer join's question
    Purpose asking = ours ? purpose : above(purpose, Purpose.SUBQUERY);
    return beneath(rows, find(apply.query(), member, inside, asking));
  }

  private static boolean isJust(ColumnRef column, Scalar condition) {
    return condition.columns().equals(Set.of(column))
        && condition.sql(_ -> "c").replaceAll("[() ]", "").equals("c");
  }

  /** {@code x = ANY (query)} as a condition on the query's column. */
  private static List<Scalar> member(Apply apply) {
    Scalar value = apply.before();
    if (!value.sql(_ -> "c").strip().endsWith("= ANY") || apply.query().columns().size() != 1) {
      return List.of();
    }
    var pieces = new ArrayList<Object>();
    for (Scalar.Piece piece : value.pieces()) {
      switch (piece) {
        case Scalar.Column(ColumnRef ref) -> pieces.add(ref);
        case Scalar.Text(String sql) -> pieces.add(sql.replaceFirst("= ANY\\s*$", "= "));
      }
    }
    pieces.add(apply.query().columns().getFirst());
    return List.of(Scalar.of(pieces.toArray()));
  }

  /** One input after the other: what is at hand, what an index finds, what one would find. */
  private Found block(Operator tree, List<Scalar> outer, Given given, Purpose purpose) {
    JoinBlock block = JoinBlock.of(tree);
    var conditions = new ArrayList<>(block.conditions());
    outer.forEach(condition -> conditions.add(JoinBlock.mapped(condition, block.columns())));
    var left = new ArrayList<>(block.leaves());
    var looked = new HashMap<Operator, Found>();
    var all = new ArrayList<Lookup>();
    Given known = given;
    while (!left.isEmpty()) {
      Operator best = left.getFirst();
      Found chosen = Found.ALL;
      for (Operator leaf : left) {
        Given now = known;
        Found found =
            looked.computeIfAbsent(leaf, _ -> find(leaf, conditions, now, purposeOf(now, purpose)));
        if (isBetter(found, chosen)) {
          best = leaf;
          chosen = found;
        }
        if (chosen.few() && chosen.missing().isEmpty()) {
          break;
        }
      }
      all.addAll(chosen.missing());
      if (!chosen.few()) {
        return new Found(false, all);
      }
      left.remove(best);
      known = known.and(best.columns());
      Set<ColumnRef> came = Set.copyOf(best.columns());
      looked.keySet().removeIf(leaf -> isLinked(leaf, came, conditions));
    }
    return new Found(true, all);
  }

  /** Whether there is a condition on a tree and on columns that have come to hand. */
  private static boolean isLinked(Operator tree, Set<ColumnRef> came, List<Scalar> conditions) {
    return conditions.stream()
        .map(Scalar::columns)
        .anyMatch(
            read ->
                read.stream().anyMatch(came::contains)
                    && read.stream().anyMatch(tree.columns()::contains));
  }

  /** Rows found by keys serve the operator above; rows found by another source's, the join. */
  private static Purpose purposeOf(Given given, Purpose above) {
    boolean byKeys =
        given.beside().isEmpty()
            || given.beside().stream().allMatch(c -> c.relation().startsWith("__freshet_"));
    return byKeys ? above : Purpose.JOIN;
  }

  private static boolean isBetter(Found found, Found chosen) {
    return found.few() != chosen.few()
        ? found.few()
        : found.missing().size() < chosen.missing().size();
  }
}
