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
  private final Differentiation differentiation;
  private final Types types;

  /** For each source of the spine trees that have its primary key among their columns. */
  private final Map<Scan, List<Operator>> found = new LinkedHashMap<>();

  AffectedRows(Differentiation differentiation, Types types) {
    this.differentiation = differentiation;
    this.types = types;
  }

  /**
   * @param tree with the keys of its spine among its columns
   */
  Optional<Affected> of(Operator tree) {
    collect(tree);
    var parts = new ArrayList<Affected.Part>();
    var rows = new ArrayList<Operator>();
    var earlier = new ArrayList<Differentiation.Touch>();
    for (var entry : found.entrySet()) {
      List<Scalar> key = key(entry.getKey());
      Keys keys = differentiation.keys(entry.getValue(), key, keyTypes(entry.getKey()));
      Operator restricted = differentiation.restricted(tree, key, keys);
      for (Differentiation.Touch other : earlier) {
        restricted = differentiation.meeting(restricted, other, true);
      }
      rows.add(Trees.narrowed(restricted, tree.columns()));
      earlier.add(Differentiation.Touch.of(key, keys));
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

  private void collect(Operator tree) {
    switch (tree) {
      case Scan scan -> {
        if (differentiation.isChanged(scan)) {
          add(scan, new ChangedKeys(scan, scan.table().primaryKey()));
        }
      }
      case Filter(Operator input, _) -> collect(input);
      case Project(Operator input, _) -> collect(input);
      case Apply(Operator input, _, _, Operator query) -> {
        collect(input);
        if (differentiation.isChanged(query)) {
          touch(input, Correlation.of(query));
        }
      }
      case Lateral(Operator input, Operator right, _, var conditions) -> {
        collect(input);
        if (differentiation.isChanged(right)) {
          touch(input, Correlation.of(Trees.filtered(right, conditions)));
        }
      }
      case OuterJoin(Operator left, Operator right, _, var conditions) -> {
        collect(left);
        beside(left, right, conditions);
      }
      case Join join -> collect(join);
      default -> throw new IllegalArgumentException("no spine: " + tree);
    }
  }

  private void collect(Join join) {
    List<Operator> spines =
        join.inputs().stream().filter(input -> RowKeys.spine(input).isPresent()).toList();
    spines.forEach(this::collect);
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
    if (differentiation.isChanged(right)) {
      Set<ColumnRef> outer = Set.copyOf(left.columns());
      touch(left, List.of(new Correlation(right, conditions, Map.of(), outer)));
    }
  }

  /** The rows that a change beside them concerns: the keys of one source among theirs. */
  private void touch(Operator rows, List<Correlation> alternatives) {
    List<Scan> spine = RowKeys.spine(rows).orElseThrow();
    for (Differentiation.Touch touch : differentiation.touches(rows, alternatives)) {
      Optional<Scan> owner = touch.keys().isEmpty() ? Optional.empty() : owner(spine, touch);
      if (owner.isPresent()) {
        Operator read = Trees.narrowed(owner.get(), read(owner.get(), touch.expressions()));
        add(owner.get(), touch.restricted(differentiation, read));
      } else {
        Operator state = RowKeys.exposing(rows);
        Operator touched =
            touch.keys().isPresent()
                ? touch.restricted(differentiation, state)
                : differentiation.meeting(state, touch, false);
        Scan first = spine.getFirst();
        List<Named> key = RowKeys.primaryKey(first).stream().map(Named::same).toList();
        add(first, Pruning.of(new Project(touched, key)));
      }
    }
  }

  /** The source that has all the columns by which the rows are found. */
  private static Optional<Scan> owner(List<Scan> spine, Differentiation.Touch touch) {
    var read = touch.expressions().stream().flatMap(e -> e.columns().stream()).toList();
    return spine.stream().filter(scan -> scan.columns().containsAll(read)).findFirst();
  }

  private static List<ColumnRef> read(Scan scan, List<Scalar> expressions) {
    var columns = new LinkedHashSet<>(RowKeys.primaryKey(scan));
    expressions.forEach(e -> columns.addAll(e.columns()));
    return List.copyOf(columns);
  }
}
