package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.maintain.State.Kind;
import dev.freshet.sql.tree.Branch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * In which form a grouped slice wants its sources.
 *
 * <p>Eager aggregation (Yan and Larson, "Eager Aggregation and Lazy Aggregation", VLDB 1995): a
 * column of which only sums are needed is summed per value of the source's other columns, before
 * the join and before anything is shipped. That takes a source that occurs once.
 */
final class GroupNeeds {
  private GroupNeeds() {}

  /** Needs of a slice whose aggregates are kept as states. */
  static List<DeltaNeed> of(GroupedQuery query, List<State> states) {
    var needs = new ArrayList<DeltaNeed>();
    for (Branch branch : query.branches()) {
      switch (branch) {
        case Spj spj -> spj.scans().forEach(scan -> needs.add(need(query, states, spj, scan)));
        case Branch.Whole _ -> needs.addAll(SourceNeeds.of(query.aggregate()));
      }
    }
    return SourceNeeds.combine(needs);
  }

  /** Needs of a slice that recomputes groups: whatever shows in a group may have changed. */
  static List<DeltaNeed> weighted(GroupedQuery query) {
    var needs = new ArrayList<DeltaNeed>();
    for (Branch branch : query.branches()) {
      switch (branch) {
        case Spj spj ->
            spj.scans()
                .forEach(
                    scan -> needs.add(SourceNeeds.weighted(scan.table(), used(query, spj, scan))));
        case Branch.Whole _ -> needs.addAll(SourceNeeds.of(query.aggregate()));
      }
    }
    return SourceNeeds.combine(needs);
  }

  private static DeltaNeed need(GroupedQuery query, List<State> states, Spj branch, Scan scan) {
    List<String> used = used(query, branch, scan);
    DeltaNeed.Weighted weighted = SourceNeeds.weighted(scan.table(), used);
    List<String> sums =
        used.stream().filter(name -> onlySummed(query, states, branch, scan, name)).toList();
    List<String> group = used.stream().filter(name -> !sums.contains(name)).toList();
    boolean reduces =
        !sums.isEmpty()
            && (scan.table().primaryKey().isEmpty()
                || !group.containsAll(scan.table().primaryKey()));
    return reduces ? new DeltaNeed.Reduced(scan.table(), group, sums, weighted) : weighted;
  }

  private static List<String> used(GroupedQuery query, Spj branch, Scan scan) {
    var scalars = new ArrayList<Scalar>();
    query.aggregate().groups().stream().map(Named::value).forEach(scalars::add);
    query.aggregate().calls().forEach(call -> scalars.add(call.value().sql()));
    Set<ColumnRef> refs = new HashSet<>();
    branch.conditions().forEach(condition -> refs.addAll(condition.columns()));
    scalars.forEach(scalar -> refs.addAll(branch.substituted(scalar).columns()));
    return scan.table().columns().stream()
        .map(SourceTable.Column::name)
        .filter(name -> refs.contains(new ColumnRef(scan.relation(), name)))
        .toList();
  }

  private static boolean onlySummed(
      GroupedQuery query, List<State> states, Spj branch, Scan scan, String name) {
    var ref = new ColumnRef(scan.relation(), name);
    boolean summable = scan.table().column(name).map(c -> c.type().isReducible()).orElse(false);
    boolean elsewhere =
        branch.conditions().stream().anyMatch(c -> c.columns().contains(ref))
            || query.aggregate().groups().stream()
                .anyMatch(g -> branch.substituted(g.value()).columns().contains(ref));
    boolean sums =
        states.stream()
            .filter(s -> branch.substituted(s.call().sql()).columns().contains(ref))
            .allMatch(s -> isPlainSum(s, branch));
    return summable && !elsewhere && sums;
  }

  private static boolean isPlainSum(State state, Spj branch) {
    return (state.kind() == Kind.SUM || state.kind() == Kind.COUNT)
        && state.call().filter().isEmpty()
        && state
            .call()
            .argument()
            .map(a -> branch.substituted(a).asColumn().isPresent())
            .orElse(false);
  }
}
