package dev.freshet.sql.tree;

import dev.freshet.sql.SourceTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A relational operator. {@link #columns} is its schema; {@code toString} its algebraic text.
 *
 * <p>{@link Delta}, {@link ChangedKeys}, {@link Bound} and {@link Copies} occur in delta trees
 * only, all others in query trees. The query of an {@link Apply} and the right side of a {@link
 * Lateral} may read columns of the input beside them: such columns are <em>free</em> in that part
 * of the tree ({@link Trees#free}); a whole query has none.
 */
public sealed interface Operator {

  /** The columns it returns, in order, each name once. */
  List<ColumnRef> columns();

  List<Operator> inputs();

  /** Name and value of a computed column. */
  record Named(ColumnRef as, Scalar value) {
    @Override
    public String toString() {
      return value.asColumn().filter(as::equals).isPresent() ? as.toString() : value + " → " + as;
    }

    /** A column passed on under its own name. */
    public static Named same(ColumnRef ref) {
      return new Named(ref, Scalar.column(ref));
    }
  }

  /** A source as the refresh's snapshot sees it, under a name unique in the tree. */
  record Scan(String relation, SourceTable table) implements Operator {
    @Override
    public List<ColumnRef> columns() {
      return table.columns().stream().map(c -> new ColumnRef(relation, c.name())).toList();
    }

    @Override
    public List<Operator> inputs() {
      return List.of();
    }

    @Override
    public String toString() {
      return table.name().table().equals(relation)
          ? "Scan(" + relation + ")"
          : "Scan(" + table.name().table() + " as " + relation + ")";
    }
  }

  /**
   * The signed changes of a source: {@code columns} of it, then a weight, then measures. A measure
   * is a column that is linear in the rows, as the weight itself is: Σ weight·x of a group of
   * changes.
   */
  record Delta(Scan scan, List<String> names, List<ColumnRef> measures) implements Operator {
    public Delta {
      names = List.copyOf(names);
      measures = List.copyOf(measures);
    }

    public ColumnRef weight() {
      return Weighted.weightOf(scan.relation());
    }

    @Override
    public List<ColumnRef> columns() {
      var all = new ArrayList<ColumnRef>();
      names.forEach(name -> all.add(new ColumnRef(scan.relation(), name)));
      all.add(weight());
      all.addAll(measures);
      return all;
    }

    @Override
    public List<Operator> inputs() {
      return List.of();
    }

    @Override
    public String toString() {
      return "Δ" + scan.relation();
    }
  }

  /**
   * The newest rows of a source's changed keys, gone ones too ({@link #present} is false there).
   */
  record ChangedKeys(Scan scan, List<String> names) implements Operator {
    public ChangedKeys {
      names = List.copyOf(names);
    }

    public ColumnRef present() {
      return new ColumnRef(scan.relation(), "__freshet_present");
    }

    @Override
    public List<ColumnRef> columns() {
      var all = new ArrayList<ColumnRef>();
      names.forEach(name -> all.add(new ColumnRef(scan.relation(), name)));
      all.add(present());
      return all;
    }

    @Override
    public List<Operator> inputs() {
      return List.of();
    }

    @Override
    public String toString() {
      return "Keys" + "(Δ" + scan.relation() + ")";
    }
  }

  /** A relation that the statement computed before, known by name. */
  record Bound(String name, List<ColumnRef> columns) implements Operator {
    public Bound {
      columns = List.copyOf(columns);
    }

    @Override
    public List<Operator> inputs() {
      return List.of();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A Z-set without negative weights as an ordinary relation: each row as often as it weighs. */
  record Copies(Operator input, ColumnRef weight) implements Operator {
    @Override
    public List<ColumnRef> columns() {
      return input.columns().stream().filter(c -> !c.equals(weight)).toList();
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    @Override
    public String toString() {
      return "Copies(" + input + ")";
    }
  }

  /** σ: the rows for which {@code condition} is true. */
  record Filter(Operator input, Scalar condition) implements Operator {
    @Override
    public List<ColumnRef> columns() {
      return input.columns();
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    @Override
    public String toString() {
      return "Filter[" + condition + "](" + input + ")";
    }
  }

  /**
   * σ with a condition that compares columns with the clock: the rows for which {@code condition}
   * is true at the time of the transaction.
   *
   * @param before the condition at the time of the stream table's frontier
   * @param window true for every row for which the two differ, and for few others
   */
  record ClockFilter(Operator input, Scalar condition, Scalar before, Scalar window)
      implements Operator {
    @Override
    public List<ColumnRef> columns() {
      return input.columns();
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    /** True for the rows for which the two times differ. */
    public Scalar flips() {
      return Scalar.of("((", condition.grouped(), " IS TRUE) <> (", before.grouped(), " IS TRUE))");
    }

    @Override
    public String toString() {
      return "ClockFilter[" + condition + "](" + input + ")";
    }
  }

  /** π without removing duplicates: one row out per row in. */
  record Project(Operator input, List<Named> outputs) implements Operator {
    public Project {
      outputs = List.copyOf(outputs);
      requireDistinct(outputs.stream().map(Named::as).toList());
    }

    @Override
    public List<ColumnRef> columns() {
      return outputs.stream().map(Named::as).toList();
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    @Override
    public String toString() {
      return "Project[" + list(outputs) + "](" + input + ")";
    }
  }

  /** ⋈ of any number of inputs: the product, restricted by {@code conditions}. */
  record Join(List<Operator> inputs, List<Scalar> conditions) implements Operator {
    public Join {
      inputs = List.copyOf(inputs);
      conditions = List.copyOf(conditions);
      var columns = inputs.stream().flatMap(input -> input.columns().stream()).toList();
      requireDistinct(columns);
    }

    @Override
    public List<ColumnRef> columns() {
      return inputs.stream().flatMap(input -> input.columns().stream()).toList();
    }

    @Override
    public String toString() {
      return "Join[" + list(conditions) + "](" + list(inputs) + ")";
    }
  }

  /** The sum of Z-sets with the same columns. */
  record UnionAll(List<Operator> inputs) implements Operator {
    public UnionAll {
      inputs = List.copyOf(inputs);
      for (Operator input : inputs) {
        if (!input.columns().equals(inputs.getFirst().columns())) {
          throw new IllegalArgumentException(
              "union of " + inputs.getFirst().columns() + " and " + input.columns());
        }
      }
    }

    @Override
    public List<ColumnRef> columns() {
      return inputs.getFirst().columns();
    }

    @Override
    public String toString() {
      return "UnionAll(" + list(inputs) + ")";
    }
  }

  /** Name and value of an aggregated column. */
  record Call(ColumnRef as, AggregateCall value) {
    @Override
    public String toString() {
      return value + " → " + as;
    }
  }

  /** γ: one row per group, or exactly one row if there is no group column. */
  record Aggregate(Operator input, List<Named> groups, List<Call> calls) implements Operator {
    public Aggregate {
      groups = List.copyOf(groups);
      calls = List.copyOf(calls);
      var names = new ArrayList<ColumnRef>();
      groups.forEach(group -> names.add(group.as()));
      calls.forEach(call -> names.add(call.as()));
      requireDistinct(names);
    }

    @Override
    public List<ColumnRef> columns() {
      var all = new ArrayList<ColumnRef>();
      groups.forEach(group -> all.add(group.as()));
      calls.forEach(call -> all.add(call.as()));
      return all;
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    @Override
    public String toString() {
      return "Aggregate[" + list(groups) + "; " + list(calls) + "](" + input + ")";
    }
  }

  /**
   * ⟕, or ⟗ if {@code full}: every pair of rows that satisfies {@code conditions}, and each left
   * row without a partner once with NULLs on the right; for ⟗ each right row without one likewise.
   */
  record OuterJoin(Operator left, Operator right, boolean full, List<Scalar> conditions)
      implements Operator {
    public OuterJoin {
      conditions = List.copyOf(conditions);
      requireDistinct(concat(left.columns(), right.columns()));
    }

    @Override
    public List<ColumnRef> columns() {
      return concat(left.columns(), right.columns());
    }

    @Override
    public List<Operator> inputs() {
      return List.of(left, right);
    }

    @Override
    public String toString() {
      return (full ? "FullJoin[" : "LeftJoin[")
          + list(conditions)
          + "]("
          + left
          + ", "
          + right
          + ")";
    }
  }

  /**
   * A sub-query in an expression: each row of {@code input} with one more column {@code as}, whose
   * value is the SQL text {@code before} followed by {@code (query)}, for example {@code EXISTS},
   * {@code x = ANY}, {@code ARRAY} or nothing. The query may read the columns of the input.
   */
  record Apply(Operator input, ColumnRef as, Scalar before, Operator query) implements Operator {
    public Apply {
      requireDistinct(concat(input.columns(), List.of(as)));
    }

    @Override
    public List<ColumnRef> columns() {
      return concat(input.columns(), List.of(as));
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input, query);
    }

    @Override
    public String toString() {
      return "Apply[" + before + "(" + query + ") → " + as + "](" + input + ")";
    }
  }

  /**
   * For each row of {@code input} the rows that {@code right}, which may read its columns, has for
   * it and that satisfy {@code conditions}; if {@code outer}, a row that has none comes once with
   * NULLs.
   */
  record Lateral(Operator input, Operator right, boolean outer, List<Scalar> conditions)
      implements Operator {
    public Lateral {
      conditions = List.copyOf(conditions);
      requireDistinct(concat(input.columns(), right.columns()));
    }

    @Override
    public List<ColumnRef> columns() {
      return concat(input.columns(), right.columns());
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input, right);
    }

    @Override
    public String toString() {
      return (outer ? "LeftLateral[" : "Lateral[")
          + list(conditions)
          + "]("
          + input
          + ", "
          + right
          + ")";
    }
  }

  /**
   * The rows of a function in FROM: {@code call AS relation(names)}. The call is SQL text, WITH
   * ORDINALITY, ROWS FROM and JSON_TABLE included; the columns that it reads belong to an enclosing
   * {@link Lateral}. It reads no table.
   */
  record FunctionRows(String relation, Scalar call, List<String> names) implements Operator {
    public FunctionRows {
      names = List.copyOf(names);
    }

    @Override
    public List<ColumnRef> columns() {
      return names.stream().map(name -> new ColumnRef(relation, name)).toList();
    }

    @Override
    public List<Operator> inputs() {
      return List.of();
    }

    @Override
    public String toString() {
      return "Function(" + call + ")";
    }
  }

  /** Rows that the query itself spells out. */
  record Values(String relation, List<String> names, List<List<Scalar>> rows) implements Operator {
    public Values {
      names = List.copyOf(names);
      rows = rows.stream().map(List::copyOf).toList();
    }

    @Override
    public List<ColumnRef> columns() {
      return names.stream().map(name -> new ColumnRef(relation, name)).toList();
    }

    @Override
    public List<Operator> inputs() {
      return List.of();
    }

    @Override
    public String toString() {
      return "Values(" + rows.size() + ")";
    }
  }

  /**
   * Each row of {@code input} with the values of window functions that share one PARTITION BY.
   *
   * @param calls the whole calls, OVER (…) included; named windows are spelt out
   */
  record Window(Operator input, List<Scalar> partition, List<Call> calls) implements Operator {
    public Window {
      partition = List.copyOf(partition);
      calls = List.copyOf(calls);
      requireDistinct(concat(input.columns(), calls.stream().map(Call::as).toList()));
    }

    @Override
    public List<ColumnRef> columns() {
      return concat(input.columns(), calls.stream().map(Call::as).toList());
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    @Override
    public String toString() {
      return "Window[" + list(partition) + "; " + list(calls) + "](" + input + ")";
    }
  }

  /** DISTINCT ON: of the rows with equal {@code on} the first by {@code order}. */
  record DistinctOn(Operator input, List<Scalar> on, List<Scalar> order) implements Operator {
    public DistinctOn {
      on = List.copyOf(on);
      order = List.copyOf(order);
    }

    @Override
    public List<ColumnRef> columns() {
      return input.columns();
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    @Override
    public String toString() {
      return "DistinctOn[" + list(on) + "; " + list(order) + "](" + input + ")";
    }
  }

  /**
   * ORDER BY … LIMIT.
   *
   * @param order sort keys with their direction, {@code x DESC NULLS LAST}
   */
  record Limit(
      Operator input,
      List<Scalar> order,
      Optional<Scalar> limit,
      Optional<Scalar> offset,
      boolean withTies)
      implements Operator {
    public Limit {
      order = List.copyOf(order);
    }

    @Override
    public List<ColumnRef> columns() {
      return input.columns();
    }

    @Override
    public List<Operator> inputs() {
      return List.of(input);
    }

    @Override
    public String toString() {
      return "Limit["
          + list(order)
          + limit.map(n -> "; " + n + (withTies ? " with ties" : "")).orElse("")
          + offset.map(n -> "; offset " + n).orElse("")
          + "]("
          + input
          + ")";
    }
  }

  /** INTERSECT or EXCEPT of inputs with the same columns; copies are counted if {@code all}. */
  record SetOperation(Kind kind, boolean all, Operator left, Operator right) implements Operator {
    /** Which of the two. */
    public enum Kind {
      INTERSECT,
      EXCEPT
    }

    public SetOperation {
      if (!left.columns().equals(right.columns())) {
        throw new IllegalArgumentException(
            kind + " of " + left.columns() + " and " + right.columns());
      }
    }

    @Override
    public List<ColumnRef> columns() {
      return left.columns();
    }

    @Override
    public List<Operator> inputs() {
      return List.of(left, right);
    }

    @Override
    public String toString() {
      return kind + (all ? " ALL(" : "(") + left + ", " + right + ")";
    }
  }

  private static List<ColumnRef> concat(List<ColumnRef> left, List<ColumnRef> right) {
    var all = new ArrayList<>(left);
    all.addAll(right);
    return List.copyOf(all);
  }

  private static String list(List<?> items) {
    return items.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private static void requireDistinct(List<ColumnRef> columns) {
    if (new LinkedHashSet<>(columns).size() != columns.size()) {
      throw new IllegalArgumentException("a column twice in " + columns);
    }
  }
}
