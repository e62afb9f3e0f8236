package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Columns that a grouped query selects without grouping by them: PostgreSQL allows it where the
 * table's primary key is grouped by. They become group columns, which splits no group.
 */
final class Dependents {
  private final Operator input;
  private final Set<ColumnRef> seen;
  private final String relation;
  private final List<Named> groups;
  private final Map<ColumnRef, ColumnRef> plain;

  /**
   * @param plain the group column of each input column that is grouped by
   */
  Dependents(Operator input, String relation, List<Named> groups, Map<ColumnRef, ColumnRef> plain) {
    this.input = input;
    this.seen = Set.copyOf(input.columns());
    this.relation = relation;
    this.groups = new ArrayList<>(groups);
    this.plain = new HashMap<>(plain);
  }

  /** The group columns, those that were added included. */
  List<Named> groups() {
    return List.copyOf(groups);
  }

  /** The expression over the aggregate's columns instead of its input's. */
  Scalar resolve(Scalar value) {
    return value.map(this::resolve);
  }

  /** What stands for a column above the aggregate; columns that it does not see stay. */
  Scalar resolve(ColumnRef ref) {
    return Scalar.column(seen.contains(ref) ? group(ref) : ref);
  }

  private ColumnRef group(ColumnRef ref) {
    ColumnRef known = plain.get(ref);
    if (known != null) {
      return known;
    }
    Scan scan =
        scans(input)
            .filter(s -> s.columns().contains(ref))
            .findFirst()
            .orElseThrow(() -> notGrouped(ref));
    List<String> key = scan.table().primaryKey();
    boolean determined =
        !key.isEmpty()
            && key.stream().allMatch(k -> plain.containsKey(new ColumnRef(scan.relation(), k)));
    if (!determined) {
      throw notGrouped(ref);
    }
    var as = new ColumnRef(relation, "g" + (groups.size() + 1));
    groups.add(new Named(as, Scalar.column(ref)));
    plain.put(ref, as);
    return as;
  }

  private static UnsupportedQueryException notGrouped(ColumnRef ref) {
    return new UnsupportedQueryException(
        "column " + ref + " is used outside an aggregate and is not grouped by");
  }

  private static java.util.stream.Stream<Scan> scans(Operator operator) {
    return operator instanceof Scan scan
        ? java.util.stream.Stream.of(scan)
        : operator.inputs().stream().flatMap(Dependents::scans);
  }
}
