package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Moves conditions on the clock down to the source whose columns they compare. Then an index on
 * such a column finds the rows that time moves in or out, and all that stands above sees just one
 * more change of that source.
 *
 * <p>Laws: σ commutes with π, σ, + and set operations; with the side of a join whose columns it
 * reads, but not with the side of an outer join that is padded with NULLs; with γ, windows and
 * DISTINCT ON if it reads groups, partitions or keys only.
 */
public final class ClockFilters {
  private ClockFilters() {}

  /** Whether any expression of the tree reads the clock. */
  public static boolean readClock(Operator tree) {
    return Trees.all(tree)
        .flatMap(operator -> Trees.scalars(operator).stream())
        .anyMatch(ClockCondition::readsClock);
  }

  /**
   * The tree with a {@link ClockFilter} above each source that the clock restricts.
   *
   * @throws UnsupportedQueryException if the clock is read anywhere else
   */
  public static Operator placed(Operator tree) {
    Operator placed =
        Trees.withInputs(tree, tree.inputs().stream().map(ClockFilters::placed).toList());
    return switch (placed) {
      case Filter(Operator input, Scalar condition) when ClockCondition.readsClock(condition) -> {
        Operator filtered = input;
        for (Scalar conjunct : ClockCondition.conjuncts(condition)) {
          filtered =
              ClockCondition.readsClock(conjunct)
                  ? pushed(filtered, conjunct)
                  : new Filter(filtered, conjunct);
        }
        yield filtered;
      }
      case Join(var inputs, var conditions) -> {
        Operator joined = new Join(inputs, without(conditions));
        for (Scalar conjunct : with(conditions)) {
          joined = pushed(joined, conjunct);
        }
        yield joined;
      }
      case OuterJoin(Operator left, Operator right, boolean full, var conditions)
          when !with(conditions).isEmpty() -> {
        Operator restricted = right;
        for (Scalar conjunct : with(conditions)) {
          if (full || !reads(right, conjunct)) {
            throw new UnsupportedQueryException(
                "the clock decides which rows an outer join pads: " + conjunct);
          }
          restricted = pushed(restricted, conjunct);
        }
        yield new OuterJoin(left, restricted, false, without(conditions));
      }
      case Lateral(Operator input, Operator right, boolean outer, var conditions)
          when !with(conditions).isEmpty() -> {
        Operator restricted = right;
        for (Scalar conjunct : with(conditions)) {
          if (!reads(right, conjunct)) {
            throw new UnsupportedQueryException(
                "the clock decides which rows LATERAL joins: " + conjunct);
          }
          restricted = pushed(restricted, conjunct);
        }
        yield new Lateral(input, restricted, outer, without(conditions));
      }
      case ClockFilter filter -> filter;
      default -> {
        requireNoClock(placed);
        yield placed;
      }
    };
  }

  private static List<Scalar> with(List<Scalar> conditions) {
    return conditions.stream()
        .flatMap(condition -> ClockCondition.conjuncts(condition).stream())
        .filter(ClockCondition::readsClock)
        .toList();
  }

  /** Those that do not read the clock; one that does not is not taken apart. */
  private static List<Scalar> without(List<Scalar> conditions) {
    return conditions.stream()
        .flatMap(
            condition ->
                ClockCondition.readsClock(condition)
                    ? ClockCondition.conjuncts(condition).stream()
                    : Stream.of(condition))
        .filter(condition -> !ClockCondition.readsClock(condition))
        .toList();
  }

  private static void requireNoClock(Operator operator) {
    for (Scalar scalar : Trees.scalars(operator)) {
      if (ClockCondition.readsClock(scalar)) {
        throw new UnsupportedQueryException(
            "the clock is not only compared with columns of a source: " + scalar);
      }
    }
  }

  private static boolean reads(Operator tree, Scalar condition) {
    return !condition.columns().isEmpty() && tree.columns().containsAll(condition.columns());
  }

  private static Operator pushed(Operator tree, Scalar condition) {
    return switch (tree) {
      case Scan scan when reads(scan, condition) -> {
        ClockCondition clock = ClockCondition.of(condition, column -> isInstant(scan, column));
        yield new ClockFilter(scan, clock.now(), clock.before(), clock.window());
      }
      case ClockFilter(Operator input, Scalar other, Scalar before, Scalar window) ->
          new ClockFilter(pushed(input, condition), other, before, window);
      case Filter(Operator input, Scalar other) -> new Filter(pushed(input, condition), other);
      case Project(Operator input, var outputs) ->
          new Project(pushed(input, substituted(condition, outputs)), outputs);
      case UnionAll(var inputs) ->
          new UnionAll(inputs.stream().map(input -> pushed(input, condition)).toList());
      case SetOperation(var kind, boolean all, Operator left, Operator right) ->
          new SetOperation(kind, all, pushed(left, condition), pushed(right, condition));
      case Join(var inputs, var conditions) -> new Join(intoOne(inputs, condition), conditions);
      case OuterJoin(Operator left, Operator right, boolean full, var conditions)
          when !full && reads(left, condition) ->
          new OuterJoin(pushed(left, condition), right, false, conditions);
      case Apply(Operator input, ColumnRef as, Scalar words, Operator query)
          when reads(input, condition) ->
          new Apply(pushed(input, condition), as, words, query);
      case Lateral(Operator input, Operator right, boolean outer, var conditions)
          when reads(input, condition) ->
          new Lateral(pushed(input, condition), right, outer, conditions);
      case Lateral(Operator input, Operator right, boolean outer, var conditions)
          when !outer && reads(right, condition) ->
          new Lateral(input, pushed(right, condition), false, conditions);
      case Aggregate(Operator input, var groups, var calls)
          when groups.stream().map(Named::as).toList().containsAll(condition.columns()) ->
          new Aggregate(pushed(input, substituted(condition, groups)), groups, calls);
      case Window(Operator input, var partition, var calls)
          when plain(partition).containsAll(condition.columns()) ->
          new Window(pushed(input, condition), partition, calls);
      case DistinctOn(Operator input, var on, var order)
          when plain(on).containsAll(condition.columns()) ->
          new DistinctOn(pushed(input, condition), on, order);
      default -> throw notOfOneSource(condition);
    };
  }

  private static boolean isInstant(Scan scan, ColumnRef column) {
    return scan.table()
        .column(column.column())
        .map(c -> c.type().base().equals("timestamptz"))
        .orElse(false);
  }

  private static List<Operator> intoOne(List<Operator> inputs, Scalar condition) {
    List<Operator> all = new ArrayList<>(inputs);
    for (int i = 0; i < all.size(); i++) {
      if (reads(all.get(i), condition)) {
        all.set(i, pushed(all.get(i), condition));
        return all;
      }
    }
    throw notOfOneSource(condition);
  }

  private static UnsupportedQueryException notOfOneSource(Scalar condition) {
    return new UnsupportedQueryException(
        "the clock is compared with more than columns of one source: " + condition);
  }

  private static Set<ColumnRef> plain(List<Scalar> parts) {
    Set<ColumnRef> plain = new HashSet<>();
    parts.forEach(part -> part.asColumn().ifPresent(plain::add));
    return plain;
  }

  private static Scalar substituted(Scalar condition, List<Named> outputs) {
    Map<ColumnRef, Scalar> values = new LinkedHashMap<>();
    outputs.forEach(output -> values.put(output.as(), output.value()));
    return condition.map(ref -> values.getOrDefault(ref, Scalar.column(ref)));
  }
}
