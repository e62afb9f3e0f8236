package dev.freshet.sql.parse;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lowers one SELECT: FROM, WHERE, GROUP BY, HAVING, then the list, in the order of evaluation. */
final class SelectLowering {
  private final Lowering lowering;
  private final Map<String, Syntax.With> common;
  private final List<Operator> inputs = new ArrayList<>();
  private final List<Scalar> joinConditions = new ArrayList<>();

  SelectLowering(Lowering lowering, Map<String, Syntax.With> common) {
    this.lowering = lowering;
    this.common = common;
  }

  Lowered select(Syntax.Select select) {
    var scope = new Scope();
    select.from().forEach(item -> scope.addAll(from(item)));
    Operator input =
        inputs.size() == 1 && joinConditions.isEmpty()
            ? inputs.getFirst()
            : new Operator.Join(inputs, joinConditions);
    if (select.where().isPresent()) {
      for (List<Token> conjunct : Conjuncts.of(select.where().get().tokens())) {
        input = new Operator.Filter(input, new ScalarReader(scope).read(conjunct));
      }
    }
    Operator source = input;
    return grouped(select, scope, source).orElseGet(() -> project(select, scope, source));
  }

  private Scope from(Syntax.FromItem item) {
    return switch (item) {
      case Syntax.Table table ->
          input(table.alias().orElse(table.name()), lowering.table(table, common));
      case Syntax.SubSelect(Syntax query, String alias, List<String> columns) ->
          input(alias, lowering.renamed(lowering.subSelect(query, common), columns));
      case Syntax.Join join -> {
        Scope left = from(join.left());
        Scope right = from(join.right());
        restrict(join.restriction(), left, right);
        var both = new Scope();
        both.addAll(left);
        both.addAll(right);
        yield both;
      }
    };
  }

  private Scope input(String alias, Lowered lowered) {
    inputs.add(lowered.tree());
    var scope = new Scope();
    scope.add(alias, lowered.columns());
    return scope;
  }

  private void restrict(Syntax.Restriction restriction, Scope left, Scope right) {
    switch (restriction) {
      case Syntax.Cross _ -> {}
      case Syntax.On(Syntax.Expression condition) -> {
        var both = new Scope();
        both.addAll(left);
        both.addAll(right);
        for (List<Token> conjunct : Conjuncts.of(condition.tokens())) {
          if (!(conjunct.size() == 1 && conjunct.getFirst().is("true"))) {
            joinConditions.add(new ScalarReader(both).read(conjunct));
          }
        }
      }
      case Syntax.Using(List<String> columns) -> columns.forEach(c -> equal(c, left, right));
      case Syntax.Natural _ ->
          left.columns().stream()
              .map(Visible::name)
              .distinct()
              .filter(name -> !right.named(name).isEmpty())
              .forEach(name -> equal(name, left, right));
    }
  }

  /**
   * Of columns merged by earlier joins the leftmost stands for all: inner joins made them equal.
   */
  private void equal(String column, Scope left, Scope right) {
    if (left.named(column).isEmpty() || right.named(column).isEmpty()) {
      throw new UnsupportedQueryException("USING (" + column + ") names no column");
    }
    joinConditions.add(
        Scalar.of("(", left.named(column).getFirst(), " = ", right.named(column).getFirst(), ")"));
  }

  private Lowered project(Syntax.Select select, Scope scope, Operator input) {
    var reader = new ScalarReader(scope);
    return output(select, input, item -> reader.read(item.value()));
  }

  private Lowered output(
      Syntax.Select select,
      Operator input,
      java.util.function.Function<Syntax.Item, Scalar> value) {
    String relation = lowering.fresh("query");
    List<Named> outputs = new ArrayList<>();
    List<Visible> columns = new ArrayList<>();
    for (Syntax.Item item : select.items()) {
      String name = item.name().orElseGet(() -> item.value().tokens().getLast().name());
      boolean twice = columns.stream().anyMatch(c -> c.ref().column().equals(name));
      var ref = new ColumnRef(relation, twice ? name + "_" + (columns.size() + 1) : name);
      outputs.add(new Named(ref, value.apply(item)));
      columns.add(new Visible(name, ref));
    }
    return new Lowered(new Operator.Project(input, outputs), columns);
  }

  private Optional<Lowered> grouped(Syntax.Select select, Scope scope, Operator input) {
    String relation = lowering.fresh("groups");
    List<Named> groups = new ArrayList<>();
    List<GroupTokens> expressions = new ArrayList<>();
    Map<ColumnRef, ColumnRef> plain = new HashMap<>();
    for (Syntax.Expression group : select.groupBy()) {
      List<Token> core = Conjuncts.withoutParentheses(group.tokens());
      if (core.isEmpty() || core.getFirst().is("GROUPING")) {
        throw new UnsupportedQueryException("GROUPING SETS, ROLLUP or CUBE");
      }
      if (core.getFirst().is("(") && core.size() == 2) {
        throw new UnsupportedQueryException("GROUP BY ()");
      }
      Scalar value = new ScalarReader(scope).read(core);
      var as = new ColumnRef(relation, "g" + (groups.size() + 1));
      Optional<ColumnRef> column = value.asColumn();
      if (column.isPresent() && plain.containsKey(column.get())) {
        continue;
      }
      column.ifPresentOrElse(
          c -> plain.put(c, as), () -> expressions.add(new GroupTokens(core, as)));
      groups.add(new Named(as, value));
    }
    Map<AggregateCall, ColumnRef> calls = new LinkedHashMap<>();
    var reader =
        new ScalarReader(
            scope,
            expressions,
            call ->
                calls.computeIfAbsent(
                    call, _ -> new ColumnRef(relation, "a" + (calls.size() + 1))));
    List<Scalar> values = select.items().stream().map(i -> reader.read(i.value())).toList();
    Optional<Scalar> having = select.having().map(reader::read);
    if (groups.isEmpty() && calls.isEmpty() && having.isEmpty()) {
      return Optional.empty();
    }
    var dependents = new Dependents(input, relation, groups, plain);
    List<Scalar> outputs = values.stream().map(dependents::resolve).toList();
    Optional<Scalar> condition = having.map(dependents::resolve);
    if (calls.isEmpty()) {
      calls.put(AggregateCall.countRows(), new ColumnRef(relation, "a1"));
    }
    List<Call> named =
        calls.entrySet().stream().map(e -> new Call(e.getValue(), e.getKey())).toList();
    Operator aggregate = new Operator.Aggregate(input, dependents.groups(), named);
    Operator filtered =
        condition.<Operator>map(c -> new Operator.Filter(aggregate, c)).orElse(aggregate);
    var position = new java.util.concurrent.atomic.AtomicInteger();
    return Optional.of(output(select, filtered, _ -> outputs.get(position.getAndIncrement())));
  }
}
