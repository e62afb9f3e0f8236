package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.ClockFilter;
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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What can be said and done of every operator alike. */
public final class Trees {
  private Trees() {}

  /** The same operator over other inputs, which must offer the columns that it reads. */
  public static Operator withInputs(Operator operator, List<Operator> inputs) {
    return switch (operator) {
      case Scan _, Delta _, ChangedKeys _, FunctionRows _, Values _, Bound _ -> operator;
      case Filter(_, Scalar condition) -> new Filter(inputs.getFirst(), condition);
      case ClockFilter(_, Scalar condition, Scalar before, Scalar window) ->
          new ClockFilter(inputs.getFirst(), condition, before, window);
      case Project(_, var outputs) -> new Project(inputs.getFirst(), outputs);
      case Join(_, var conditions) -> new Join(inputs, conditions);
      case UnionAll _ -> new UnionAll(inputs);
      case Aggregate(_, var groups, var calls) -> new Aggregate(inputs.getFirst(), groups, calls);
      case OuterJoin(_, _, boolean full, var conditions) ->
          new OuterJoin(inputs.get(0), inputs.get(1), full, conditions);
      case Apply(_, ColumnRef as, Scalar before, _) ->
          new Apply(inputs.get(0), as, before, inputs.get(1));
      case Lateral(_, _, boolean outer, var conditions) ->
          new Lateral(inputs.get(0), inputs.get(1), outer, conditions);
      case Window(_, var partition, var calls) -> new Window(inputs.getFirst(), partition, calls);
      case DistinctOn(_, var on, var order) -> new DistinctOn(inputs.getFirst(), on, order);
      case Limit(_, var order, var limit, var offset, boolean ties) ->
          new Limit(inputs.getFirst(), order, limit, offset, ties);
      case SetOperation(var kind, boolean all, _, _) ->
          new SetOperation(kind, all, inputs.get(0), inputs.get(1));
      case Copies(_, ColumnRef weight) -> new Copies(inputs.getFirst(), weight);
    };
  }

  /** The expressions of the operator itself, not of its inputs. */
  public static List<Scalar> scalars(Operator operator) {
    return switch (operator) {
      case Scan _, Delta _, ChangedKeys _, Bound _, UnionAll _, SetOperation _, Copies _ ->
          List.of();
      case Filter(_, Scalar condition) -> List.of(condition);
      case ClockFilter(_, Scalar condition, Scalar before, Scalar window) ->
          List.of(condition, before, window);
      case Project(_, var outputs) -> outputs.stream().map(Named::value).toList();
      case Join(_, var conditions) -> conditions;
      case Aggregate(_, var groups, var calls) -> {
        var all = new ArrayList<Scalar>();
        groups.forEach(group -> all.add(group.value()));
        calls.forEach(call -> all.add(call.value().sql()));
        yield all;
      }
      case OuterJoin(_, _, _, var conditions) -> conditions;
      case Apply(_, _, Scalar before, _) -> List.of(before);
      case Lateral(_, _, _, var conditions) -> conditions;
      case FunctionRows(_, Scalar call, _) -> List.of(call);
      case Values(_, _, var rows) -> rows.stream().flatMap(List::stream).toList();
      case Window(_, var partition, var calls) -> {
        var all = new ArrayList<>(partition);
        calls.forEach(call -> all.add(call.value().sql()));
        yield all;
      }
      case DistinctOn(_, var on, var order) -> Stream.concat(on.stream(), order.stream()).toList();
      case Limit(_, var order, var limit, var offset, _) ->
          Stream.of(order.stream(), limit.stream(), offset.stream()).flatMap(s -> s).toList();
    };
  }

  /** The operator and everything beneath it. */
  public static Stream<Operator> all(Operator operator) {
    return Stream.concat(
        Stream.of(operator), operator.inputs().stream().flatMap(input -> all(input)));
  }

  /** The sources that it reads, each scan by itself. */
  public static List<Scan> scans(Operator operator) {
    return all(operator)
        .flatMap(o -> o instanceof Scan scan ? Stream.of(scan) : Stream.empty())
        .toList();
  }

  /** Whether what the tree holds depends on the time. */
  public static boolean followsClock(Operator operator) {
    return all(operator).anyMatch(o -> o instanceof ClockFilter);
  }

  /** The columns that are read in the tree and made outside of it: those of an enclosing query. */
  public static Set<ColumnRef> free(Operator operator) {
    Set<ColumnRef> free = new LinkedHashSet<>();
    Set<ColumnRef> made = new LinkedHashSet<>();
    all(operator)
        .forEach(
            o -> {
              scalars(o).forEach(scalar -> free.addAll(scalar.columns()));
              made.addAll(o.columns());
            });
    free.removeAll(made);
    return free;
  }

  /** A projection on some columns as they are. */
  public static Operator narrowed(Operator operator, List<ColumnRef> columns) {
    return operator.columns().equals(columns)
        ? operator
        : new Project(operator, columns.stream().map(Named::same).toList());
  }

  /** A condition on top of the operator; none if there are none. */
  public static Operator filtered(Operator operator, List<Scalar> conditions) {
    Operator tree = operator;
    for (Scalar condition : conditions) {
      tree = new Filter(tree, condition);
    }
    return tree;
  }

  /** The calls under their columns, each as its whole text. */
  public static List<Scalar> texts(List<Call> calls) {
    return calls.stream().map(call -> call.value().sql()).toList();
  }
}
