package dev.freshet.sql.delta;

import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
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
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * {@code A ⋉ K}: the rows of a tree whose key is among some keys, the restriction moved as far down
 * as it goes, so that an index on the key finds the rows.
 *
 * <p>Laws, for keys e over the columns of A: {@code σ(A) ⋉ K = σ(A ⋉ K)}; {@code π(A) ⋉ₑ K = π(A
 * ⋉ₑ∘π K)}; {@code (A + B) ⋉ K = A ⋉ K + B ⋉ K}; {@code γ(A) ⋉ K = γ(A ⋉ K)} if e reads group
 * columns only, likewise the partitions of a window; {@code (A ⟕ B) ⋉ K = (A ⋉ K) ⟕ B} if e reads A
 * only. At the bottom it is a join: the keys are distinct, so no row comes twice.
 */
final class Restriction {
  private final Steps steps;
  private final Function<Scan, Shape> shapes;

  /**
   * @param shapes in which columns sources take part
   */
  Restriction(Steps steps, Function<Scan, Shape> shapes) {
    this.steps = steps;
    this.shapes = shapes;
  }

  /**
   * @param expressions over the columns of {@code tree}, one for each column of the keys
   */
  Operator of(Operator tree, List<Scalar> expressions, Keys keys) {
    if (expressions.isEmpty()) {
      return tree;
    }
    Set<ColumnRef> read = new HashSet<>();
    expressions.forEach(e -> read.addAll(e.columns()));
    return switch (tree) {
      case Filter(Operator input, Scalar condition) ->
          new Filter(of(input, expressions, keys), condition);
      case ClockFilter(Operator input, Scalar condition, Scalar before, Scalar window) ->
          new ClockFilter(of(input, expressions, keys), condition, before, window);
      case Project(Operator input, var outputs) ->
          new Project(of(input, substituted(expressions, outputs), keys), outputs);
      case UnionAll(var inputs) ->
          new UnionAll(inputs.stream().map(input -> of(input, expressions, keys)).toList());
      case SetOperation(var kind, boolean all, Operator left, Operator right) ->
          new SetOperation(kind, all, of(left, expressions, keys), of(right, expressions, keys));
      case Aggregate(Operator input, var groups, var calls)
          when groups.stream().map(Named::as).toList().containsAll(read) && !groups.isEmpty() ->
          new Aggregate(of(input, substituted(expressions, groups), keys), groups, calls);
      case Window(Operator input, var partition, var calls) when isMadeOf(read, partition) ->
          new Window(of(input, expressions, keys), partition, calls);
      case DistinctOn(Operator input, var on, var order) when isMadeOf(read, on) ->
          new DistinctOn(of(input, expressions, keys), on, order);
      case OuterJoin(Operator left, Operator right, boolean full, var conditions)
          when !full && left.columns().containsAll(read) ->
          new OuterJoin(
              of(left, expressions, keys),
              followed(right, conditions, expressions, keys),
              false,
              conditions);
      case Apply(Operator input, ColumnRef as, Scalar before, Operator query)
          when input.columns().containsAll(read) ->
          new Apply(of(input, expressions, keys), as, before, followed(query, expressions, keys));
      case Lateral(Operator input, Operator right, boolean outer, var conditions)
          when input.columns().containsAll(read) ->
          new Lateral(of(input, expressions, keys), right, outer, conditions);
      case Join join -> join(join, expressions, keys);
      case Scan _,
          Delta _,
          ChangedKeys _,
          Bound _,
          Copies _,
          FunctionRows _,
          Values _,
          Aggregate _,
          Window _,
          DistinctOn _,
          OuterJoin _,
          Apply _,
          Lateral _,
          Limit _ ->
          here(tree, expressions, keys);
    };
  }

  private static boolean isMadeOf(Set<ColumnRef> read, List<Scalar> parts) {
    Set<ColumnRef> plain = new HashSet<>();
    parts.forEach(part -> part.asColumn().ifPresent(plain::add));
    return plain.containsAll(read);
  }

  private static List<Scalar> substituted(List<Scalar> expressions, List<Named> outputs) {
    Map<ColumnRef, Scalar> values = new HashMap<>();
    outputs.forEach(output -> values.put(output.as(), output.value()));
    return expressions.stream()
        .map(e -> e.map(ref -> values.getOrDefault(ref, Scalar.column(ref))))
        .toList();
  }

  /** The tree joined with the keys. */
  private Operator here(Operator tree, List<Scalar> expressions, Keys keys) {
    Bound bound = steps.again(keys.relation());
    Operator joined = new Join(List.of(bound, tree), List.of(keys.match(expressions, bound)));
    return Trees.narrowed(joined, tree instanceof Scan scan ? read(scan) : tree.columns());
  }

  private List<ColumnRef> read(Scan scan) {
    return shapes.apply(scan).names().stream()
        .map(name -> new ColumnRef(scan.relation(), name))
        .toList();
  }

  /** The keys restrict the input that has them, or the whole join, and follow its equalities. */
  private Operator join(Join join, List<Scalar> expressions, Keys keys) {
    var inputs = new ArrayList<>(join.inputs());
    int owner = -1;
    for (int i = 0; i < inputs.size(); i++) {
      if (reads(inputs.get(i), expressions)) {
        owner = i;
      }
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (i == owner) {
        inputs.set(i, of(inputs.get(i), expressions, keys));
      } else {
        inputs.set(i, followed(inputs.get(i), join.conditions(), expressions, keys));
      }
    }
    var restricted = new Join(inputs, join.conditions());
    return owner >= 0 ? restricted : here(restricted, expressions, keys);
  }

  private static boolean reads(Operator input, List<Scalar> expressions) {
    return expressions.stream().allMatch(e -> input.columns().containsAll(e.columns()));
  }

  /**
   * An input that the planner cannot look into by itself, restricted by keys that it has, or that
   * the join makes equal to a column of it.
   */
  Operator followed(Operator input, List<Scalar> conditions, List<Scalar> expressions, Keys keys) {
    if (isTransparent(input)) {
      return input;
    }
    var positions = new ArrayList<Integer>();
    var own = new ArrayList<Scalar>();
    var types = new ArrayList<Typed>();
    for (int i = 0; i < expressions.size(); i++) {
      Scalar expression = expressions.get(i);
      Typed type = keys.types().get(i);
      if (expression.columns().isEmpty()) {
        continue;
      }
      if (input.columns().containsAll(expression.columns())) {
        positions.add(i);
        own.add(expression);
        types.add(type);
        continue;
      }
      Optional<Scalar> equal = equal(input, conditions, expression);
      if (equal.isPresent() && RowMatch.hasBuiltInEquality(type.type())) {
        positions.add(i);
        own.add(equal.get());
        types.add(new Typed(type.type(), true)); // a join's equality is never true of NULL
      }
    }
    return own.isEmpty()
        ? input
        : of(input, own, new Keys(keys.project(steps, positions).relation(), types));
  }

  /** What a join makes equal to the expression, if it reads this input alone. */
  private static Optional<Scalar> equal(
      Operator input, List<Scalar> conditions, Scalar expression) {
    return conditions.stream()
        .flatMap(condition -> Equality.of(condition).stream())
        .flatMap(equality -> equality.other(expression).stream())
        .filter(side -> !side.columns().isEmpty() && input.columns().containsAll(side.columns()))
        .findFirst();
  }

  /** As {@link #followed(Operator, List, List, Keys)}: the query of a sub-query, by its links. */
  private Operator followed(Operator query, List<Scalar> expressions, Keys keys) {
    return Matching.of(query)
        .filter(m -> !m.links().isEmpty() && !isTransparent(m.core()))
        .map(m -> m.over(followed(m.core(), m.links(), expressions, keys)))
        .orElse(query);
  }

  /** PostgreSQL's planner sees through it by itself, and finds an index for a join condition. */
  static boolean isTransparent(Operator tree) {
    return switch (tree) {
      case Scan _, Delta _, ChangedKeys _, Bound _, FunctionRows _, Values _ -> true;
      case Filter _, ClockFilter _, Project _, Join _, UnionAll _, OuterJoin _ ->
          tree.inputs().stream().allMatch(Restriction::isTransparent);
      case Apply(Operator input, _, _, _) -> isTransparent(input);
      case Lateral(Operator input, _, _, _) -> isTransparent(input);
      case Aggregate _, Window _, DistinctOn _, Limit _, SetOperation _, Copies _ -> false;
    };
  }
}
