package dev.freshet.sql.delta;

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
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Operator.Values;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The inputs of joins, whatever filters and projections stand between them. */
record JoinBlock(List<Operator> leaves, List<Scalar> conditions, Map<ColumnRef, Scalar> columns) {

  static JoinBlock of(Operator tree) {
    return switch (tree) {
      case Filter(Operator input, Scalar condition) -> {
        JoinBlock block = of(input);
        block.conditions.add(mapped(condition, block.columns));
        yield block;
      }
      case Operator.ClockFilter(Operator input, Scalar condition, _, _) ->
          of(new Filter(input, condition));
      case Project(Operator input, var outputs) -> {
        JoinBlock block = of(input);
        var columns = new HashMap<ColumnRef, Scalar>();
        for (Named output : outputs) {
          columns.put(output.as(), mapped(output.value(), block.columns));
        }
        yield new JoinBlock(block.leaves, block.conditions, columns);
      }
      case Copies(Operator input, _) -> of(input);
      case Join(var inputs, var conditions) -> {
        var block = new JoinBlock(new ArrayList<>(), new ArrayList<>(), new HashMap<>());
        for (Operator input : inputs) {
          JoinBlock part = of(input);
          block.leaves.addAll(part.leaves);
          block.conditions.addAll(part.conditions);
          block.columns.putAll(part.columns);
        }
        conditions.forEach(c -> block.conditions.add(mapped(c, block.columns)));
        yield block;
      }
      case Scan _,
          Delta _,
          ChangedKeys _,
          Bound _,
          FunctionRows _,
          Values _,
          UnionAll _,
          Aggregate _,
          Window _,
          DistinctOn _,
          Limit _,
          SetOperation _,
          OuterJoin _,
          Apply _,
          Lateral _ ->
          new JoinBlock(new ArrayList<>(List.of(tree)), new ArrayList<>(), new HashMap<>(Map.of()));
    };
  }

  static Scalar mapped(Scalar condition, Map<ColumnRef, Scalar> values) {
    return condition.map(ref -> values.getOrDefault(ref, Scalar.column(ref)));
  }

  /** The column itself, or varchar as text, which is the same to an index. */
  static boolean isBare(Scalar side, SourceTable.Column column) {
    String text = side.sql(_ -> "c").replaceAll("[() ]", "");
    boolean same =
        text.equals("c") || (text.equals("c::text") && column.type().base().equals("varchar"));
    return same && column.type().comparable() && !column.virtual();
  }
}
