package dev.freshet.sql.parse;

import dev.freshet.sql.parse.ScalarReader.GroupTokens;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The SELECT list, HAVING and sort keys. Aggregates, windows and sub-queries are collected, and put
 * on the tree when all are known: over the groups, if the query is grouped.
 */
final class ListPlace implements Place {
  /** A sub-query whose columns are still those below the groups. */
  private record Pending(ColumnRef as, Scalar before, Operator query) {}

  private final Lowering lowering;
  private final Lowering.Environment environment;
  private final RowPlace rows;
  private final Map<String, List<Token>> windowNames;
  private final String relation;
  private final List<List<Token>> grouped;
  private final List<GroupTokens> groupColumns;

  private final Map<AggregateCall, ColumnRef> calls = new LinkedHashMap<>();
  private final List<List<Integer>> groupings = new ArrayList<>();
  private final Map<List<Scalar>, List<Call>> windows = new LinkedHashMap<>();
  private List<Pending> pending = new ArrayList<>();
  private int windowCount;
  private String windowRelation = "";

  /**
   * @param rows below the groups
   * @param relation of the groups' columns
   * @param grouped the expressions that are grouped by
   * @param groupColumns those that are no columns
   */
  ListPlace(
      Lowering lowering,
      Lowering.Environment environment,
      RowPlace rows,
      List<Syntax.NamedWindow> windows,
      String relation,
      List<List<Token>> grouped,
      List<GroupTokens> groupColumns) {
    this.lowering = lowering;
    this.environment = environment;
    this.rows = rows;
    this.relation = relation;
    this.grouped = List.copyOf(grouped);
    this.groupColumns = List.copyOf(groupColumns);
    this.windowNames = new LinkedHashMap<>();
    windows.forEach(window -> windowNames.put(window.name(), window.definition()));
  }

  @Override
  public Scope scope() {
    return rows.scope();
  }

  @Override
  public Functions functions() {
    return lowering.functions();
  }

  @Override
  public List<GroupTokens> groups() {
    return groupColumns;
  }

  @Override
  public Place arguments() {
    return rows;
  }

  /** The aggregates in order of appearance. */
  List<Call> calls() {
    return calls.entrySet().stream().map(e -> new Call(e.getValue(), e.getKey())).toList();
  }

  /** The positions of the arguments of each GROUPING (…). */
  List<List<Integer>> groupings() {
    return groupings;
  }

  ColumnRef grouping(int position) {
    return new ColumnRef(relation, "b" + (position + 1));
  }

  @Override
  public ColumnRef aggregate(AggregateCall call) {
    return calls.computeIfAbsent(call, _ -> new ColumnRef(relation, "a" + (calls.size() + 1)));
  }

  @Override
  public ColumnRef query(Scalar before, Syntax query) {
    Operator value =
        lowering.query(query, environment.within(scope()).ordered(RowPlace.isArray(before))).tree();
    var as = new ColumnRef(lowering.fresh("value"), "v");
    pending.add(new Pending(as, before, value));
    return as;
  }

  @Override
  public ColumnRef window(String function, List<Scalar> partition, Scalar sql) {
    if (windowRelation.isEmpty()) {
      windowRelation = lowering.fresh("window");
    }
    List<Call> same = windows.computeIfAbsent(partition, _ -> new ArrayList<>());
    for (Call call : same) {
      if (call.value().sql().equals(sql)) {
        return call.as();
      }
    }
    windowCount++;
    var as = new ColumnRef(windowRelation, "w" + windowCount);
    same.add(new Call(as, AggregateCall.opaque(function, sql)));
    return as;
  }

  @Override
  public List<Token> window(String name) {
    List<Token> definition = windowNames.get(name);
    if (definition == null) {
      throw new UnsupportedQueryException("there is no window " + name);
    }
    return definition;
  }

  @Override
  public Scalar grouping(List<List<Token>> arguments) {
    List<Integer> positions = new ArrayList<>();
    for (List<Token> argument : arguments) {
      List<Token> core = TokenLists.core(argument);
      int position = 0;
      while (position < grouped.size() && !Conjuncts.same(grouped.get(position), core)) {
        position++;
      }
      if (position == grouped.size()) {
        throw new UnsupportedQueryException("GROUPING (…) of what is not grouped by");
      }
      positions.add(position);
    }
    if (!groupings.contains(positions)) {
      groupings.add(positions);
    }
    return Scalar.column(grouping(groupings.indexOf(positions)));
  }

  /** The sub-queries read since the last call, to be put on a tree. */
  SubQueries takeQueries() {
    List<Pending> taken = pending;
    pending = new ArrayList<>();
    return new SubQueries(taken);
  }

  /** Sub-queries that wait for the columns that they may read. */
  static final class SubQueries {
    private final List<Pending> queries;

    private SubQueries(List<Pending> queries) {
      this.queries = queries;
    }

    /** Replaces the columns that they read below the groups. */
    SubQueries resolved(Function<ColumnRef, Scalar> columns) {
      return new SubQueries(
          queries.stream()
              .map(
                  q ->
                      new Pending(
                          q.as(),
                          q.before().map(columns),
                          TreeRewrite.substitute(q.query(), columns)))
              .toList());
    }

    Operator on(Operator tree) {
      Operator result = tree;
      for (Pending query : queries) {
        result = new Operator.Apply(result, query.as(), query.before(), query.query());
      }
      return result;
    }

    /** Those before which, or before whose own input, a window's value stands. */
    SubQueries over(Set<ColumnRef> windowValues, boolean wanted) {
      Set<ColumnRef> late = new HashSet<>(windowValues);
      List<Pending> chosen = new ArrayList<>();
      for (Pending query : queries) {
        boolean isLate = query.before().columns().stream().anyMatch(late::contains);
        if (isLate) {
          late.add(query.as());
        }
        if (isLate == wanted) {
          chosen.add(query);
        }
      }
      return new SubQueries(chosen);
    }
  }

  /** What the list computes, over what now stands for the columns that it read. */
  Computed computed(SubQueries queries, Function<ColumnRef, Scalar> columns) {
    Map<List<Scalar>, List<Call>> resolved = new LinkedHashMap<>();
    windows.forEach(
        (partition, same) ->
            resolved.put(
                partition.stream().map(p -> p.map(columns)).toList(),
                same.stream().map(c -> new Call(c.as(), c.value().map(columns))).toList()));
    return new Computed(queries.resolved(columns), resolved);
  }

  /** Sub-queries and windows of a list, to be put on a tree. */
  record Computed(SubQueries queries, Map<List<Scalar>, List<Call>> windows) {
    Operator on(Operator tree) {
      Set<ColumnRef> values = new HashSet<>();
      windows.values().forEach(list -> list.forEach(call -> values.add(call.as())));
      Operator result = queries.over(values, false).on(tree);
      for (var window : windows.entrySet()) {
        result = new Operator.Window(result, window.getKey(), window.getValue());
      }
      return queries.over(values, true).on(result);
    }
  }
}
