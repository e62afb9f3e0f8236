package dev.freshet.sql.delta;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Copies;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;

/**
 * Z-sets as ordinary relations, for operators that are not linear: they must see each row as often
 * as it was there, not weights that cancel.
 *
 * <p>Rows are added up by identity, not by SQL's equality: 1.0 and 1.00 are different rows to an
 * operator that prints them.
 */
final class OldState {
  private OldState() {}

  /** Each row as often as its weights add up to; a tree without weights as it is. */
  static Operator copies(Weighted zset, Types types, Steps steps) {
    if (zset.weight().isEmpty()) {
      return zset.tree();
    }
    ColumnRef weight = steps.weight();
    List<ColumnRef> columns = zset.plainColumns();
    var groups = new ArrayList<Named>();
    var back = new ArrayList<Named>();
    for (ColumnRef column : columns) {
      ColumnType type = types.of(column).type();
      boolean identity = isIdentity(type);
      groups.add(
          identity ? Named.same(column) : new Named(column, Scalar.of("(", column, ")::text")));
      back.add(
          identity ? Named.same(column) : new Named(column, Scalar.of(column, "::" + type.name())));
    }
    back.add(Named.same(weight));
    Operator sums = new Aggregate(zset.tree(), groups, List.of(total(zset, weight)));
    Operator left = new Filter(sums, Scalar.of(weight, " > 0"));
    return new Copies(new Project(left, back), weight);
  }

  private static boolean isIdentity(ColumnType type) {
    // numeric(p,s): every value has s digits. (An infinity or NaN is only ever equal to itself.)
    return RowMatch.equalMeansIdentical(type)
        || type.name().startsWith("numeric(")
        || type.base().equals("text")
        || type.base().equals("varchar")
        || type.base().equals("name");
  }

  private static Call total(Weighted zset, ColumnRef weight) {
    return new Call(
        weight, AggregateCall.opaque("sum", Scalar.of("sum(", zset.weightOrOne(), ")::bigint")));
  }

  /** At least one row, told by a tree that has a row or none. */
  static Operator exists(Weighted zset, Steps steps) {
    if (zset.weight().isEmpty()) {
      return zset.tree();
    }
    ColumnRef weight = steps.weight();
    return new Filter(
        new Aggregate(zset.tree(), List.of(), List.of(total(zset, weight))),
        Scalar.of(weight, " > 0"));
  }
}
