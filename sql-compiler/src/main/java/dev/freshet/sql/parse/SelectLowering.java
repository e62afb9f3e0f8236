package dev.freshet.sql.parse;

import dev.freshet.sql.parse.Lowering.Environment;
import dev.freshet.sql.parse.Lowering.Lowered;
import dev.freshet.sql.parse.ScalarReader.GroupTokens;
import dev.freshet.sql.parse.Scope.Visible;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Lowers one SELECT in the order of evaluation: FROM, WHERE, GROUP BY, HAVING, windows, the list,
 * DISTINCT, ORDER BY with LIMIT.
 */
final class SelectLowering {
  /**
   * An expression that PostgreSQL may replace by one of its parts: an attribute of a row written
   * out, COALESCE and CASE that a constant decides, truth values connected with constants.
   */
  private static final Pattern SIMPLIFIED =
      Pattern.compile(
          "(?i)\\bROW\\(|\\bCOALESCE\\(\\W*(NULL\\b|\\d|')|\\bCASE WHEN \\W*(TRUE|FALSE|NULL)\\b"
              + "|(AND|OR|NOT|=|<>) \\W*(TRUE|FALSE|NOT)\\b|\\b(TRUE|FALSE)\\W* (AND|OR|=|<>) ");

  private final Lowering lowering;
  private final Environment environment;
  private final Syntax.Select select;
  private final RowPlace rows;
  private final String relation;
  private final GroupingSets sets;
  private final List<Named> groups = new ArrayList<>();
  private final Map<ColumnRef, ColumnRef> plain = new HashMap<>();
  private final ListPlace list;
  private final Optional<SetReturningItem> setReturning;

  private SelectLowering(Lowering lowering, Environment environment, Syntax.Select select) {
    this.lowering = lowering;
    this.environment = environment;
    this.select = select;
    FromLowering.Rows from =
        new FromLowering(lowering, environment, Aggregates.seeOrder(select)).rows(select.from());
    Scope scope = Scope.inside(environment.outer()).and(from.scope());
    this.rows = new RowPlace(lowering, environment, scope, from.tree());
    select.where().ifPresent(where -> rows.filter(Conjuncts.of(where.tokens())));
    this.relation = lowering.fresh("groups");
    this.sets = GroupingSets.of(select.groupBy());
    this.list =
        new ListPlace(
            lowering,
            environment,
            rows,
            select.windows(),
            relation,
            sets.expressions(),
            groupColumns());
    this.setReturning = SetReturningItem.of(select, lowering, environment);
  }

  static Lowered select(
      Lowering lowering,
      Environment environment,
      Syntax.Select select,
      Optional<Syntax.Tail> tail) {
    return new SelectLowering(lowering, environment, select).lowered(tail);
  }

  /** Reads what is grouped by; the result are the expressions that are no columns. */
  private List<GroupTokens> groupColumns() {
    List<GroupTokens> expressions = new ArrayList<>();
    for (List<Token> core : sets.expressions()) {
      Scalar value = new ScalarReader(rows).read(core);
      var as = new ColumnRef(relation, "g" + (groups.size() + 1));
      Optional<ColumnRef> column = value.asColumn().filter(_ -> !Conjuncts.hasQuery(core));
      if (sets.plain() && column.isPresent() && plain.containsKey(column.get())) {
        continue;
      }
      column.ifPresentOrElse(
          c -> plain.putIfAbsent(c, as), () -> expressions.add(new GroupTokens(core, as)));
      groups.add(new Named(as, value));
    }
    return expressions;
  }

  private Lowered lowered(Optional<Syntax.Tail> tail) {
    var reader = new ScalarReader(list);
    List<Scalar> values = new ArrayList<>();
    for (Syntax.Item item : select.items()) {
      boolean set = setReturning.isPresent() && setReturning.get().item() == item;
      values.add(
          set ? Scalar.column(setReturning.get().value()) : reader.read(item.value().tokens()));
    }
    Optional<Scalar> call =
        setReturning.map(set -> Scalar.of(set.function(), reader.read(set.arguments())));
    boolean keepsTail = tail.isPresent() && environment.keeps(tail.get());
    var output =
        new SelectOutput(lowering, select, keepsTail ? tail : Optional.empty(), tail, reader);
    ListPlace.SubQueries queries = list.takeQueries();
    Optional<Scalar> having = select.having().map(h -> reader.read(h.tokens()));
    ListPlace.SubQueries havingQueries = list.takeQueries();

    boolean isGrouped =
        !select.groupBy().elements().isEmpty() || !list.calls().isEmpty() || having.isPresent();
    var dependents = new Dependents(rows.tree(), relation, groups, plain);
    Function<ColumnRef, Scalar> columns = isGrouped ? dependents::resolve : Scalar::column;
    // Resolving may add group columns: the aggregate is built when all is resolved.
    List<Scalar> resolved = values.stream().map(v -> v.map(columns)).toList();
    Optional<Scalar> condition = having.map(h -> h.map(columns));
    ListPlace.SubQueries conditionQueries = havingQueries.resolved(columns);
    Optional<Scalar> setCall = call.map(c -> c.map(columns));
    ListPlace.Computed computed = list.computed(queries, columns);
    output.resolve(columns);

    Operator tree = isGrouped ? conditionQueries.on(groupedRows(dependents)) : rows.tree();
    if (condition.isPresent()) {
      tree = new Operator.Filter(tree, condition.get());
    }
    return output.on(withSets(computed.on(tree), setCall), resolved);
  }

  private Operator withSets(Operator tree, Optional<Scalar> call) {
    if (call.isEmpty()) {
      return tree;
    }
    ColumnRef value = setReturning.orElseThrow().value();
    Operator rows =
        new Operator.FunctionRows(value.relation(), call.get(), List.of(value.column()));
    return new Operator.Lateral(tree, rows, false, List.of());
  }

  private Operator groupedRows(Dependents dependents) {
    List<Call> calls = list.calls();
    if (calls.isEmpty()) {
      calls = List.of(new Call(new ColumnRef(relation, "a1"), AggregateCall.countRows()));
    }
    if (sets.plain()) {
      Operator aggregate = new Operator.Aggregate(rows.tree(), dependents.groups(), calls);
      return list.groupings().isEmpty() ? aggregate : withGroupings(aggregate);
    }
    if (dependents.groups().size() > groups.size()) {
      throw new UnsupportedQueryException(
          "GROUPING SETS, and a column that only depends on those grouped by");
    }
    return union(calls);
  }

  private Operator withGroupings(Operator aggregate) {
    List<Named> outputs = new ArrayList<>();
    aggregate.columns().forEach(ref -> outputs.add(Named.same(ref)));
    for (int i = 0; i < list.groupings().size(); i++) {
      outputs.add(new Named(list.grouping(i), Scalar.of("0")));
    }
    return new Operator.Project(aggregate, outputs);
  }

  /**
   * Law: GROUP BY GROUPING SETS (s, t, …) is the sum of the aggregates by s, by t, …, the columns
   * that a set has not being NULL.
   */
  private Operator union(List<Call> calls) {
    if (groups.stream().anyMatch(group -> group.value().columns().isEmpty())) {
      throw new UnsupportedQueryException(
          "GROUPING SETS by a constant, which PostgreSQL before 18 does not always show as NULL");
    }
    if (groups.stream().anyMatch(this::mayBecomeAnother)) {
      throw new UnsupportedQueryException(
          "GROUPING SETS by a column and by an expression that may come to no more than it, which"
              + " PostgreSQL before 18 does not always show as NULL");
    }
    List<String> nulls = new ArrayList<>();
    if (!sets.expressions().isEmpty()) {
      Syntax ofGroups =
          select.ofRows(sets.expressions().stream().map(Syntax.Expression::new).toList());
      lowering
          .describeAlone(environment.text(ofGroups), "grouping sets")
          .forEach(column -> nulls.add("NULL::" + column.type().name()));
    }
    List<Operator> branches = new ArrayList<>();
    for (List<Integer> set : sets.sets()) {
      branches.add(branch(set, calls, nulls, branches.isEmpty()));
    }
    return new Operator.UnionAll(branches);
  }

  /**
   * {@code (ROW(k, v)::pair).number} beside k: simplified, they are one. Beside anything that reads
   * its columns, since that may be simplified too.
   */
  private boolean mayBecomeAnother(Named group) {
    return SIMPLIFIED.matcher(group.value().toString()).find()
        && groups.stream()
            .filter(other -> other != group)
            .flatMap(other -> other.value().columns().stream())
            .anyMatch(group.value().columns()::contains);
  }

  private Operator branch(List<Integer> set, List<Call> calls, List<String> nulls, boolean first) {
    TreeRewrite.Copy copy =
        first
            ? new TreeRewrite.Copy(rows.tree(), Map.of())
            : TreeRewrite.copy(rows.tree(), lowering::fresh);
    String own = lowering.fresh("set");
    List<Named> by = new ArrayList<>();
    List<Named> outputs = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      Named group = groups.get(i);
      var as = new ColumnRef(own, group.as().column());
      if (set.contains(i)) {
        by.add(new Named(as, copy.of(group.value())));
      }
      outputs.add(
          new Named(group.as(), set.contains(i) ? Scalar.column(as) : Scalar.of(nulls.get(i))));
    }
    List<Call> ownCalls = new ArrayList<>();
    for (Call call : calls) {
      var as = new ColumnRef(own, call.as().column());
      ownCalls.add(new Call(as, call.value().map(ref -> Scalar.column(copy.of(ref)))));
      outputs.add(new Named(call.as(), Scalar.column(as)));
    }
    for (int i = 0; i < list.groupings().size(); i++) {
      int bits = 0;
      for (int position : list.groupings().get(i)) {
        bits = 2 * bits + (set.contains(position) ? 0 : 1);
      }
      outputs.add(new Named(list.grouping(i), Scalar.of(String.valueOf(bits))));
    }
    return new Operator.Project(new Operator.Aggregate(copy.tree(), by, ownCalls), outputs);
  }

  /** The columns as a query around this one sees them. */
  static List<Visible> visible(List<String> names, List<ColumnRef> refs) {
    List<Visible> columns = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      columns.add(new Visible(names.get(i), refs.get(i)));
    }
    return columns;
  }
}
