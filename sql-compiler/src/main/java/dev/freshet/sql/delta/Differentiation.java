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
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.SortKey;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Δ of a tree, one rule per operator, each with its law.
 *
 * <p>Linear operators pass a delta on. Of the others only what a delta touches is computed, at the
 * new and at the old state, and the difference is the delta: {@code ΔN(A) = N(A ⋉ K) − N(Aᵒˡᵈ ⋉
 * K)}, with K the keys (groups, partitions, rows that a sub-query was evaluated for) of ΔA.
 */
public final class Differentiation {
  private final Set<Integer> changed;
  private final Function<Scan, Shape> shapes;
  private final Types types;
  private final Steps steps = new Steps();
  private final Restriction restriction;
  private final SubQueries subQueries;
  private final Map<Operator, Optional<Weighted>> known = new HashMap<>();

  /**
   * @param changed the oids of the sources whose Δ is not empty
   * @param shapes in which columns each source takes part
   * @param types of all columns of the trees to come
   */
  public Differentiation(Set<Integer> changed, Function<Scan, Shape> shapes, Types types) {
    this.changed = Set.copyOf(changed);
    this.shapes = shapes;
    this.types = types;
    this.restriction = new Restriction(steps, shapes);
    this.subQueries = new SubQueries(this, steps, types, restriction);
  }

  /** For trees of scans, filters, projections, joins and unions. */
  public Differentiation(Set<Integer> changed, Function<Scan, Shape> shapes) {
    this(changed, shapes, Types.NONE);
  }

  /** The relations that the deltas read, to be computed before, in this order. */
  public Map<String, Operator> steps() {
    return steps.all();
  }

  /** The names and relations of this differentiation, for trees built around its deltas. */
  public Steps naming() {
    return steps;
  }

  /**
   * What is to be recomputed of an operator that the stream table itself holds: its old rows are at
   * hand.
   *
   * @param keys those of the delta, columns {@code k1, k2, …}
   * @param input restricted to them
   */
  public record Touched(Bound keys, Operator input) {}

  /** The keys of ΔA and {@code A ⋉ K}, or empty if nothing that A reads changed. */
  public Optional<Touched> touched(Operator input, List<Scalar> keys, List<Typed> keyTypes) {
    return delta(input)
        .map(
            a -> {
              Keys values = Keys.of(steps, List.of(a.tree()), List.of(keys), keyTypes);
              return new Touched(values.relation(), restriction.of(input, keys, values));
            });
  }

  /**
   * What a change concerns of a query whose old rows the stream table holds, or empty if nothing
   * that it reads changed. The query is a window, DISTINCT ON or set operation, or has a spine
   * ({@link RowKeys}) whose keys are among its columns; filters may stand above.
   */
  public Optional<Affected> affected(Operator query) {
    return switch (query) {
      case Filter(Operator input, Scalar condition) ->
          affected(input).map(a -> new Affected(a.parts(), new Filter(a.rows(), condition)));
      case Window(Operator input, var partition, _) -> affected(query, input, partition);
      case DistinctOn(Operator input, var on, _) -> affected(query, input, on);
      case SetOperation operation ->
          rowKeys(operation)
              .map(
                  keys -> {
                    List<Scalar> row = row(operation);
                    List<Operator> now = restricted(operation, row, keys);
                    return new Affected(
                        List.of(new Affected.Part(row, keys.relation())),
                        Trees.withInputs(operation, now));
                  });
      default -> new AffectedRows(this, types).of(query);
    };
  }

  private Optional<Affected> affected(Operator query, Operator input, List<Scalar> keys) {
    List<Typed> keyTypes = keys.stream().map(k -> types.of(k).orElseThrow()).toList();
    return touched(input, keys, keyTypes)
        .map(
            touched ->
                new Affected(
                    List.of(new Affected.Part(keys, touched.keys())),
                    Trees.withInputs(query, List.of(touched.input()))));
  }

  /**
   * Of each partition that ΔA touches the first value by an order: columns {@code k1, k2, …} of the
   * partition, and {@code b1, b2, …} of the order. Without a partition it is one row.
   */
  public Optional<Bound> firstTouched(Operator input, List<Scalar> partition, List<SortKey> order) {
    return delta(input)
        .map(
            a -> {
              String relation = steps.fresh("b");
              var outputs = new ArrayList<Named>();
              var on = new ArrayList<Scalar>();
              for (int i = 0; i < partition.size(); i++) {
                var key = new ColumnRef(relation, "k" + (i + 1));
                outputs.add(new Named(key, partition.get(i)));
                on.add(Scalar.column(key));
              }
              var sorted = new ArrayList<>(on);
              for (int i = 0; i < order.size(); i++) {
                var bound = new ColumnRef(relation, "b" + (i + 1));
                outputs.add(new Named(bound, order.get(i).value()));
                sorted.add(order.get(i).of(Scalar.column(bound)).sql());
              }
              Operator values = new Project(a.tree(), outputs);
              return steps.bind(
                  "bounds",
                  on.isEmpty()
                      ? new Limit(
                          values, sorted, Optional.of(Scalar.of("1")), Optional.empty(), false)
                      : new DistinctOn(values, on, sorted));
            });
  }

  /** The rows of the partitions that ΔA touches, or all of A, of which the planner finds these. */
  public Operator near(Operator input, List<Scalar> partition, List<Typed> keyTypes) {
    return partition.isEmpty() || Restriction.isTransparent(input)
        ? input
        : touched(input, partition, keyTypes).map(Touched::input).orElse(input);
  }

  /**
   * The rows of a tree that equal one of the given rows in its first columns: {@code A ⋉ K}.
   *
   * @param rows in whatever order and number
   */
  public Operator among(Operator tree, Bound rows) {
    List<ColumnRef> columns = tree.columns().subList(0, rows.columns().size());
    List<Typed> keyTypes = columns.stream().map(types::of).toList();
    List<Scalar> values = rows.columns().stream().map(Scalar::column).toList();
    Keys keys = Keys.of(steps, List.of(rows), List.of(values), keyTypes);
    return restriction.of(tree, columns.stream().map(Scalar::column).toList(), keys);
  }

  /** ΔQ, or empty if nothing that it reads changed. */
  public Optional<Weighted> delta(Operator query) {
    Optional<Weighted> before = known.get(query);
    if (before != null) {
      return before;
    }
    Optional<Weighted> delta = rule(query);
    delta.ifPresent(d -> requireSchema(query, d));
    known.put(query, delta);
    return delta;
  }

  private Optional<Weighted> rule(Operator query) {
    return switch (query) {
      case Scan scan -> scan(scan);
      case Filter filter -> filter(filter);
      case ClockFilter filter -> clockFilter(filter);
      case Project project -> project(project);
      case Join join -> join(join);
      case UnionAll union -> unionAll(union);
      case OuterJoin join -> outerJoin(join);
      case Apply apply -> apply(apply);
      case Lateral lateral -> lateral(lateral);
      case Aggregate(Operator input, var groups, _) ->
          byKeys(query, input, groups.stream().map(Named::value).toList());
      case Window(Operator input, var partition, _) -> byKeys(query, input, partition);
      case DistinctOn(Operator input, var on, _) -> byKeys(query, input, on);
      case SetOperation operation -> setOperation(operation);
      case Limit limit -> limit(limit);
      case FunctionRows _, Values _, Bound _ -> Optional.empty();
      case Delta _, ChangedKeys _, Copies _ ->
          throw new IllegalArgumentException("not a query: " + query);
    };
  }

  /** Post-condition: the delta's schema is the query's schema and a weight (and measures). */
  private static void requireSchema(Operator query, Weighted delta) {
    boolean leaf =
        query instanceof Scan
            || query instanceof Filter
            || query instanceof ClockFilter
            || query instanceof Join;
    boolean same =
        leaf
            ? query.columns().containsAll(delta.plainColumns())
            : Set.copyOf(query.columns()).containsAll(delta.plainColumns());
    if (!same || delta.weight().isEmpty()) {
      throw new IllegalStateException(
          "Δ has columns " + delta.tree().columns() + " for " + query.columns());
    }
  }

  /** The clock has always changed. */
  boolean isChanged(Operator tree) {
    return Trees.followsClock(tree)
        || Trees.scans(tree).stream().anyMatch(s -> changed.contains(s.table().oid()));
  }

  /** {@code ΔR}: what changed. */
  private Optional<Weighted> scan(Scan scan) {
    if (!changed.contains(scan.table().oid())) {
      return Optional.empty();
    }
    Shape shape = shapes.apply(scan);
    var leaf = new Delta(scan, shape.names(), shape.measures(scan));
    return Optional.of(new Weighted(leaf, Optional.of(leaf.weight()), leaf.measures()));
  }

  /** {@code Δ(σ c (A)) = σ c (ΔA)}. */
  private Optional<Weighted> filter(Filter filter) {
    return delta(filter.input()).map(a -> filtered(a, filter.condition()));
  }

  /**
   * {@code Δ(σ p(t) (A)) = σ p(t′) (ΔA) + (σ p(t′) − σ p(t)) (Aᵒˡᵈ)}, t the time of the frontier
   * and t′ that of the transaction. The second term is a range of A: {@link ClockFilter#window}.
   */
  private Optional<Weighted> clockFilter(ClockFilter filter) {
    List<Weighted> terms = new ArrayList<>();
    delta(filter.input()).ifPresent(a -> terms.add(filtered(a, filter.condition())));
    Weighted old = oldState(filter.input());
    if (!old.measures().isEmpty()) {
      throw new IllegalStateException("sums beneath " + filter);
    }
    Weighted moved = filtered(filtered(old, filter.window()), filter.flips());
    ColumnRef weight = steps.weight();
    var outputs = new ArrayList<Named>();
    old.plainColumns().forEach(c -> outputs.add(Named.same(c)));
    Scalar sign = Scalar.of("CASE WHEN ", filter.condition().grouped(), " THEN 1 ELSE -1 END");
    outputs.add(
        new Named(
            weight,
            old.weight().isPresent()
                ? Scalar.of("(", sign.grouped(), " * ", old.weightOrOne(), ")")
                : sign));
    terms.add(new Weighted(new Project(moved.tree(), outputs), Optional.of(weight), List.of()));
    return Optional.of(sum(ordered(terms, filter.columns())));
  }

  private static Weighted filtered(Weighted a, Scalar condition) {
    return new Weighted(new Filter(a.tree(), condition), a.weight(), a.measures());
  }

  /** {@code Δ(π f (A)) = π f (ΔA)}, weights passed on. */
  private Optional<Weighted> project(Project project) {
    return delta(project.input()).map(a -> projected(a, project.outputs()));
  }

  private static Weighted projected(Weighted a, List<Named> values) {
    var outputs = new ArrayList<>(values);
    a.weight().ifPresent(weight -> outputs.add(Named.same(weight)));
    a.measures().forEach(measure -> outputs.add(Named.same(measure)));
    return new Weighted(new Project(a.tree(), outputs), a.weight(), a.measures());
  }

  /** {@code Δ(A + B) = ΔA + ΔB}. */
  private Optional<Weighted> unionAll(UnionAll union) {
    List<Weighted> deltas =
        union.inputs().stream().map(this::delta).flatMap(Optional::stream).toList();
    return deltas.isEmpty() ? Optional.empty() : Optional.of(sum(deltas));
  }

  /**
   * {@code Δ(R₁ ⋈ … ⋈ Rₙ) = Σ_S (−1)^(|S|−1) · (ΔRᵢ, i ∈ S) ⋈ (Rⱼ, j ∉ S)} over all sets S of
   * inputs that changed, weights multiplied: for two, {@code ΔA ⋈ B + A ⋈ ΔB − ΔA ⋈ ΔB}. No term
   * reads an old state, so each is a join of tables and small deltas, which indexes serve. Where so
   * many inputs changed that this would be too many terms: {@code Σᵢ R₁ᵒˡᵈ ⋈ … ⋈ Rᵢ₋₁ᵒˡᵈ ⋈ ΔRᵢ ⋈
   * Rᵢ₊₁ ⋈ … ⋈ Rₙ}. An input that the planner cannot look into is restricted to the join keys of a
   * ΔRᵢ.
   */
  private Optional<Weighted> join(Join join) {
    Map<Integer, Weighted> moved = new LinkedHashMap<>();
    for (int i = 0; i < join.inputs().size(); i++) {
      int position = i;
      delta(join.inputs().get(i)).ifPresent(d -> moved.put(position, d));
    }
    List<Weighted> terms = new ArrayList<>();
    if (moved.size() <= Products.EXPANDED) {
      Products.subsets(moved.keySet()).stream()
          .filter(set -> !set.isEmpty())
          .forEach(set -> terms.add(term(join, set, moved)));
    } else {
      moved.forEach((position, delta) -> terms.add(term(join, position, delta)));
    }
    return terms.isEmpty() ? Optional.empty() : Optional.of(sum(terms));
  }

  private Weighted term(Join join, Set<Integer> set, Map<Integer, Weighted> moved) {
    List<Operator> all = join.inputs();
    boolean opaque =
        IntStream.range(0, all.size())
            .anyMatch(i -> !set.contains(i) && !Restriction.isTransparent(all.get(i)));
    boolean often = opaque || moved.size() > 1;
    Map<Integer, Weighted> deltas = new LinkedHashMap<>();
    for (int i : set) {
      Weighted delta = Objects.requireNonNull(moved.get(i));
      deltas.put(i, often ? steps.sharedUnlessPlain(delta) : delta);
    }
    List<Weighted> inputs = new ArrayList<>();
    for (int j = 0; j < all.size(); j++) {
      Operator input = all.get(j);
      if (deltas.containsKey(j)) {
        inputs.add(deltas.get(j));
      } else {
        for (Weighted delta : deltas.values()) {
          if (input.equals(all.get(j))) {
            input = meeting(input, delta.tree(), join.conditions());
          }
        }
        inputs.add(newState(input));
      }
    }
    Weighted term = product(inputs, join.conditions());
    return set.size() % 2 == 0 ? negated(term) : term;
  }

  private Weighted term(Join join, int position, Weighted delta) {
    boolean opaque =
        join.inputs().stream()
            .filter(input -> !input.equals(join.inputs().get(position)))
            .anyMatch(input -> !Restriction.isTransparent(input));
    Weighted start = opaque ? steps.shared(delta) : delta;
    List<Weighted> inputs = new ArrayList<>();
    for (int j = 0; j < join.inputs().size(); j++) {
      if (j == position) {
        inputs.add(start);
        continue;
      }
      Operator input =
          opaque
              ? meeting(join.inputs().get(j), start.tree(), join.conditions())
              : join.inputs().get(j);
      inputs.add(j < position ? oldState(input) : newState(input));
    }
    return product(inputs, join.conditions());
  }

  /** An input restricted to the rows that can meet a row of {@code other}. */
  private Operator meeting(Operator input, Operator other, List<Scalar> conditions) {
    if (Restriction.isTransparent(input)) {
      return input;
    }
    return keysOfJoin(conditions, input, other)
        .map(link -> restriction.of(input, link.expressions(), link.keys()))
        .orElse(input);
  }

  /** Keys of a delta, and which expressions of another tree equal them. */
  private record Link(List<Scalar> expressions, Keys keys) {}

  /** The equalities among conditions between a tree and a delta. */
  private Optional<Link> keysOfJoin(List<Scalar> conditions, Operator tree, Operator delta) {
    Sides sides = sides(conditions, tree, delta);
    return sides.ours().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Link(
                sides.ours(),
                Keys.of(steps, List.of(delta), List.of(sides.theirs()), sides.types())));
  }

  /** What equalities say of two trees, side by side. */
  private record Sides(List<Scalar> ours, List<Scalar> theirs, List<Typed> types) {}

  private Sides sides(List<Scalar> conditions, Operator our, Operator their) {
    var ours = new ArrayList<Scalar>();
    var theirs = new ArrayList<Scalar>();
    var keyTypes = new ArrayList<Typed>();
    for (Scalar condition : conditions) {
      Optional<Equality> equality =
          Equality.of(condition)
              .map(e -> reads(our, e.left()) ? e : new Equality(e.right(), e.left()))
              .filter(e -> reads(our, e.left()) && reads(their, e.right()));
      Optional<Typed> type = equality.flatMap(e -> types.of(e.right()));
      if (type.isPresent() && RowMatch.hasBuiltInEquality(type.get().type())) {
        ours.add(equality.get().left());
        theirs.add(equality.get().right());
        keyTypes.add(new Typed(type.get().type(), true)); // = is never true of NULL
      }
    }
    return new Sides(ours, theirs, keyTypes);
  }

  private static boolean reads(Operator tree, Scalar scalar) {
    return !scalar.columns().isEmpty() && tree.columns().containsAll(scalar.columns());
  }

  /**
   * {@code Δ(A ⟕ B) = ΔA ⟕ B + Aᵒˡᵈ ⋈ ΔB + flips}, where flips are the rows of {@code Aᵒˡᵈ} that
   * meet ΔB and had or have no partner, with NULLs for B: {@code ([∄ B] − [∄ Bᵒˡᵈ])}. A full join
   * adds the same for the rows of B alone.
   */
  private Optional<Weighted> outerJoin(OuterJoin join) {
    Operator left = join.left();
    Operator right = join.right();
    List<Scalar> conditions = join.conditions();
    List<Weighted> terms = new ArrayList<>();
    delta(left)
        .ifPresent(
            a -> {
              Weighted start = Restriction.isTransparent(right) ? a : steps.shared(a);
              Operator met = meeting(right, start.tree(), conditions);
              Weighted b = newState(met);
              terms.add(
                  new Weighted(
                      new OuterJoin(start.tree(), b.tree(), false, conditions),
                      start.weight(),
                      List.of()));
            });
    delta(right)
        .ifPresent(
            delta -> {
              Weighted b = steps.shared(delta);
              UnaryOperator<Operator> met = tree -> meeting(tree, b.tree(), conditions);
              terms.add(product(List.of(before(left, met), b), conditions));
              terms.add(flips(left, right, conditions));
              if (join.full()) {
                terms.add(without(b, left, conditions, false));
              }
            });
    if (join.full() && delta(left).isPresent()) {
      terms.add(flips(right, left, conditions));
    }
    return terms.isEmpty() ? Optional.empty() : Optional.of(sum(ordered(terms, join.columns())));
  }

  /** The rows of a Z-set that have no partner in a tree, NULLs for its columns. */
  private Weighted without(Weighted rows, Operator tree, List<Scalar> conditions, boolean before) {
    var found = new ColumnRef(steps.fresh("e"), "found");
    Operator partners = Trees.filtered(tree, conditions);
    Operator inner = before ? OldState.exists(oldState(partners), steps) : partners;
    Operator asked = new Apply(rows.tree(), found, Scalar.of("EXISTS "), inner);
    Operator alone = new Filter(asked, Scalar.of("NOT ", found));
    return new Weighted(padded(alone, rows, rows, tree), rows.weight(), List.of());
  }

  private Operator padded(Operator alone, Weighted rows, Weighted weighted, Operator missing) {
    var outputs = new ArrayList<Named>();
    rows.plainColumns().forEach(c -> outputs.add(Named.same(c)));
    for (ColumnRef column : missing.columns()) {
      outputs.add(new Named(column, Scalar.of("NULL::" + types.of(column).type().name())));
    }
    weighted.weight().ifPresent(w -> outputs.add(Named.same(w)));
    return new Project(alone, outputs);
  }

  /** The rows of {@code aᵒˡᵈ} that meet Δb and gained or lost their last partner. */
  private Weighted flips(Operator a, Operator b, List<Scalar> conditions) {
    var link = new Correlation(b, conditions, Map.of(), Set.copyOf(a.columns()));
    Weighted met = steps.shared(weighted(touched(a, List.of(link))));
    var found = new ColumnRef(steps.fresh("e"), "found");
    var partners = new Apply(a, found, Scalar.of("EXISTS "), new Join(List.of(b), conditions));
    return subQueries
        .changes(partners, met)
        .map(
            changes -> {
              Weighted all = sum(changes);
              Operator alone = new Filter(all.tree(), Scalar.of("NOT ", found));
              return new Weighted(padded(alone, met, all, b), all.weight(), List.of());
            })
        .orElseGet(
            () ->
                sum(
                    List.of(
                        without(met, b, conditions, false),
                        negated(without(met, b, conditions, true)))));
  }

  /**
   * {@code Δ(Apply f_Q (A)) = Apply f_Q (ΔA) + (Apply f_Q − Apply f_Qᵒˡᵈ)(Aᵒˡᵈ ⋉ touched)}, where
   * touched are the rows whose sub-query reads something that changed ({@link Correlation}).
   */
  private Optional<Weighted> apply(Apply apply) {
    return perRow(
        apply.input(),
        apply.query(),
        Correlation.of(apply.query()),
        (rows, query) -> new Apply(rows, apply.as(), apply.before(), query),
        () -> before(apply),
        rows -> subQueries.changes(apply, rows));
  }

  /** A sub-query at the old state; for EXISTS it is enough to know whether any row was there. */
  private Operator before(Apply apply) {
    if (!isChanged(apply.query())) {
      return apply.query();
    }
    Weighted state = oldState(apply.query());
    return Pruning.asksForRows(apply.before())
        ? OldState.exists(state, steps)
        : OldState.copies(state, types, steps);
  }

  /** As {@link #apply}: a row has any number of rows on the right. */
  private Optional<Weighted> lateral(Lateral lateral) {
    return perRow(
        lateral.input(),
        lateral.right(),
        Correlation.of(Trees.filtered(lateral.right(), lateral.conditions())),
        (rows, right) -> new Lateral(rows, right, lateral.outer(), lateral.conditions()),
        () -> plain(lateral.right()),
        _ -> Optional.empty());
  }

  private interface PerRow {
    Operator of(Operator rows, Operator query);
  }

  private Optional<Weighted> perRow(
      Operator input,
      Operator query,
      List<Correlation> correlations,
      PerRow operator,
      Supplier<Operator> old,
      Function<Weighted, Optional<List<Weighted>>> together) {
    List<Weighted> terms = new ArrayList<>();
    boolean moves = isChanged(query);
    delta(input).ifPresent(delta -> terms.add(forDelta(operator, delta, query)));
    if (moves) {
      Weighted rows = steps.shared(weighted(touched(input, correlations)));
      terms.addAll(
          together
              .apply(rows)
              .orElseGet(
                  () ->
                      List.of(
                          applied(operator, rows, query),
                          negated(applied(operator, rows, old.get())))));
    }
    if (terms.isEmpty()) {
      return Optional.empty();
    }
    List<ColumnRef> columns = operator.of(input, query).columns();
    return Optional.of(sum(ordered(terms, columns)));
  }

  /** A sub-query that the planner cannot look into is restricted to what it is asked for. */
  private Weighted forDelta(PerRow operator, Weighted delta, Operator query) {
    Optional<Matching> opaque =
        Matching.of(query).filter(m -> !Restriction.isTransparent(m.core()));
    Weighted rows = isChanged(query) || opaque.isPresent() ? steps.sharedUnlessPlain(delta) : delta;
    return applied(
        operator,
        rows,
        opaque.map(m -> m.over(meeting(m.core(), rows.tree(), m.links()))).orElse(query));
  }

  private static Weighted applied(PerRow operator, Weighted rows, Operator query) {
    return new Weighted(operator.of(rows.tree(), query), rows.weight(), List.of());
  }

  /** The rows of the old state that one of the alternatives concerns, each once. */
  private Weighted touched(Operator tree, List<Correlation> alternatives) {
    List<Weighted> terms = new ArrayList<>();
    List<Touch> earlier = new ArrayList<>();
    for (Touch touch : touches(tree, alternatives)) {
      Weighted state =
          touch.keys().isEmpty()
              ? before(tree)
              : before(tree, t -> touch.restricted(restriction, t));
      for (Touch other : earlier) {
        state = meets(state, other, true);
      }
      terms.add(touch.keys().isEmpty() ? meets(state, touch, false) : state);
      earlier.add(touch);
    }
    if (terms.isEmpty()) {
      throw new IllegalStateException("nothing changed beneath " + alternatives);
    }
    return sum(terms.stream().map(this::weighted).toList());
  }

  /**
   * How a delta concerns the rows of a tree.
   *
   * @param expressions of the tree that equal the columns of {@code keys}
   * @param rows otherwise the delta's rows, and conditions that link them
   */
  record Touch(List<Scalar> expressions, Optional<Keys> keys, Operator rows, List<Scalar> links) {
    /** Rows by their key. */
    static Touch of(List<Scalar> expressions, Keys keys) {
      return new Touch(expressions, Optional.of(keys), keys.relation(), List.of());
    }

    Operator restricted(Restriction restriction, Operator tree) {
      return restriction.of(tree, expressions, keys.orElseThrow());
    }

    Operator restricted(Differentiation differentiation, Operator tree) {
      return restricted(differentiation.restriction, tree);
    }
  }

  Operator restricted(Operator tree, List<Scalar> expressions, Keys keys) {
    return restriction.of(tree, expressions, keys);
  }

  /** The values of the same expressions in several trees. */
  Keys keys(List<Operator> trees, List<Scalar> expressions, List<Typed> keyTypes) {
    return Keys.of(steps, trees, Collections.nCopies(trees.size(), expressions), keyTypes);
  }

  /** The rows of a tree that a touch concerns, or does not concern. */
  Operator meeting(Operator tree, Touch touch, boolean not) {
    return meets(new Weighted(tree, Optional.empty(), List.of()), touch, not).tree();
  }

  /** The values in deltas that the same expressions of a tree equal. */
  private record Gathered(List<Operator> deltas, List<List<Scalar>> values, List<Typed> types) {
    Gathered(List<Typed> types) {
      this(new ArrayList<>(), new ArrayList<>(), types);
    }

    Keys keys(Steps steps) {
      return Keys.of(steps, deltas, values, types);
    }
  }

  /** Alternatives that are told by the same expressions become one. */
  List<Touch> touches(Operator tree, List<Correlation> alternatives) {
    Map<List<Scalar>, Gathered> byKeys = new LinkedHashMap<>();
    List<Touch> unlinked = new ArrayList<>();
    for (Correlation alternative : alternatives) {
      Optional<Weighted> delta = delta(alternative.core()).map(steps::sharedUnlessPlain);
      if (delta.isEmpty()) {
        continue;
      }
      Sides sides = sides(alternative.links(), tree, alternative.core());
      if (sides.ours().isEmpty()) {
        Operator needed = linked(alternative, delta.get().tree());
        unlinked.add(new Touch(List.of(), Optional.empty(), needed, alternative.links()));
      } else {
        Gathered gathered = byKeys.computeIfAbsent(sides.ours(), _ -> new Gathered(sides.types()));
        gathered.deltas().add(delta.get().tree());
        gathered.values().add(sides.theirs());
      }
    }
    List<Touch> all = new ArrayList<>();
    byKeys.forEach(
        (ours, gathered) -> {
          all.add(Touch.of(ours, gathered.keys(steps)));
        });
    all.addAll(unlinked);
    return all;
  }

  /** The columns of a delta that the links read, each row once. */
  private Operator linked(Correlation alternative, Operator delta) {
    var columns = new LinkedHashSet<ColumnRef>();
    alternative.links().forEach(link -> columns.addAll(link.columns()));
    columns.retainAll(delta.columns());
    return steps.bind("rows", new Project(delta, columns.stream().map(Named::same).toList()));
  }

  /** The rows of a Z-set that a touch concerns, or does not concern. */
  private Weighted meets(Weighted zset, Touch touch, boolean not) {
    var met = new ColumnRef(steps.fresh("e"), "met");
    Operator asked;
    if (touch.keys().isPresent()) {
      Bound keys = steps.again(touch.keys().get().relation());
      Scalar match = touch.keys().get().match(touch.expressions(), keys);
      asked = new Filter(keys, match);
    } else {
      List<Scalar> links =
          touch.links().stream()
              .filter(
                  link ->
                      link.columns().stream()
                          .allMatch(
                              c ->
                                  touch.rows().columns().contains(c)
                                      || zset.tree().columns().contains(c)))
              .toList();
      asked = Trees.filtered(touch.rows(), links);
    }
    Operator apply = new Apply(zset.tree(), met, Scalar.of("EXISTS "), asked);
    Operator kept = new Filter(apply, Scalar.of((not ? "NOT " : ""), met));
    return new Weighted(Trees.narrowed(kept, zset.tree().columns()), zset.weight(), List.of());
  }

  /** {@code ΔN(A) = N(A ⋉ K) − N((A ⋉ K) − ΔA)}, K the keys of ΔA. */
  private Optional<Weighted> byKeys(Operator operator, Operator input, List<Scalar> keys) {
    return delta(input)
        .map(
            delta -> {
              Weighted a = steps.shared(delta);
              Operator touched = input;
              if (!keys.isEmpty()) {
                List<Typed> keyTypes = keys.stream().map(k -> types.of(k).orElseThrow()).toList();
                Keys values = Keys.of(steps, List.of(a.tree()), List.of(keys), keyTypes);
                touched = restriction.of(input, keys, values);
              }
              Operator now = steps.bind("now", Trees.narrowed(touched, a.plainColumns()));
              return difference(
                  Trees.withInputs(operator, List.of(now)),
                  Trees.withInputs(operator, List.of(copies(without(now, a)))));
            });
  }

  /** {@code ΔN(A, B) = N(A ⋉ K, B ⋉ K) − N(Aᵒˡᵈ ⋉ K, Bᵒˡᵈ ⋉ K)}, K the rows of ΔA and ΔB. */
  private Optional<Weighted> setOperation(SetOperation operation) {
    return rowKeys(operation)
        .map(
            rows -> {
              List<Operator> now = restricted(operation, row(operation), rows);
              return difference(
                  Trees.withInputs(operation, now),
                  Trees.withInputs(operation, now.stream().map(this::plain).toList()));
            });
  }

  private static List<Scalar> row(Operator operation) {
    return operation.columns().stream().map(Scalar::column).toList();
  }

  /** The rows that change on either side. */
  private Optional<Keys> rowKeys(SetOperation operation) {
    List<Operator> deltas =
        operation.inputs().stream()
            .flatMap(input -> delta(input).stream())
            .map(Weighted::tree)
            .toList();
    List<Typed> rowTypes = operation.columns().stream().map(c -> types.of(c).orNull()).toList();
    return deltas.isEmpty()
        ? Optional.empty()
        : Optional.of(keys(deltas, row(operation), rowTypes));
  }

  private List<Operator> restricted(SetOperation operation, List<Scalar> row, Keys rows) {
    return operation.inputs().stream().map(input -> restriction.of(input, row, rows)).toList();
  }

  /**
   * Which rows are the first depends on all of them: the difference of both states. One that only
   * sorts passes a delta on.
   */
  private Optional<Weighted> limit(Limit limit) {
    if (limit.limit().isEmpty() && limit.offset().isEmpty()) {
      return delta(limit.input());
    }
    return isChanged(limit) ? Optional.of(difference(limit, plain(limit))) : Optional.empty();
  }

  private Weighted difference(Operator now, Operator before) {
    return sum(
        List.of(
            new Weighted(now, Optional.empty(), List.of()),
            negated(new Weighted(before, Optional.empty(), List.of()))));
  }

  Weighted negated(Weighted zset) {
    ColumnRef weight = steps.weight();
    var outputs = new ArrayList<Named>();
    zset.plainColumns().forEach(c -> outputs.add(Named.same(c)));
    outputs.add(new Named(weight, Scalar.of("-", zset.weightOrOne().grouped())));
    zset.measures().forEach(m -> outputs.add(new Named(m, Scalar.of("-", m))));
    return new Weighted(new Project(zset.tree(), outputs), Optional.of(weight), zset.measures());
  }

  /** With a weight column in any case. */
  private Weighted weighted(Weighted zset) {
    if (zset.weight().isPresent()) {
      return zset;
    }
    ColumnRef weight = steps.weight();
    var outputs = new ArrayList<Named>();
    zset.plainColumns().forEach(c -> outputs.add(Named.same(c)));
    outputs.add(new Named(weight, zset.weightOrOne()));
    return new Weighted(new Project(zset.tree(), outputs), Optional.of(weight), List.of());
  }

  /** The same Z-sets, their columns in one order. */
  private static List<Weighted> ordered(List<Weighted> terms, List<ColumnRef> columns) {
    List<ColumnRef> common =
        columns.stream()
            .filter(c -> terms.stream().allMatch(t -> t.tree().columns().contains(c)))
            .toList();
    return terms.stream()
        .map(t -> projected(t, common.stream().map(Named::same).toList()))
        .toList();
  }

  /** {@code Aᵒˡᵈ ⋉ K = A ⋉ K − ΔA ⋉ K}: nothing but the new state and the delta is read. */
  private Weighted before(Operator tree, UnaryOperator<Operator> restricted) {
    Operator now = restricted.apply(tree);
    return delta(tree)
        .map(
            delta -> {
              Weighted a = steps.shared(weighted(delta));
              return without(now, new Weighted(restricted.apply(a.tree()), a.weight(), List.of()));
            })
        .orElseGet(() -> newState(now));
  }

  private Weighted before(Operator tree) {
    return before(tree, t -> t);
  }

  /** A state without what came. */
  Weighted without(Operator now, Weighted delta) {
    Weighted state = new Weighted(now, Optional.empty(), List.of());
    return sum(ordered(List.of(weighted(state), negated(delta)), now.columns()));
  }

  Operator copies(Weighted zset) {
    return OldState.copies(zset, types, steps);
  }

  /** The old state of a tree as an ordinary relation. */
  private Operator plain(Operator tree) {
    return isChanged(tree) ? OldState.copies(oldState(tree), types, steps) : tree;
  }

  /** The state as the snapshot sees it: every weight is 1. */
  private Weighted newState(Operator input) {
    if (!(input instanceof Scan scan)) {
      return new Weighted(input, Optional.empty(), List.of());
    }
    Shape shape = shapes.apply(scan);
    var outputs = new ArrayList<Named>();
    shape.names().forEach(n -> outputs.add(Named.same(new ColumnRef(scan.relation(), n))));
    for (int i = 0; i < shape.sums().size(); i++) {
      var x = new ColumnRef(scan.relation(), shape.sums().get(i));
      outputs.add(new Named(Shape.total(scan.relation(), i), Measures.one(scan, x)));
      outputs.add(
          new Named(
              Shape.count(scan.relation(), i),
              Scalar.of("CASE WHEN ", x, " IS NULL THEN 0::bigint ELSE 1 END")));
    }
    return new Weighted(new Project(scan, outputs), Optional.empty(), shape.measures(scan));
  }

  /** {@code Aᵒˡᵈ}: A − ΔA of a source; through linear operators; others over their old inputs. */
  private Weighted oldState(Operator tree) {
    if (!isChanged(tree)) {
      return newState(tree);
    }
    return switch (tree) {
      case Scan scan -> undone(scan);
      case Filter(Operator input, Scalar condition) -> filtered(oldState(input), condition);
      case ClockFilter(Operator input, _, Scalar before, _) -> filtered(oldState(input), before);
      case Project(Operator input, var outputs) -> projected(oldState(input), outputs);
      case UnionAll(var inputs) -> sum(inputs.stream().map(this::oldState).toList());
      case Join join -> oldJoin(join);
      case Apply apply -> {
        Weighted a = oldState(apply.input());
        yield new Weighted(
            new Apply(a.tree(), apply.as(), apply.before(), before(apply)), a.weight(), List.of());
      }
      case Lateral(Operator input, Operator right, boolean outer, var conditions) -> {
        Weighted a = oldState(input);
        yield new Weighted(
            new Lateral(a.tree(), plain(right), outer, conditions), a.weight(), List.of());
      }
      case Aggregate _,
          OuterJoin _,
          FunctionRows _,
          Values _,
          Window _,
          DistinctOn _,
          Limit _,
          SetOperation _,
          Delta _,
          ChangedKeys _,
          Bound _,
          Copies _ ->
          new Weighted(
              Trees.withInputs(tree, tree.inputs().stream().map(this::plain).toList()),
              Optional.empty(),
              List.of());
    };
  }

  /** {@code Rᵒˡᵈ ⋈ Sᵒˡᵈ = R ⋈ S − ΔR ⋈ S − R ⋈ ΔS + ΔR ⋈ ΔS}, as long as that is not too much. */
  private Weighted oldJoin(Join join) {
    List<Operator> inputs = join.inputs();
    List<Integer> moved =
        IntStream.range(0, inputs.size())
            .filter(i -> isChanged(inputs.get(i)) && Products.isLinear(inputs.get(i)))
            .boxed()
            .toList();
    if (moved.isEmpty() || moved.size() > Products.EXPANDED) {
      return product(inputs.stream().map(this::oldState).toList(), join.conditions());
    }
    List<Weighted> terms = new ArrayList<>();
    for (Set<Integer> set : Products.subsets(moved)) {
      List<Weighted> factors = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        Operator input = inputs.get(i);
        factors.add(
            set.contains(i)
                ? delta(input).orElseThrow()
                : moved.contains(i) ? newState(input) : oldState(input));
      }
      Weighted term = product(factors, join.conditions());
      terms.add(set.size() % 2 == 0 ? term : negated(term));
    }
    return sum(terms);
  }

  private Weighted undone(Scan scan) {
    Weighted now = newState(scan);
    Weighted delta = scan(scan).orElseThrow();
    ColumnRef weight = Weighted.weightOf(scan.relation());
    var before = new ArrayList<Named>();
    now.plainColumns().forEach(c -> before.add(Named.same(c)));
    before.add(new Named(weight, now.weightOrOne()));
    now.measures().forEach(m -> before.add(Named.same(m)));
    var undone = new ArrayList<Named>();
    now.plainColumns().forEach(c -> undone.add(Named.same(c)));
    undone.add(new Named(weight, Scalar.of("-", delta.weightOrOne().grouped())));
    now.measures().forEach(m -> undone.add(new Named(m, Scalar.of("-", m))));
    return new Weighted(
        new UnionAll(List.of(new Project(now.tree(), before), new Project(delta.tree(), undone))),
        Optional.of(weight),
        now.measures());
  }

  /**
   * The product of Z-sets: weights multiply, and each measure multiplies with the others' weights.
   */
  private Weighted product(List<Weighted> inputs, List<Scalar> conditions) {
    Operator joined = new Join(inputs.stream().map(Weighted::tree).toList(), conditions);
    var outputs = new ArrayList<Named>();
    var measures = new ArrayList<ColumnRef>();
    inputs.forEach(input -> input.plainColumns().forEach(c -> outputs.add(Named.same(c))));
    ColumnRef weight = steps.weight();
    outputs.add(new Named(weight, times(inputs, List.of())));
    for (int i = 0; i < inputs.size(); i++) {
      var others = new ArrayList<>(inputs);
      others.remove(i);
      for (ColumnRef measure : inputs.get(i).measures()) {
        outputs.add(new Named(measure, times(others, List.of(Scalar.column(measure)))));
        measures.add(measure);
      }
    }
    return new Weighted(new Project(joined, outputs), Optional.of(weight), measures);
  }

  private static Scalar times(List<Weighted> inputs, List<Scalar> first) {
    var factors = new ArrayList<>(first);
    inputs.forEach(input -> input.weight().map(Scalar::column).ifPresent(factors::add));
    Scalar product = Scalar.join(" * ", factors, "1");
    return factors.size() > 1 ? Scalar.of("(", product, ")") : product;
  }

  /** The sum of Z-sets with the same columns. */
  private Weighted sum(List<Weighted> terms) {
    if (terms.size() == 1) {
      return terms.getFirst();
    }
    Weighted first = terms.getFirst();
    List<ColumnRef> plain = first.plainColumns();
    ColumnRef weight = steps.weight();
    List<Operator> inputs = new ArrayList<>();
    for (Weighted term : terms) {
      var outputs = new ArrayList<Named>();
      plain.forEach(c -> outputs.add(Named.same(c)));
      outputs.add(new Named(weight, term.weightOrOne()));
      first.measures().forEach(m -> outputs.add(Named.same(m)));
      inputs.add(new Project(term.tree(), outputs));
    }
    return new Weighted(new UnionAll(inputs), Optional.of(weight), first.measures());
  }
}
