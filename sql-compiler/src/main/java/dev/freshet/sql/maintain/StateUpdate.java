package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.maintain.State.Kind;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The values that MERGE writes for a group: old state from the table's row, change from the source
 * row {@code n}.
 *
 * @param target the alias of the table's row, one that no user's query has
 */
record StateUpdate(GroupedQuery query, States states, GroupStorage storage, String target) {
  private static final String NEW_GROUP = "\"__freshet_n\"";

  /** A column's new value in a row that is there. */
  String updated(Scalar value) {
    return value.map(ref -> Scalar.of(stored(ref, true))).toString();
  }

  /** A column's value in a new row. */
  String inserted(Scalar value) {
    return value.map(ref -> Scalar.of(stored(ref, false))).toString();
  }

  private String stored(ColumnRef ref, boolean present) {
    for (State state : states.all()) {
      if (state.ref().equals(ref)) {
        return present ? value(state) : insertedValue(state);
      }
    }
    return "n." + quote(storage.place(ref));
  }

  private String old(State state) {
    return quote(target) + "." + quote(storage.place(state.ref()));
  }

  private static String change(ColumnRef ref) {
    return "n." + quote(ref.column());
  }

  /** The new value of a state of a group that is in the table. */
  String value(State state) {
    String old = old(state);
    return switch (state.kind()) {
      case COUNT -> "(" + old + " + " + change(StateDelta.added(state)) + ")";
      case SUM -> sum(state, old);
      case MIN, MAX -> extremum(state, old);
    };
  }

  private String sum(State state, String old) {
    String change = change(StateDelta.added(state));
    State counter = states.counter(state);
    boolean neverEmpty = counter.equals(states.rows()) && !query.aggregate().groups().isEmpty();
    if (neverEmpty && !state.mayBeNotFinite()) {
      return "(" + old + " + " + change + ")";
    }
    var cases = new StringBuilder("CASE");
    if (!neverEmpty) {
      cases.append(" WHEN ").append(value(counter)).append(" = 0 THEN NULL");
    }
    if (state.mayBeNotFinite()) {
      cases.append(" WHEN ").append(notFinite(change)).append(" THEN ");
      cases.append(recomputed(state, quote(target)));
    }
    return cases + " ELSE COALESCE(" + old + ", 0) + " + change + " END";
  }

  /**
   * Where a change tells nothing, whatever the group held before: what comes and goes in one delta
   * adds up to nothing, but {@code NaN - NaN} is NaN.
   */
  private static String notFinite(String value) {
    return value + " IN ('NaN'::numeric, 'Infinity'::numeric, '-Infinity'::numeric)";
  }

  /** An inserted value at least as extreme is the new one, whatever was deleted. */
  private String extremum(State state, String old) {
    String inserted = change(StateDelta.inserted(state));
    String deleted = change(StateDelta.deleted(state));
    String atLeast = state.kind() == Kind.MIN ? " <= " : " >= ";
    String better = state.kind() == Kind.MIN ? "LEAST" : "GREATEST";
    return "CASE WHEN "
        + inserted
        + atLeast
        + old
        + " THEN "
        + inserted
        + " WHEN "
        + deleted
        + atLeast
        + old
        + " THEN "
        + recomputed(state, quote(target))
        + " ELSE "
        + better
        + "("
        + old
        + ", "
        + inserted
        + ") END";
  }

  /**
   * The aggregate of one group, from its rows: evaluated only when a CASE gets there.
   *
   * @param row an alias that no user's query has, of a row with the group's columns
   */
  private String recomputed(State state, String row) {
    List<Scalar> group =
        storage.match().columns().stream()
            .map(column -> Scalar.of(row + "." + quote(column.name())))
            .toList();
    return "(" + SelectRenderer.select(ofGroup(state, group), List.of("value")) + ")";
  }

  /** The same for a group that is new. */
  private String computed(State state) {
    String group =
        storage.match().columns().stream()
            .map(column -> "n." + quote(column.name()))
            .collect(Collectors.joining(", "));
    return "(SELECT %s FROM (SELECT %s) AS %s)"
        .formatted(recomputed(state, NEW_GROUP), group, NEW_GROUP);
  }

  /** The aggregate over the rows of the group that has these values. */
  private Operator ofGroup(State state, List<Scalar> group) {
    var columns = new ArrayList<Named>();
    state.call().sql().columns().forEach(ref -> columns.add(Named.same(ref)));
    var input = query.input(columns, values -> storage.match().equalToRow(values, group));
    var result = new ColumnRef("", "value");
    return new Aggregate(input, List.of(), List.of(new Call(result, state.call())));
  }

  /** What is read when extrema are lost, the group's columns being those of the table's row. */
  List<Operator> recomputations() {
    List<Scalar> group =
        storage.match().columns().stream()
            .map(column -> Scalar.column(new ColumnRef(target, column.name())))
            .toList();
    return states.all().stream()
        .filter(State::isExtremum)
        .map(state -> ofGroup(state, group))
        .toList();
  }

  /** The value of a state of a group that is new. */
  String insertedValue(State state) {
    return switch (state.kind()) {
      case COUNT -> change(StateDelta.added(state));
      case SUM -> {
        State counter = states.counter(state);
        String change = change(StateDelta.added(state));
        String cases =
            counter.equals(states.rows())
                ? ""
                : " WHEN " + insertedValue(counter) + " = 0 THEN NULL";
        if (state.mayBeNotFinite()) {
          cases += " WHEN " + notFinite(change) + " THEN " + computed(state);
        }
        yield cases.isEmpty() ? change : "CASE" + cases + " ELSE " + change + " END";
      }
      case MIN, MAX -> change(StateDelta.inserted(state));
    };
  }
}
