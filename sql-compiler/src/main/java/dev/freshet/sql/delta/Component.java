package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A part of a sub-query's core that no equality and no range connects with the rest of it: {@code
 * a.x = o.x AND b.y = o.y} connects a and b by the outer row o alone. The delta of their product
 * holds all of b for each changed row of a.
 *
 * <p>Law: if no row of ΔC₁ satisfies the links of C₁ together with o, and none of ΔC₂ those of C₂,
 * then what is picked of C₁ × C₂ for o is what it was.
 *
 * @param links the conditions over its columns and those of the outer row
 */
record Component(Operator core, List<Scalar> links) {
  /** The parts; one, which is the core itself, if it has no more. */
  static List<Component> of(Operator core, List<Scalar> links) {
    if (Trees.followsClock(core)) {
      return List.of(new Component(core, links));
    }
    JoinBlock block = JoinBlock.of(core);
    List<List<Operator>> groups = connected(block);
    if (groups.size() < 2) {
      return List.of(new Component(core, links));
    }
    List<Scalar> meant = links.stream().map(l -> JoinBlock.mapped(l, block.columns())).toList();
    return groups.stream().map(group -> part(group, block, meant)).toList();
  }

  private static List<List<Operator>> connected(JoinBlock block) {
    List<List<Operator>> groups = new ArrayList<>();
    block.leaves().forEach(leaf -> groups.add(new ArrayList<>(List.of(leaf))));
    for (Scalar condition : block.conditions()) {
      for (Equality equality : ImpliedEqualities.of(condition)) {
        Set<ColumnRef> read = new HashSet<>(equality.left().columns());
        read.addAll(equality.right().columns());
        connect(groups, read);
      }
    }
    ranges(block.conditions()).forEach(read -> connect(groups, read));
    return groups;
  }

  /** Columns that others bound from below and from above, with these. */
  private static List<Set<ColumnRef>> ranges(List<Scalar> conditions) {
    Map<ColumnRef, Set<ColumnRef>> above = new LinkedHashMap<>();
    Map<ColumnRef, Set<ColumnRef>> below = new LinkedHashMap<>();
    for (Scalar condition : conditions) {
      Comparison.bound(condition)
          .ifPresent(
              bound -> {
                note(bound.isUpper() ? below : above, bound.left(), bound.right());
                note(bound.isUpper() ? above : below, bound.right(), bound.left());
              });
    }
    List<Set<ColumnRef>> ranges = new ArrayList<>();
    above.forEach(
        (column, lower) -> {
          if (below.containsKey(column)) {
            Set<ColumnRef> read = new HashSet<>(lower);
            read.addAll(below.get(column));
            read.add(column);
            ranges.add(read);
          }
        });
    return ranges;
  }

  private static void note(Map<ColumnRef, Set<ColumnRef>> bounds, Scalar side, Scalar other) {
    if (side.columns().size() == 1 && !other.columns().isEmpty()) {
      bounds
          .computeIfAbsent(side.columns().iterator().next(), _ -> new HashSet<>())
          .addAll(other.columns());
    }
  }

  /** Those that have one of the columns become one. */
  private static void connect(List<List<Operator>> groups, Set<ColumnRef> read) {
    List<List<Operator>> met =
        groups.stream().filter(group -> columns(group).anyMatch(read::contains)).toList();
    if (met.size() > 1) {
      met.stream().skip(1).forEach(met.getFirst()::addAll);
      groups.removeIf(group -> met.indexOf(group) > 0);
    }
  }

  private static Component part(List<Operator> group, JoinBlock block, List<Scalar> links) {
    Set<ColumnRef> own = new HashSet<>(columns(group).toList());
    Set<ColumnRef> others = new HashSet<>(columns(block.leaves()).toList());
    others.removeAll(own);
    List<Scalar> conditions =
        block.conditions().stream().filter(c -> own.containsAll(c.columns())).toList();
    List<Scalar> linked =
        links.stream().filter(l -> l.columns().stream().noneMatch(others::contains)).toList();
    Operator core =
        group.size() == 1
            ? Trees.filtered(group.getFirst(), conditions)
            : new Join(List.copyOf(group), conditions);
    return new Component(core, linked);
  }

  private static Stream<ColumnRef> columns(List<Operator> group) {
    return group.stream().flatMap(leaf -> leaf.columns().stream());
  }
}
