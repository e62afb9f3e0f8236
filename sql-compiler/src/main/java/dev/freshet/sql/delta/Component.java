package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A part of a sub-query's core that no equality connects with the rest of it: {@code a.x = o.x AND
 * b.y = o.y} connects a and b by the outer row o alone. The delta of their product holds all of b
 * for each changed row of a.
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
    return groups;
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
    Operator core = group.size() == 1 ? group.getFirst() : new Join(List.copyOf(group), List.of());
    for (Scalar condition : conditions) {
      core = new Filter(core, condition);
    }
    return new Component(core, linked);
  }

  private static Stream<ColumnRef> columns(List<Operator> group) {
    return group.stream().flatMap(leaf -> leaf.columns().stream());
  }
}
