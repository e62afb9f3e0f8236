package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Select, project, join in normal form: {@code π outputs (σ conditions (scans₁ × … × scansₙ))}.
 *
 * <p>Laws: π f (π g (A)) = π f∘g (A); σ p (π g (A)) = π g (σ p∘g (A)); σ p (A ⋈ B) = A ⋈ₚ B.
 *
 * @param conditions over the scans' columns; all must be true
 * @param outputs over the scans' columns
 */
public record Spj(List<Scan> scans, List<Scalar> conditions, List<Named> outputs)
    implements Branch {
  public Spj {
    scans = List.copyOf(scans);
    conditions = List.copyOf(conditions);
    outputs = List.copyOf(outputs);
  }

  /** The normal form, if the tree has nothing but scans, filters, projections and joins. */
  public static Optional<Spj> of(Operator tree) {
    return switch (tree) {
      case Scan scan ->
          Optional.of(
              new Spj(List.of(scan), List.of(), scan.columns().stream().map(Named::same).toList()));
      case Filter(Operator input, Scalar condition) ->
          of(input)
              .map(
                  spj -> {
                    var conditions = new ArrayList<>(spj.conditions);
                    conditions.add(spj.substituted(condition));
                    return new Spj(spj.scans, conditions, spj.outputs);
                  });
      case Project(Operator input, List<Named> outputs) ->
          of(input)
              .map(
                  spj ->
                      new Spj(
                          spj.scans,
                          spj.conditions,
                          outputs.stream()
                              .map(o -> new Named(o.as(), spj.substituted(o.value())))
                              .toList()));
      case Join join -> ofJoin(join);
      case UnionAll _,
          Aggregate _,
          Delta _,
          ChangedKeys _,
          Operator.ClockFilter _,
          Operator.OuterJoin _,
          Operator.Apply _,
          Operator.Lateral _,
          Operator.FunctionRows _,
          Operator.Values _,
          Operator.Window _,
          Operator.DistinctOn _,
          Operator.Limit _,
          Operator.SetOperation _,
          Operator.Bound _,
          Operator.Copies _ ->
          Optional.empty();
    };
  }

  private static Optional<Spj> ofJoin(Join join) {
    var scans = new ArrayList<Scan>();
    var conditions = new ArrayList<Scalar>();
    var outputs = new ArrayList<Named>();
    for (Operator input : join.inputs()) {
      Optional<Spj> part = of(input);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      scans.addAll(part.get().scans);
      conditions.addAll(part.get().conditions);
      outputs.addAll(part.get().outputs);
    }
    var product = new Spj(scans, List.of(), outputs);
    join.conditions().forEach(condition -> conditions.add(product.substituted(condition)));
    return Optional.of(new Spj(scans, conditions, outputs));
  }

  /** An expression over the outputs, as one over the scans' columns. */
  @Override
  public Scalar substituted(Scalar scalar) {
    return scalar.map(values()::get);
  }

  private Map<ColumnRef, Scalar> values() {
    var values = new LinkedHashMap<ColumnRef, Scalar>();
    outputs.forEach(output -> values.put(output.as(), output.value()));
    return values;
  }

  /** The tree, each scan replaced; a replacement must offer the columns that are used. */
  public Operator tree(Function<Scan, Operator> replacement, List<Named> newOutputs) {
    return new Project(source(replacement), newOutputs);
  }

  @Override
  public Operator source() {
    return source(scan -> scan);
  }

  /** The tree beneath the projection, each scan replaced. */
  public Operator source(Function<Scan, Operator> replacement) {
    if (scans.size() != 1) {
      return new Join(scans.stream().map(replacement).toList(), conditions);
    }
    Operator tree = replacement.apply(scans.getFirst());
    for (Scalar condition : conditions) {
      tree = new Filter(tree, condition);
    }
    return tree;
  }

  /** The columns of {@code scan} that conditions and outputs read, in the table's order. */
  public List<String> columnsOf(Scan scan) {
    var used = new java.util.HashSet<ColumnRef>();
    conditions.forEach(condition -> used.addAll(condition.columns()));
    outputs.forEach(output -> used.addAll(output.value().columns()));
    return scan.columns().stream().filter(used::contains).map(ColumnRef::column).toList();
  }
}
