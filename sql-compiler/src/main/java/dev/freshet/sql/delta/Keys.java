package dev.freshet.sql.delta;

import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Distinct values that a delta touches: groups, partitions, join keys.
 *
 * @param relation columns {@code k1, k2, …}
 * @param types of the columns; where all are declared never NULL, rows are found by plain equality
 */
record Keys(Bound relation, List<Typed> types) {
  Keys {
    types = List.copyOf(types);
  }

  /** The values of {@code expressions} in the rows of trees that have the columns they read. */
  static Keys of(
      Steps steps, List<Operator> trees, List<List<Scalar>> expressions, List<Typed> types) {
    String relation = steps.fresh("k");
    var columns =
        IntStream.rangeClosed(1, types.size())
            .mapToObj(i -> new ColumnRef(relation, "k" + i))
            .toList();
    List<Operator> values = new ArrayList<>();
    for (int t = 0; t < trees.size(); t++) {
      var outputs = new ArrayList<Named>();
      for (int i = 0; i < columns.size(); i++) {
        outputs.add(new Named(columns.get(i), expressions.get(t).get(i)));
      }
      values.add(new Project(trees.get(t), outputs));
    }
    Operator all = values.size() == 1 ? values.getFirst() : new UnionAll(values);
    Operator distinct = new Aggregate(all, columns.stream().map(Named::same).toList(), List.of());
    return new Keys(steps.bind("keys", distinct), types);
  }

  /** Some of the columns. */
  Keys project(Steps steps, List<Integer> positions) {
    if (positions.size() == types.size()) {
      return this;
    }
    List<Scalar> kept =
        positions.stream().map(i -> Scalar.column(relation.columns().get(i))).toList();
    return of(steps, List.of(relation), List.of(kept), positions.stream().map(types::get).toList());
  }

  /** The same keys, where NULL matches nothing: those of a join. */
  Keys ofJoin() {
    return new Keys(relation, types.stream().map(t -> new Typed(t.type(), true)).toList());
  }

  /** The condition that expressions of these types equal a row of the relation {@code bound}. */
  Scalar match(List<Scalar> expressions, Bound bound) {
    return match(expressions, bound.columns());
  }

  /** The same for columns of which the first ones have these types. */
  Scalar match(List<Scalar> expressions, List<ColumnRef> all) {
    List<ColumnRef> columns = all.subList(0, types.size());
    var key = new ArrayList<KeyColumn>();
    for (int i = 0; i < types.size(); i++) {
      key.add(new KeyColumn(columns.get(i).column(), types.get(i).type(), types.get(i).notNull()));
    }
    return new RowMatch(key)
        .equalToRow(
            expressions.stream().map(Scalar::grouped).toList(),
            columns.stream().map(Scalar::column).toList());
  }
}
