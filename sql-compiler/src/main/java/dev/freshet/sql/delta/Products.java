package dev.freshet.sql.delta;

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
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A product of differences, multiplied out. */
final class Products {
  /**
   * How many changed factors are multiplied out: three make seven terms of a delta, and each term
   * costs the planner about as much as the query itself.
   */
  static final int EXPANDED = 3;

  private Products() {}

  /** All subsets, smaller numbers first; the empty one is the first. */
  static List<Set<Integer>> subsets(Collection<Integer> numbers) {
    List<Set<Integer>> all = new ArrayList<>();
    all.add(Set.of());
    for (Integer number : numbers) {
      for (Set<Integer> set : List.copyOf(all)) {
        Set<Integer> larger = new LinkedHashSet<>(set);
        larger.add(number);
        all.add(larger);
      }
    }
    return all;
  }

  /** Its delta is made of its sources' deltas alone. */
  static boolean isLinear(Operator tree) {
    return switch (tree) {
      case Scan _, Bound _, Filter _, Project _, Join _, UnionAll _ ->
          tree.inputs().stream().allMatch(Products::isLinear);
      case Delta _,
          ChangedKeys _,
          Copies _,
          Operator.ClockFilter _,
          Aggregate _,
          OuterJoin _,
          Apply _,
          Lateral _,
          FunctionRows _,
          Values _,
          Window _,
          DistinctOn _,
          Limit _,
          SetOperation _ ->
          false;
    };
  }
}
