package dev.freshet.sql.maintain;

import dev.freshet.sql.delta.Shape;
import dev.freshet.sql.maintain.State.Kind;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.Branch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a delta adds to the states of each group it touches.
 *
 * <p>Laws: COUNT(p) += Σ weight over rows with p; SUM(x) += Σ weight·x. Of MIN and MAX the least
 * and greatest of the inserted and of the deleted values are kept; what one term of a delta inserts
 * and another deletes must cancel first, so that only values count that are really there.
 */
final class StateDelta {
  private final GroupedQuery query;
  private final GroupStorage storage;
  private final List<State> states;
  private final Function<Scan, Shape> shapes;

  StateDelta(
      GroupedQuery query, GroupStorage storage, List<State> states, Function<Scan, Shape> shapes) {
    this.query = query;
    this.storage = storage;
    this.states = states;
    this.shapes = shapes;
  }

  /** The change of a COUNT or SUM; NULL never. */
  static ColumnRef added(State state) {
    return new ColumnRef("", "__freshet_" + state.ref().column());
  }

  /** The extremum of the inserted values. */
  static ColumnRef inserted(State state) {
    return new ColumnRef("", "__freshet_in_" + state.ref().column());
  }

  /** The extremum of the deleted values. */
  static ColumnRef deleted(State state) {
    return new ColumnRef("", "__freshet_out_" + state.ref().column());
  }

  /**
   * The tree: the groups' columns under their names in the table, and the states' changes.
   *
   * @param always also of groups in which the changes add up to nothing
   */
  Operator tree(List<Weighted> deltas, List<Branch> branches, boolean always) {
    List<Operator> terms = new ArrayList<>();
    for (int i = 0; i < deltas.size(); i++) {
      terms.addAll(terms(deltas.get(i), branches.get(i)));
    }
    Operator input = terms.size() == 1 ? terms.getFirst() : new UnionAll(terms);
    boolean extrema = states.stream().anyMatch(State::isExtremum);
    boolean mayCancel = terms.size() > 1 || branches.getFirst() instanceof Branch.Whole;
    return summed(extrema && mayCancel ? cancelled(input) : input, !extrema && !always);
  }

  private List<ColumnRef> groupColumns() {
    return query.aggregate().groups().stream()
        .map(group -> new ColumnRef("", storage.place(group.as())))
        .toList();
  }

  private static ColumnRef weight() {
    return Weighted.weightOf("");
  }

  private List<Operator> terms(Weighted delta, Branch branch) {
    var outputs = new ArrayList<Named>();
    List<ColumnRef> columns = groupColumns();
    for (int i = 0; i < columns.size(); i++) {
      Scalar value = branch.substituted(query.aggregate().groups().get(i).value());
      outputs.add(new Named(columns.get(i), value));
    }
    for (State state : states) {
      outputs.add(new Named(added(state), contribution(state, delta, branch)));
    }
    if (states.stream().anyMatch(State::isExtremum)) {
      outputs.add(new Named(weight(), delta.weightOrOne()));
    }
    Operator projected = Unions.project(delta.tree(), outputs);
    return projected instanceof UnionAll(List<Operator> inputs) ? inputs : List.of(projected);
  }

  /** What a row of the delta adds: weight·x, the weight, or x itself for an extremum. */
  private Scalar contribution(State state, Weighted delta, Branch branch) {
    Scalar weight = delta.weightOrOne().grouped();
    Optional<Scalar> argument = state.call().argument().map(branch::substituted);
    Optional<Scalar> filter = state.call().filter().map(branch::substituted);
    Optional<ColumnRef> measure = measure(state, argument, branch);
    if (measure.isPresent()) {
      return Scalar.column(measure.get());
    }
    Scalar value =
        switch (state.kind()) {
          case COUNT ->
              argument
                  .map(
                      x ->
                          Scalar.of(
                              "CASE WHEN ",
                              x.grouped(),
                              " IS NOT NULL THEN ",
                              weight,
                              " ELSE 0 END"))
                  .orElse(weight);
          case SUM ->
              Scalar.of(argument.orElseThrow().grouped(), "::" + state.sumType() + " * ", weight);
          case MIN, MAX -> argument.orElseThrow();
        };
    String otherwise = state.kind() == Kind.COUNT ? " ELSE 0" : "";
    return filter
        .map(f -> Scalar.of("CASE WHEN ", f, " THEN ", value, otherwise + " END"))
        .orElse(value);
  }

  private Optional<ColumnRef> measure(State state, Optional<Scalar> argument, Branch branch) {
    Optional<ColumnRef> column = argument.flatMap(Scalar::asColumn);
    if (column.isEmpty() || state.isExtremum()) {
      return Optional.empty();
    }
    String relation = column.get().relation();
    if (branch instanceof Branch.Whole) {
      return Optional.empty();
    }
    return branch.scans().stream()
        .filter(scan -> scan.relation().equals(relation))
        .findFirst()
        .map(scan -> shapes.apply(scan).sums().indexOf(column.get().column()))
        .filter(sum -> sum >= 0)
        .map(
            sum ->
                state.kind() == Kind.SUM ? Shape.total(relation, sum) : Shape.count(relation, sum));
  }

  /** One row per group and aggregated value, with the weights of all terms added up. */
  private Operator cancelled(Operator terms) {
    var groups = new ArrayList<Named>();
    groupColumns().forEach(column -> groups.add(Named.same(column)));
    var calls = new ArrayList<Call>();
    for (State state : states) {
      if (state.isExtremum()) {
        groups.add(Named.same(added(state)));
      } else {
        calls.add(new Call(added(state), sum(state, added(state))));
      }
    }
    calls.add(
        new Call(
            weight(),
            AggregateCall.of("sum", Optional.of(Scalar.column(weight())), Optional.empty())));
    return new Aggregate(terms, groups, calls);
  }

  private static AggregateCall sum(State state, ColumnRef column) {
    String type = state.addsNumeric() ? "numeric" : "bigint";
    return AggregateCall.opaque("sum", Scalar.of("COALESCE(sum(", column, "), 0)::" + type));
  }

  private Operator summed(Operator input, boolean dropZeros) {
    var calls = new ArrayList<Call>();
    var changes = new ArrayList<Scalar>();
    for (State state : states) {
      Scalar x = Scalar.column(added(state));
      switch (state.kind()) {
        case COUNT, SUM -> {
          calls.add(new Call(added(state), sum(state, added(state))));
          changes.add(Scalar.of(added(state), " <> 0"));
        }
        case MIN, MAX -> {
          String function = state.call().function();
          calls.add(new Call(inserted(state), extremum(function, x, " > 0")));
          calls.add(new Call(deleted(state), extremum(function, x, " < 0")));
        }
      }
    }
    Operator sums = new Aggregate(input, groupColumns().stream().map(Named::same).toList(), calls);
    return dropZeros ? new Filter(sums, Scalar.join(" OR ", changes, "TRUE")) : sums;
  }

  private static AggregateCall extremum(String function, Scalar x, String sign) {
    return AggregateCall.of(function, Optional.of(x), Optional.of(Scalar.of(weight(), sign)));
  }
}
