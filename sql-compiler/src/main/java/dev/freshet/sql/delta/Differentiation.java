package dev.freshet.sql.delta;

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
import dev.freshet.sql.tree.SortKey;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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
  private final ZSets zsets;
  private final BothStates states;
  private final Touches touches;
  private final JoinRule joins;
  private final OuterJoinRule outerJoins;
  private final PerRowRule perRow;
  private final KeyedRule keyed;
  private final SetOperationRule setOperations;
  private final ClockRule clock;
  private final Thresholds thresholds;
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
    this.zsets = new ZSets(steps);
    this.states = new BothStates(this, steps, types, shapes, zsets);
    var joinKeys = new JoinKeys(steps, types, restriction);
    this.touches = new Touches(this, steps, restriction, zsets, states, joinKeys);
    var subQueries = new SubQueries(this, steps, types, restriction, zsets, states, joinKeys);
    this.joins = new JoinRule(this, steps, zsets, states, joinKeys);
    this.outerJoins =
        new OuterJoinRule(this, steps, types, zsets, states, joinKeys, touches, subQueries);
    this.perRow = new PerRowRule(this, steps, zsets, states, joinKeys, touches, subQueries);
    this.keyed = new KeyedRule(this, steps, types, restriction, zsets, states);
    this.setOperations = new SetOperationRule(this, steps, types, restriction, zsets, states);
    this.clock = new ClockRule(this, steps, zsets, states);
    this.thresholds = new Thresholds(this, steps, states, types);
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
    Operator tree = thresholds.of(input);
    return of(tree)
        .map(
            a -> {
              Keys values = Keys.of(steps, List.of(a.tree()), List.of(keys), keyTypes);
              return new Touched(values.relation(), restriction.of(tree, keys, values));
            });
  }

  /**
   * What a change concerns of a query whose old rows the stream table holds, or empty if nothing
   * that it reads changed. The query is a window, DISTINCT ON or set operation, or has a spine
   * ({@link RowKeys}) whose keys are among its columns; filters may stand above.
   *
   * @param above which columns are read of the query, these keys included
   */
  public Optional<Affected> affected(Operator query, Set<ColumnRef> above) {
    return switch (query) {
      case Filter(Operator input, Scalar condition) when isByKeys(input) ->
          affected(input, above).map(a -> new Affected(a.parts(), new Filter(a.rows(), condition)));
      case Window(Operator input, var partition, _) -> affected(query, input, partition);
      case DistinctOn(Operator input, var on, _) -> affected(query, input, on);
      case SetOperation operation -> setOperations.affected(operation);
      default ->
          new AffectedRows(this, touches, restriction, steps, thresholds, types).of(query, above);
    };
  }

  /** Whether, beneath filters, it is an operator with keys of its own. */
  private static boolean isByKeys(Operator tree) {
    return tree instanceof Filter(Operator input, _)
        ? isByKeys(input)
        : tree instanceof Window || tree instanceof DistinctOn || tree instanceof SetOperation;
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
    return of(thresholds.of(input))
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
    return of(thresholds.of(query));
  }

  /** ΔQ of a part of a query whose conditions are told already. */
  Optional<Weighted> of(Operator query) {
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
      case ClockFilter filter -> clock.clockFilter(filter);
      case Project project -> project(project);
      case Join join -> joins.join(join);
      case UnionAll union -> unionAll(union);
      case OuterJoin join -> outerJoins.outerJoin(join);
      case Apply apply -> perRow.apply(apply);
      case Lateral lateral -> perRow.lateral(lateral);
      case Aggregate(Operator input, var groups, _) ->
          keyed.byKeys(query, input, groups.stream().map(Named::value).toList());
      case Window(Operator input, var partition, _) -> keyed.byKeys(query, input, partition);
      case DistinctOn(Operator input, var on, _) -> keyed.byKeys(query, input, on);
      case SetOperation operation -> setOperations.setOperation(operation);
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
    return of(filter.input()).map(a -> ZSets.filtered(a, filter.condition()));
  }

  /** {@code Δ(π f (A)) = π f (ΔA)}, weights passed on. */
  private Optional<Weighted> project(Project project) {
    return of(project.input()).map(a -> ZSets.projected(a, project.outputs()));
  }

  /** {@code Δ(A + B) = ΔA + ΔB}. */
  private Optional<Weighted> unionAll(UnionAll union) {
    List<Weighted> deltas =
        union.inputs().stream().map(this::of).flatMap(Optional::stream).toList();
    return deltas.isEmpty() ? Optional.empty() : Optional.of(zsets.sum(deltas));
  }

  /**
   * Which rows are the first depends on all of them: the difference of both states. One that only
   * sorts passes a delta on.
   */
  private Optional<Weighted> limit(Limit limit) {
    if (limit.limit().isEmpty() && limit.offset().isEmpty()) {
      return of(limit.input());
    }
    return isChanged(limit)
        ? Optional.of(zsets.difference(limit, states.plain(limit)))
        : Optional.empty();
  }
}
