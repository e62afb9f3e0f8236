package dev.freshet.sql.maintain;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decomposes a query's aggregates into {@linkplain State states}.
 *
 * <p>Laws: AVG(x) = SUM(x) / COUNT(x) in numeric arithmetic, as PostgreSQL computes it; SUM(x) is
 * NULL where COUNT(x) = 0; COUNT(x) = COUNT(*) where x is never NULL. SUM(x) has as many digits
 * behind the point as the value with the most has: where x may have some or others, counts of the
 * values with more than the least tell which.
 */
final class States {
  private static final ColumnType BIGINT = new ColumnType("bigint", 20, "int8", true, true, false);

  private final Map<AggregateCall, State> states = new LinkedHashMap<>();
  private final Map<ColumnRef, Scalar> values = new LinkedHashMap<>();
  private final Map<ColumnRef, State> counters = new LinkedHashMap<>();
  private final GroupColumns columns;

  private States(GroupColumns columns) {
    this.columns = columns;
  }

  /** The states, or why there are none. */
  static States of(GroupedQuery query, GroupColumns columns) {
    var states = new States(columns);
    states.state(AggregateCall.countRows(), Optional.empty());
    for (Call call : query.aggregate().calls()) {
      states.values.put(call.as(), states.value(call, query));
    }
    return states;
  }

  /** Why a call cannot be kept from the delta alone; empty if it can. */
  static Optional<String> obstacle(GroupedQuery query, GroupColumns columns) {
    if (!query.having().isEmpty()) {
      return Optional.of("HAVING: groups appear and disappear as they cross it");
    }
    return query.aggregate().calls().stream()
        .map(call -> obstacle(call, query, columns))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> obstacle(Call call, GroupedQuery query, GroupColumns columns) {
    AggregateCall value = call.value();
    String function = value.function();
    boolean known =
        value.plain() && List.of("count", "sum", "avg", "min", "max").contains(function);
    if (!known) {
      return Optional.of(value + " is recomputed for each group that changed");
    }
    if (value.argument().isEmpty() || function.equals("count")) {
      return Optional.empty();
    }
    ColumnType type = type(columns.arguments().get(call.as()));
    if (function.equals("min") || function.equals("max")) {
      return type.comparable() ? Optional.empty() : Optional.of(value + " over " + type.name());
    }
    if (!type.isReducible()) {
      return Optional.of(
          value
              + " adds "
              + type.name()
              + ": recomputed for each group that changed, sums of that"
              + " type cannot be undone exactly");
    }
    boolean fixedScale = !type.base().equals("numeric") || type.name().startsWith("numeric(");
    boolean plainOnly =
        query.outputs().stream()
            .allMatch(
                o -> o.value().asColumn().isPresent() || !o.value().columns().contains(call.as()));
    boolean knownScale = Scales.of(value.argument().get(), query.branches()).isPresent();
    if (!fixedScale && !knownScale && (function.equals("avg") || !plainOnly)) {
      return Optional.of(
          value
              + " is computed with numeric of any scale: how many digits a quotient has depends"
              + " on the rows that are left");
    }
    return Optional.empty();
  }

  private static ColumnType type(@org.jspecify.annotations.Nullable Typed typed) {
    return typed == null ? BIGINT : typed.type();
  }

  private Scalar value(Call call, GroupedQuery query) {
    AggregateCall value = call.value();
    Typed argument = columns.arguments().get(call.as());
    return switch (value.function()) {
      case "count" -> Scalar.column(counter(value, argument).ref());
      case "avg" -> {
        State count = counter(value, argument);
        State sum = sum(value, argument, count);
        Scalar total = scaled(sum, value, query);
        yield Scalar.of("(", total, "::numeric / NULLIF(", count.ref(), ", 0)::numeric)");
      }
      case "sum" -> {
        State sum = sum(value, argument, counter(value, argument));
        boolean compared =
            query.outputs().stream()
                .anyMatch(
                    o -> o.value().asColumn().isEmpty() && o.value().columns().contains(call.as()));
        yield compared ? scaled(sum, value, query) : Scalar.column(sum.ref());
      }
      default -> Scalar.column(state(value, Optional.of(type(argument))).ref());
    };
  }

  /** A sum with as many digits as SUM would have. */
  private Scalar scaled(State sum, AggregateCall call, GroupedQuery query) {
    List<Integer> scales =
        sum.addsNumeric()
            ? Scales.of(call.argument().orElseThrow(), query.branches())
                .map(List::copyOf)
                .orElse(List.of())
            : List.of();
    if (scales.size() < 2) {
      return Scalar.column(sum.ref());
    }
    var digits = new ArrayList<Object>(List.of("round(", sum.ref(), ", CASE"));
    for (int scale : scales.reversed()) {
      if (scale == scales.getFirst()) {
        break;
      }
      Scalar has = Scalar.of("scale(", call.argument().orElseThrow(), ") = " + scale);
      Scalar filter = call.filter().map(f -> Scalar.of(f.grouped(), " AND ", has)).orElse(has);
      State count =
          state(AggregateCall.of("count", Optional.empty(), Optional.of(filter)), Optional.empty());
      digits.addAll(List.of(" WHEN ", count.ref(), " > 0 THEN " + scale));
    }
    digits.add(" ELSE " + scales.getFirst() + " END)");
    return Scalar.of(digits.toArray());
  }

  private State sum(
      AggregateCall call, @org.jspecify.annotations.Nullable Typed argument, State counter) {
    State sum =
        state(AggregateCall.of("sum", call.argument(), call.filter()), Optional.of(type(argument)));
    counters.put(sum.ref(), counter);
    return sum;
  }

  private State counter(AggregateCall call, @org.jspecify.annotations.Nullable Typed argument) {
    boolean everyRow = argument == null || argument.notNull();
    return state(
        AggregateCall.of("count", everyRow ? Optional.empty() : call.argument(), call.filter()),
        Optional.empty());
  }

  private State state(AggregateCall call, Optional<ColumnType> argument) {
    return states.computeIfAbsent(
        call,
        _ ->
            new State(
                State.kind(call).orElseThrow(),
                call,
                new ColumnRef("state", "s" + (states.size() + 1)),
                argument.orElse(BIGINT)));
  }

  /** COUNT(*): the group's rows. */
  State rows() {
    return states.values().iterator().next();
  }

  List<State> all() {
    return List.copyOf(states.values());
  }

  /** The count of the values that a SUM adds up. */
  State counter(State sum) {
    return java.util.Objects.requireNonNull(counters.get(sum.ref()));
  }

  /** An expression over the aggregate's columns as one over groups and states. */
  Scalar resolve(Scalar output) {
    return output.map(ref -> values.getOrDefault(ref, Scalar.column(ref)));
  }

  /** The type of a state's column in the table. */
  ColumnType type(State state) {
    return switch (state.kind()) {
      case COUNT -> BIGINT;
      case SUM ->
          state.addsNumeric()
              ? new ColumnType("numeric", 1700, "numeric", true, true, false)
              : BIGINT;
      case MIN, MAX -> state.argument();
    };
  }
}
