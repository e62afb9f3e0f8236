package dev.freshet.sql.maintain;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.SortKey;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A window whose values follow, row after row, from those of the rows before.
 *
 * <p>Law: let b be a value of the order. The rows that come before b keep their values whatever
 * changes from b on. With c the values of the last row before b, those of a row from b on are its
 * values over the rows from b on alone, combined with c: counts and sums added, least and greatest
 * compared, the first value taken over. What looks back a number of rows is given these rows; what
 * looks ahead moves b back by as many.
 *
 * <p>Rows that tie stay together, so for "the last row before b" any of the last peers will do, if
 * the value is one that peers share; where the query asks for another one, such a value is kept
 * beside it. Floating-point sums are not carried on: added up in parts they are others.
 */
final class RunningWindow {
  private static final ColumnType COUNT = new ColumnType("bigint", 20, "int8", true, true, false);
  private static final ColumnType SUM =
      new ColumnType("numeric", 1700, "numeric", true, true, false);

  private final Window window;
  private final List<SortKey> order;
  private final Map<ColumnRef, WindowCall> parsed;
  private final Types types;
  private final List<Call> added = new ArrayList<>();
  private final Map<ColumnRef, ColumnType> addedTypes = new LinkedHashMap<>();

  /** For each column what is carried on: another column, or it itself. */
  private final Map<ColumnRef, List<ColumnRef>> carried = new LinkedHashMap<>();

  private final ColumnRef count;

  private RunningWindow(
      Window window, List<SortKey> order, Map<ColumnRef, WindowCall> parsed, Types types) {
    this.window = window;
    this.order = order;
    this.parsed = parsed;
    this.types = types;
    WindowCall any = parsed.values().iterator().next();
    this.count = add(any, Scalar.of("count(*)"), COUNT);
    parsed.forEach((column, call) -> carried.put(column, carried(column, call)));
  }

  /** The window, if all of its calls are of this kind, in one order. */
  static Optional<RunningWindow> of(Window window, Types types) {
    Map<ColumnRef, WindowCall> parsed = new LinkedHashMap<>();
    for (Call call : window.calls()) {
      Optional<WindowCall> one = WindowCall.of(call.value().sql());
      if (one.isEmpty() || !isRunning(one.get(), types.of(call.as()).type())) {
        return Optional.empty();
      }
      parsed.put(call.as(), one.get());
    }
    List<SortKey> order = parsed.isEmpty() ? List.of() : parsed.values().iterator().next().order();
    boolean same = parsed.values().stream().allMatch(call -> call.order().equals(order));
    boolean sorted =
        order.stream()
            .allMatch(
                key -> types.of(key.value()).map(typed -> fitsAnIndex(typed.type())).orElse(false));
    return same && sorted && !order.isEmpty()
        ? Optional.of(new RunningWindow(window, order, parsed, types))
        : Optional.empty();
  }

  /** A numeric does, unless it has thousands of digits. */
  private static boolean fitsAnIndex(ColumnType type) {
    return type.hasFixedLength() || type.base().equals("numeric");
  }

  private static boolean isRunning(WindowCall call, ColumnType result) {
    return switch (call.function()) {
      case "row_number", "rank", "dense_rank" -> true;
      case "count", "min", "max", "first_value" -> call.runs();
      case "sum", "avg" -> call.runs() && Set.of("int8", "numeric").contains(result.base());
      case "lag", "lead" -> call.distance().isPresent();
      default -> false;
    };
  }

  private ColumnRef add(WindowCall like, Scalar head, ColumnType type) {
    Scalar sql = like.running(head);
    for (Call call : added) {
      if (call.value().sql().equals(sql)) {
        return call.as();
      }
    }
    var as = new ColumnRef("__freshet_window", "r" + (added.size() + 1));
    added.add(new Call(as, AggregateCall.opaque("", sql)));
    addedTypes.put(as, type);
    return as;
  }

  private List<ColumnRef> carried(ColumnRef column, WindowCall call) {
    return switch (call.function()) {
      case "row_number", "rank" -> List.of(count);
      case "lag", "lead" -> List.of();
      case "avg" -> {
        Scalar filter = filter(call);
        Scalar argument = call.arguments().getFirst();
        yield List.of(
            add(call, Scalar.of("sum((", argument, ")::numeric)", filter), SUM),
            add(call, Scalar.of("count(", argument, ")", filter), COUNT));
      }
      case "dense_rank" -> List.of(column);
      default ->
          call.endsWithPeers()
              ? List.of(column)
              : List.of(add(call, call.head(), types.of(column).type()));
    };
  }

  /** {@code FILTER (…)} of a call with one argument. */
  private static Scalar filter(WindowCall call) {
    var text = new ScalarText(call.head());
    int end = text.closing(1) + 1;
    return end < text.size() ? Scalar.of(" ", text.part(end, text.size())) : Scalar.of("");
  }

  List<SortKey> order() {
    return order;
  }

  /** The number of rows up to a row's peers. */
  ColumnRef count() {
    return count;
  }

  /** The window with the values that are kept for the next time. */
  Window window() {
    var calls = new ArrayList<>(window.calls());
    calls.addAll(added);
    return new Window(window.input(), window.partition(), calls);
  }

  /** Columns that nobody asked for, and their types. */
  Map<ColumnRef, ColumnType> added() {
    return addedTypes;
  }

  /** The columns of which the last row before the boundary is asked. */
  List<ColumnRef> carried() {
    var all = new ArrayList<>(List.of(count));
    carried.values().stream()
        .flatMap(List::stream)
        .filter(column -> !all.contains(column))
        .forEach(all::add);
    added.stream().map(Call::as).filter(column -> !all.contains(column)).forEach(all::add);
    return all;
  }

  /** How many rows before the boundary are looked at. */
  int lookback() {
    return distance("lag");
  }

  /** How many rows before the boundary look beyond it. */
  int lookahead() {
    return distance("lead");
  }

  private int distance(String function) {
    return parsed.values().stream()
        .filter(call -> call.function().equals(function))
        .mapToInt(call -> call.distance().orElseThrow())
        .max()
        .orElse(0);
  }

  /**
   * The calls where some rows, those that come first, are there only to be looked back at. Rows
   * that tie have one order for all calls of the query, so they must have here: by what partitions
   * and what sorts them all calls sort alike, and PostgreSQL sorts once.
   *
   * @param counts false of those rows
   */
  List<Call> calls(ColumnRef counts) {
    var calls = new ArrayList<Call>();
    for (Call call : window().calls()) {
      WindowCall one =
          Optional.ofNullable(parsed.get(call.as()))
              .orElseGet(() -> WindowCall.of(call.value().sql()).orElseThrow());
      Scalar sql = one.function().equals("lag") ? one.behind(counts) : one.within(counts);
      calls.add(new Call(call.as(), AggregateCall.opaque("", sql)));
    }
    return calls;
  }

  /**
   * The value of a column of {@link #window}, from its value over the rows from the boundary on.
   *
   * @param last the values of the last row before the boundary, NULL if there is none
   */
  Scalar combined(ColumnRef column, Function<ColumnRef, Scalar> last) {
    Scalar own = Scalar.column(column);
    WindowCall call = parsed.get(column);
    if (call == null) {
      WindowCall one = WindowCall.of(addedSql(column)).orElseThrow();
      return combined(one.function(), own, last.apply(column), last.apply(count));
    }
    List<ColumnRef> kept = carried.getOrDefault(column, List.of());
    if (call.function().equals("avg")) {
      Scalar sum = combined(kept.get(0), last);
      Scalar number = combined(kept.get(1), last);
      return Scalar.of("((", sum, ") / NULLIF(", number, ", 0)::numeric)");
    }
    Scalar before = kept.isEmpty() ? own : last.apply(kept.getFirst());
    return combined(call.function(), own, before, last.apply(count));
  }

  private Scalar addedSql(ColumnRef column) {
    return added.stream()
        .filter(call -> call.as().equals(column))
        .findFirst()
        .orElseThrow()
        .value()
        .sql();
  }

  private static Scalar combined(String function, Scalar own, Scalar before, Scalar count) {
    return switch (function) {
      case "row_number", "rank", "dense_rank", "count" ->
          Scalar.of("(COALESCE(", before, ", 0) + ", own, ")");
      case "sum" ->
          Scalar.of(
              "CASE WHEN ",
              before,
              " IS NULL THEN ",
              own,
              " WHEN ",
              own,
              " IS NULL THEN ",
              before,
              " ELSE ",
              before,
              " + ",
              own,
              " END");
      case "min" -> Scalar.of("LEAST(", before, ", ", own, ")");
      case "max" -> Scalar.of("GREATEST(", before, ", ", own, ")");
      case "first_value" ->
          Scalar.of("CASE WHEN ", count, " IS NULL THEN ", own, " ELSE ", before, " END");
      case "lag", "lead" -> own;
      default -> throw new IllegalArgumentException("not a running function: " + function);
    };
  }
}
