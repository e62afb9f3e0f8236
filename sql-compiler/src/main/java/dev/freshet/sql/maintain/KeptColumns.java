package dev.freshet.sql.maintain;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Origins;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The columns of aggregates that are kept: which values decide, can be stored, are looked up. */
final class KeptColumns {
  /** Types whose values are short: an index holds them, whatever they are. */
  private static final Set<String> SHORT =
      Set.of(
          "int2",
          "int4",
          "int8",
          "numeric",
          "float4",
          "float8",
          "date",
          "time",
          "timestamp",
          "timestamptz",
          "uuid",
          "oid");

  private static final Set<String> TEXT = Set.of("text", "varchar");

  /** Oids from here on are those of types that users made. */
  private static final int FIRST_USER_OID = 16384;

  private KeptColumns() {}

  /**
   * The columns of a tree by whose values rows are picked or gathered: those of conditions, of
   * sub-queries' questions, of groups, of MIN and MAX, of an order under LIMIT, and all that these
   * are computed from.
   */
  static Set<ColumnRef> deciding(Operator tree) {
    Set<ColumnRef> found = new LinkedHashSet<>();
    Trees.all(tree).forEach(operator -> found.addAll(Scalar.columns(questions(operator))));
    int before = -1;
    while (found.size() > before) {
      before = found.size();
      Trees.all(tree)
          .flatMap(operator -> named(operator).stream())
          .filter(output -> found.contains(output.as()))
          .forEach(output -> found.addAll(output.value().columns()));
    }
    return found;
  }

  private static List<Scalar> questions(Operator operator) {
    return switch (operator) {
      case Filter _, Join _, OuterJoin _, Apply _, Lateral _ -> Trees.scalars(operator);
      case Aggregate(_, var groups, var calls) -> {
        List<Scalar> values = new ArrayList<>(extrema(calls));
        groups.forEach(group -> values.add(group.value()));
        yield values;
      }
      case Limit(_, var order, var limit, _, _) -> limit.isPresent() ? order : List.of();
      default -> List.of();
    };
  }

  private static List<Scalar> extrema(List<Call> calls) {
    return calls.stream()
        .map(Call::value)
        .filter(call -> call.function().equals("min") || call.function().equals("max"))
        .flatMap(call -> call.argument().stream())
        .toList();
  }

  private static List<Named> named(Operator operator) {
    return switch (operator) {
      case Project(_, var outputs) -> outputs;
      case Aggregate(_, var groups, _) -> groups;
      default -> List.of();
    };
  }

  /** Why the groups cannot be kept so that the query reads what it would compute; mostly none. */
  static Optional<String> obstacle(GroupedQuery grouped, GroupColumns columns) {
    Aggregate aggregate = grouped.aggregate();
    boolean collated =
        Trees.scans(aggregate).stream()
                .flatMap(scan -> scan.table().columns().stream())
                .anyMatch(column -> column.collation().isPresent())
            || Trees.all(aggregate)
                .flatMap(operator -> Trees.scalars(operator).stream())
                .anyMatch(scalar -> scalar.toString().contains("COLLATE"));
    for (Named group : aggregate.groups()) {
      ColumnType type = columns.group(group.as()).type();
      if (!isIdentical(type, collated)) {
        return Optional.of("equal values of " + type.name() + " may differ");
      }
    }
    for (Call call : aggregate.calls()) {
      Typed argument = columns.arguments().get(call.as());
      if (argument != null && !isKept(call.value(), argument.type(), grouped)) {
        return Optional.of(call.value() + " of " + argument.type().name());
      }
    }
    return States.obstacle(grouped, columns);
  }

  private static boolean isIdentical(ColumnType type, boolean collated) {
    return RowMatch.equalMeansIdentical(type)
        || (type.base().equals("numeric") && hasScale(type))
        || (type.base().equals("bpchar") && isPadded(type) && !collated)
        || (TEXT.contains(type.base()) && !collated && type.oid() < FIRST_USER_OID);
  }

  private static boolean hasScale(ColumnType type) {
    return type.name().startsWith("numeric(");
  }

  /** All values have the same length. */
  private static boolean isPadded(ColumnType type) {
    return type.name().startsWith("character(");
  }

  private static boolean isKept(AggregateCall call, ColumnType argument, GroupedQuery grouped) {
    return switch (call.function()) {
      case "min", "max" -> SHORT.contains(argument.base());
      case "sum", "avg" ->
          !argument.base().equals("numeric") || hasScale(argument) || scales(call, grouped) > 0;
      default -> true;
    };
  }

  private static int scales(AggregateCall call, GroupedQuery grouped) {
    return call.argument()
        .flatMap(argument -> Scales.of(argument, grouped.branches()))
        .map(Set::size)
        .orElse(0);
  }

  /** The columns as they are stored: groups, then calls. */
  static List<SourceTable.Column> stored(Aggregate aggregate, GroupColumns columns) {
    List<SourceTable.Column> stored = new ArrayList<>();
    for (Named group : aggregate.groups()) {
      Typed typed = columns.group(group.as());
      String name = "k" + (stored.size() + 1);
      stored.add(new SourceTable.Column(name, typed.type(), typed.notNull(), false));
    }
    for (Call call : aggregate.calls()) {
      ColumnType type = Objects.requireNonNull(columns.results().get(call.as())).type();
      String name = "v" + (stored.size() - aggregate.groups().size() + 1);
      stored.add(new SourceTable.Column(name, type, false, false));
    }
    return stored;
  }

  /**
   * The same with sums that have as many digits as SUM's would: whoever reads them may show them,
   * as an output does that is no mere column.
   */
  static GroupedQuery exact(GroupedQuery grouped) {
    Set<ColumnRef> several = new LinkedHashSet<>();
    grouped.aggregate().calls().stream()
        .filter(call -> call.value().function().equals("sum") && scales(call.value(), grouped) > 1)
        .forEach(call -> several.add(call.as()));
    List<Named> outputs =
        grouped.outputs().stream()
            .map(
                o ->
                    several.contains(o.as())
                        ? new Named(o.as(), Scalar.of("(", o.value(), ")"))
                        : o)
            .toList();
    return new GroupedQuery(
        grouped.aggregate(), grouped.branches(), grouped.having(), outputs, grouped.types());
  }

  /**
   * The columns of a state that need an index besides that of its key: looked up by equality, or
   * compared with a sub-query's value, taken the MIN or MAX of, or sorted by under LIMIT.
   */
  static List<String> indexed(InnerState state, List<Operator> readers) {
    Set<String> found = new LinkedHashSet<>();
    for (Operator reader : readers) {
      var origins = new Origins(reader);
      Set<ColumnRef> values = new LinkedHashSet<>();
      Trees.all(reader)
          .forEach(
              operator -> {
                if (operator instanceof Apply apply) {
                  values.add(apply.as());
                }
              });
      Trees.all(reader)
          .flatMap(operator -> Scalar.columns(ordered(operator, values)).stream())
          .flatMap(ref -> origins.of(ref).stream())
          .filter(origin -> origin.scan().table().oid() == state.table().oid())
          .forEach(origin -> found.add(origin.column()));
      HiddenTables.compared(looking(reader), origins, state.table()).forEach(found::add);
    }
    List<String> key = state.table().primaryKey();
    return state.isOneRow()
        ? List.of()
        : found.stream()
            .filter(name -> key.isEmpty() || !name.equals(key.getFirst()))
            .filter(name -> isIndexable(state.table().column(name).orElseThrow().type()))
            .toList();
  }

  /**
   * The part of a reader that looks rows up: groups that are only counted follow from the delta.
   */
  private static Operator looking(Operator reader) {
    return GroupedQuery.of(reader)
        .filter(grouped -> grouped.having().isEmpty())
        .map(GroupedQuery::aggregate)
        .filter(KeptColumns::onlyCounts)
        .map(Aggregate::input)
        .orElse(reader);
  }

  private static boolean onlyCounts(Aggregate aggregate) {
    return aggregate.calls().stream()
        .map(Call::value)
        .allMatch(call -> call.plain() && call.function().equals("count"));
  }

  private static boolean isIndexable(ColumnType type) {
    return SHORT.contains(type.base()) || TEXT.contains(type.base());
  }

  private static List<Scalar> ordered(Operator operator, Set<ColumnRef> values) {
    return switch (operator) {
      case Filter(_, Scalar condition)
          when condition.columns().stream().anyMatch(values::contains) ->
          List.of(condition);
      case Aggregate(_, var groups, var calls) when groups.isEmpty() -> extrema(calls);
      case Limit(_, var order, var limit, _, _) when limit.isPresent() -> order;
      default -> List.of();
    };
  }
}
