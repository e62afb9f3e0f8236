package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A query tree with the columns that its expressions read replaced, and its relations renamed.
 *
 * <p>Relation names are unique in a whole tree, so a column that is free in a part of it can be
 * replaced there without looking who made it.
 */
public final class TreeRewrite {
  private final Function<ColumnRef, Scalar> uses;
  private final UnaryOperator<String> relations;

  private TreeRewrite(Function<ColumnRef, Scalar> uses, UnaryOperator<String> relations) {
    this.uses = uses;
    this.relations = relations;
  }

  /** The tree with other expressions for columns; those that it makes itself must stay. */
  static Operator substitute(Operator tree, Function<ColumnRef, Scalar> values) {
    return new TreeRewrite(values, name -> name).tree(tree);
  }

  /** The columns that any expression in the tree reads. */
  static Set<ColumnRef> reads(Operator tree) {
    var read = new LinkedHashSet<ColumnRef>();
    new TreeRewrite(
            ref -> {
              read.add(ref);
              return Scalar.column(ref);
            },
            name -> name)
        .tree(tree);
    return read;
  }

  /** Whether the right tree reads a column of the left one. */
  static boolean depends(Operator right, Operator left) {
    Set<ColumnRef> read = reads(right);
    return left.columns().stream().anyMatch(read::contains);
  }

  /** A second instance of a tree. */
  public record Copy(Operator tree, Map<String, String> names) {
    public ColumnRef of(ColumnRef ref) {
      return new ColumnRef(names.getOrDefault(ref.relation(), ref.relation()), ref.column());
    }

    public Scalar of(Scalar scalar) {
      return scalar.map(ref -> Scalar.column(of(ref)));
    }
  }

  /** The same tree over relations of other names. */
  public static Copy copy(Operator tree, UnaryOperator<String> fresh) {
    Map<String, String> names = new HashMap<>();
    made(tree).forEach(name -> names.computeIfAbsent(name, fresh));
    UnaryOperator<String> rename = name -> names.getOrDefault(name, name);
    var rewrite =
        new TreeRewrite(
            ref -> Scalar.column(new ColumnRef(rename.apply(ref.relation()), ref.column())),
            rename);
    return new Copy(rewrite.tree(tree), names);
  }

  /** The relations that the tree makes. */
  private static Set<String> made(Operator tree) {
    var names = new LinkedHashSet<String>();
    tree.inputs().forEach(input -> names.addAll(made(input)));
    tree.columns().forEach(ref -> names.add(ref.relation()));
    return names;
  }

  private ColumnRef made(ColumnRef ref) {
    return new ColumnRef(relations.apply(ref.relation()), ref.column());
  }

  private Scalar scalar(Scalar scalar) {
    return scalar.map(uses);
  }

  private List<Scalar> scalars(List<Scalar> scalars) {
    return scalars.stream().map(this::scalar).toList();
  }

  private List<Named> named(List<Named> named) {
    return named.stream().map(n -> new Named(made(n.as()), scalar(n.value()))).toList();
  }

  private List<Call> calls(List<Call> calls) {
    return calls.stream().map(c -> new Call(made(c.as()), c.value().map(uses))).toList();
  }

  private Operator tree(Operator tree) {
    return switch (tree) {
      case Operator.Scan(String relation, var table) ->
          new Operator.Scan(relations.apply(relation), table);
      case Operator.Filter(Operator input, Scalar condition) ->
          new Operator.Filter(tree(input), scalar(condition));
      case Operator.Project(Operator input, var outputs) ->
          new Operator.Project(tree(input), named(outputs));
      case Operator.Join(var inputs, var conditions) ->
          new Operator.Join(inputs.stream().map(this::tree).toList(), scalars(conditions));
      case Operator.UnionAll(var inputs) ->
          new Operator.UnionAll(inputs.stream().map(this::tree).toList());
      case Operator.Aggregate(Operator input, var groups, var calls) ->
          new Operator.Aggregate(tree(input), named(groups), calls(calls));
      case Operator.OuterJoin(Operator left, Operator right, boolean full, var conditions) ->
          new Operator.OuterJoin(tree(left), tree(right), full, scalars(conditions));
      case Operator.Apply(Operator input, ColumnRef as, Scalar before, Operator query) ->
          new Operator.Apply(tree(input), made(as), scalar(before), tree(query));
      case Operator.Lateral(Operator input, Operator right, boolean outer, var conditions) ->
          new Operator.Lateral(tree(input), tree(right), outer, scalars(conditions));
      case Operator.FunctionRows(String relation, Scalar call, var names) ->
          new Operator.FunctionRows(relations.apply(relation), scalar(call), names);
      case Operator.Values(String relation, var names, var rows) ->
          new Operator.Values(
              relations.apply(relation), names, rows.stream().map(this::scalars).toList());
      case Operator.Window(Operator input, var partition, var calls) ->
          new Operator.Window(tree(input), scalars(partition), calls(calls));
      case Operator.DistinctOn(Operator input, var on, var order) ->
          new Operator.DistinctOn(tree(input), scalars(on), scalars(order));
      case Operator.Limit(
              Operator input,
              var order,
              Optional<Scalar> limit,
              Optional<Scalar> offset,
              boolean withTies) ->
          new Operator.Limit(
              tree(input),
              scalars(order),
              limit.map(this::scalar),
              offset.map(this::scalar),
              withTies);
      case Operator.SetOperation(var kind, boolean all, Operator left, Operator right) ->
          new Operator.SetOperation(kind, all, tree(left), tree(right));
      case Operator.ClockFilter(Operator input, Scalar condition, Scalar before, Scalar window) ->
          new Operator.ClockFilter(tree(input), scalar(condition), scalar(before), scalar(window));
      case Operator.Delta _, Operator.ChangedKeys _, Operator.Bound _, Operator.Copies _ ->
          throw new IllegalArgumentException("not a query tree: " + tree);
    };
  }
}
