package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rows of a tree with a spine ({@link RowKeys}) that a change concerns, told by primary keys.
 *
 * <p>Law: a row of Q differs between the states only if a row of the spine that it is made of
 * changed, which {@link ChangedKeys} tells, or if a sub-query or right side changed for it, which
 * {@link Correlation} tells; the latter rows are found in the new state, because one that is no
 * longer there has itself changed.
 */
final class AffectedRows {
  private final Differentiation deltas;
  private final Touches touches;
  private final Restriction restriction;
  private final Steps steps;
  private final Thresholds thresholds;
  private final Types types;

  /** For each source of the spine trees that have its primary key among their columns. */
  private final Map<Scan, List<Operator>> found = new LinkedHashMap<>();

  AffectedRows(
      Differentiation deltas,
      Touches touches,
      Restriction restriction,
      Steps steps,
      Thresholds thresholds,
      Types types) {
    this.deltas = deltas;
    this.touches = touches;
    this.restriction = restriction;
    this.steps = steps;
    this.thresholds = thresholds;
    this.types = types;
  }

  /**
   * @param query with the keys of its spine among its columns
   * @param above which columns are read of it, these keys included
   */
  Optional<Affected> of(Operator query, Set<ColumnRef> above) {
    collect(query, above);
    Operator tree = thresholds.of(query, above);
    var parts = new ArrayList<Affected.Part>();
    var rows = new ArrayList<Operator>();
    var earlier = new ArrayList<Touch>();
    for (var entry : found.entrySet()) {
      List<Scalar> key = key(entry.getKey());
      Keys keys =
          Keys.of(
              steps,
              entry.getValue(),
              Collections.nCopies(entry.getValue().size(), key),
              keyTypes(entry.getKey()));
      Operator restricted = restriction.of(tree, key, keys);
      for (Touch other : earlier) {
        restricted = touches.meeting(restricted, other, true);
      }
      rows.add(Trees.narrowed(restricted, tree.columns()));
      earlier.add(Touch.of(key, keys));
      parts.add(new Affected.Part(key, keys.relation()));
    }
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Affected(parts, rows.size() == 1 ? rows.getFirst() : new Operator.UnionAll(rows)));
  }

  private static List<Scalar> key(Scan scan) {
    return RowKeys.primaryKey(scan).stream().map(Scalar::column).toList();
  }

  private List<Typed> keyTypes(Scan scan) {
    return RowKeys.primaryKey(scan).stream()
        .map(column -> new Typed(types.of(column).type(), true))
        .toList();
  }

  private void add(Scan scan, Operator rows) {
    found.computeIfAbsent(scan, _ -> new ArrayList<>()).add(rows);
  }

  /**
   * @param above which columns are read of the tree
   */
  private void collect(Operator tree, Set<ColumnRef> above) {
    switch (tree) {
      case Scan scan -> {
        if (deltas.isChanged(scan)) {
          add(scan, new ChangedKeys(scan, scan.table().primaryKey()));
        }
      }
      case Filter(Operator input, Scalar condition) ->
          thresholds
              .match(tree, above)
              .ifPresentOrElse(
                  threshold -> {
                    Scalar moved = threshold.filter().condition();
                    collect(threshold.rows(), with(above, List.of(moved)));
                    moved(threshold);
                  },
                  () -> collect(input, with(above, List.of(condition))));
      case Project(Operator input, var outputs) ->
          collect(input, Scalar.columns(outputs.stream().map(Named::value).toList()));
      case Apply(Operator input, _, Scalar before, Operator query) -> {
        Set<ColumnRef> read = with(above, List.of(before));
        read.addAll(Trees.free(query));
        collect(input, read);
        if (deltas.isChanged(query)) {
          touch(input, Correlation.of(query));
        }
      }
      case Lateral(Operator input, Operator right, _, var conditions) -> {
        Set<ColumnRef> read = with(above, conditions);
        read.addAll(Trees.free(right));
        collect(input, read);
        if (deltas.isChanged(right)) {
          touch(input, Correlation.of(Trees.filtered(right, conditions)));
        }
      }
      case OuterJoin(Operator left, Operator right, _, var conditions) -> {
        collect(left, with(above, conditions));
        beside(left, right, conditions);
      }
      case Join join -> collect(join, above);
      default -> throw new IllegalArgumentException("no spine: " + tree);
    }
  }

  private static Set<ColumnRef> with(Set<ColumnRef> above, List<Scalar> scalars) {
    Set<ColumnRef> read = Scalar.columns(scalars);
    read.addAll(above);
    return read;
  }

  private void collect(Join join, Set<ColumnRef> above) {
    List<Operator> spines =
        join.inputs().stream().filter(input -> RowKeys.spine(input).isPresent()).toList();
    spines.forEach(spine -> collect(spine, with(above, join.conditions())));
    List<ColumnRef> columns = spines.stream().flatMap(s -> s.columns().stream()).toList();
    List<Scalar> own =
        join.conditions().stream().filter(c -> columns.containsAll(c.columns())).toList();
    Operator rows =
        spines.size() == 1 ? Trees.filtered(spines.getFirst(), own) : new Join(spines, own);
    for (Operator input : join.inputs()) {
      if (!spines.contains(input)) {
        beside(rows, input, join.conditions());
      }
    }
  }

  private void beside(Operator left, Operator right, List<Scalar> conditions) {
    if (deltas.isChanged(right)) {
      Set<ColumnRef> outer = Set.copyOf(left.columns());
      touch(left, List.of(new Correlation(right, conditions, Map.of(), outer)));
    }
  }

  /** The rows that a change beside them concerns: the keys of one source among theirs. */
  private void touch(Operator rows, List<Correlation> alternatives) {
    List<Scan> spine = RowKeys.spine(rows).orElseThrow();
    for (Touch touch : touches.touches(rows, alternatives)) {
      Optional<Scan> owner = touch.keys().isEmpty() ? Optional.empty() : owner(spine, touch);
      if (owner.isPresent()) {
        Operator read = Trees.narrowed(owner.get(), read(owner.get(), touch.expressions()));
        add(owner.get(), touch.restricted(restriction, read));
      } else {
        Operator state = RowKeys.exposing(rows);
        Operator touched =
            touch.keys().isPresent()
                ? touch.restricted(restriction, state)
                : touches.meeting(state, touch, false);
        Scan first = spine.getFirst();
        List<Named> key = RowKeys.primaryKey(first).stream().map(Named::same).toList();
        add(first, Pruning.of(new Project(touched, key)));
      }
    }
  }

  /** The rows that a value which moved is compared with, as far as this decides otherwise now. */
  private void moved(Thresholds.Threshold threshold) {
    Scan first = RowKeys.spine(threshold.rows()).orElseThrow().getFirst();
    var inputs = new ArrayList<>(threshold.filter().input().inputs());
    inputs.set(0, RowKeys.exposing(inputs.getFirst()));
    Operator compared = new Join(inputs, List.of());
    List<Named> key = RowKeys.primaryKey(first).stream().map(Named::same).toList();
    Operator near = new Filter(compared, threshold.filter().window());
    add(first, Pruning.of(new Project(new Filter(near, threshold.filter().flips()), key)));
  }

  /** The source that has all the columns by which the rows are found. */
  private static Optional<Scan> owner(List<Scan> spine, Touch touch) {
    var read = touch.expressions().stream().flatMap(e -> e.columns().stream()).toList();
    return spine.stream().filter(scan -> scan.columns().containsAll(read)).findFirst();
  }

  private static List<ColumnRef> read(Scan scan, List<Scalar> expressions) {
    var columns = new LinkedHashSet<>(RowKeys.primaryKey(scan));
    expressions.forEach(e -> columns.addAll(e.columns()));
    return List.copyOf(columns);
  }
}
