package dev.freshet.sql.tree;

import dev.freshet.sql.SourceTable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A relational operator. {@link #columns} is its schema; {@code toString} its algebraic text.
 *
 * <p>{@link Scan}, {@link Filter}, {@link Project}, {@link Join}, {@link UnionAll} and {@link
 * Aggregate} make query trees; {@link Delta} and {@link ChangedKeys} are the further leaves of
 * delta trees.
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

  /** σ: the rows for which {@code condition} is true. */
  record Filter(Operator input, Scalar condition) implements Operator {
    public Filter {
      require(input, condition);
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
      return "Filter[" + condition + "](" + input + ")";
    }
  }

  /** π without removing duplicates: one row out per row in. */
  record Project(Operator input, List<Named> outputs) implements Operator {
    public Project {
      outputs = List.copyOf(outputs);
      outputs.forEach(output -> require(input, output.value()));
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
      requireKnown(columns, conditions);
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
      groups.forEach(group -> require(input, group.value()));
      calls.forEach(call -> require(input, call.value().sql()));
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

  private static String list(List<?> items) {
    return items.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private static void require(Operator input, Scalar scalar) {
    requireKnown(input.columns(), List.of(scalar));
  }

  private static void requireKnown(List<ColumnRef> columns, List<Scalar> scalars) {
    Set<ColumnRef> known = new HashSet<>(columns);
    for (Scalar scalar : scalars) {
      for (ColumnRef ref : scalar.columns()) {
        if (!known.contains(ref)) {
          throw new IllegalArgumentException(
              "column " + ref + " in " + scalar + " is none of " + columns);
        }
      }
    }
  }

  private static void requireDistinct(List<ColumnRef> columns) {
    if (new LinkedHashSet<>(columns).size() != columns.size()) {
      throw new IllegalArgumentException("a column twice in " + columns);
    }
  }
}
