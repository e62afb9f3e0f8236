package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Δ of a tree of scans, filters, projections, joins and unions.
 *
 * @param changed the oids of the sources whose Δ is not empty
 * @param shapes in which columns each source takes part
 */
public record Differentiation(Set<Integer> changed, Function<Scan, Shape> shapes) {

  /** ΔQ, or empty if nothing that it reads changed. */
  public Optional<Weighted> delta(Operator query) {
    Optional<Weighted> delta =
        switch (query) {
          case Scan scan -> scan(scan);
          case Filter filter -> filter(filter);
          case Project project -> project(project);
          case Join join -> join(join);
          case UnionAll union -> unionAll(union);
          case Aggregate _ ->
              throw new IllegalArgumentException("an aggregate is not linear: " + query);
          case Delta _, ChangedKeys _, Operator.OuterJoin _, Operator.Apply _, Operator.Lateral _, Operator.FunctionRows _, Operator.Values _, Operator.Window _, Operator.DistinctOn _, Operator.Limit _, Operator.SetOperation _, Operator.Bound _, Operator.Copies _ ->
              throw new IllegalArgumentException("not a query: " + query);
        };
    delta.ifPresent(d -> requireSchema(query, d));
    return delta;
  }

  /** Post-condition: the delta's schema is the query's schema and a weight (and measures). */
  private static void requireSchema(Operator query, Weighted delta) {
    boolean leaf = query instanceof Scan || query instanceof Filter || query instanceof Join;
    boolean same =
        leaf
            ? query.columns().containsAll(delta.plainColumns())
            : query.columns().equals(delta.plainColumns());
    if (!same || delta.weight().isEmpty()) {
      throw new IllegalStateException(
          "Δ has columns " + delta.tree().columns() + " for " + query.columns());
    }
  }

  /** {@code ΔR}: what changed. */
  private Optional<Weighted> scan(Scan scan) {
    if (!changed.contains(scan.table().oid())) {
      return Optional.empty();
    }
    Shape shape = shapes.apply(scan);
    var leaf = new Delta(scan, shape.names(), shape.measures(scan));
    return Optional.of(new Weighted(leaf, Optional.of(leaf.weight()), leaf.measures()));
  }

  /** {@code Δ(σ c (A)) = σ c (ΔA)}. */
  private Optional<Weighted> filter(Filter filter) {
    return delta(filter.input())
        .map(a -> new Weighted(new Filter(a.tree(), filter.condition()), a.weight(), a.measures()));
  }

  /** {@code Δ(π f (A)) = π f (ΔA)}, weights passed on. */
  private Optional<Weighted> project(Project project) {
    return delta(project.input())
        .map(
            a -> {
              var outputs = new ArrayList<>(project.outputs());
              a.weight().ifPresent(weight -> outputs.add(Named.same(weight)));
              a.measures().forEach(measure -> outputs.add(Named.same(measure)));
              return new Weighted(new Project(a.tree(), outputs), a.weight(), a.measures());
            });
  }

  /** {@code Δ(A + B) = ΔA + ΔB}. */
  private Optional<Weighted> unionAll(UnionAll union) {
    List<Weighted> deltas =
        union.inputs().stream().map(this::delta).flatMap(Optional::stream).toList();
    return deltas.isEmpty() ? Optional.empty() : Optional.of(sum(deltas));
  }

  /**
   * {@code Δ(R₁ ⋈ … ⋈ Rₙ) = Σᵢ R₁ᵒˡᵈ ⋈ … ⋈ Rᵢ₋₁ᵒˡᵈ ⋈ ΔRᵢ ⋈ Rᵢ₊₁ ⋈ … ⋈ Rₙ}, weights multiplied: one
   * term per changed input. For two, {@code ΔA ⋈ B + Aᵒˡᵈ ⋈ ΔB}.
   */
  private Optional<Weighted> join(Join join) {
    List<Weighted> terms = new ArrayList<>();
    for (int i = 0; i < join.inputs().size(); i++) {
      Optional<Weighted> changedInput = delta(join.inputs().get(i));
      if (changedInput.isEmpty()) {
        continue;
      }
      List<Weighted> inputs = new ArrayList<>();
      for (int j = 0; j < join.inputs().size(); j++) {
        Operator input = join.inputs().get(j);
        inputs.add(j < i ? oldState(input) : j == i ? changedInput.get() : newState(input));
      }
      terms.add(product(inputs, join.conditions()));
    }
    return terms.isEmpty() ? Optional.empty() : Optional.of(sum(terms));
  }

  /** The state as the snapshot sees it: every weight is 1. */
  private Weighted newState(Operator input) {
    if (!(input instanceof Scan scan)) {
      return new Weighted(input, Optional.empty(), List.of());
    }
    Shape shape = shapes.apply(scan);
    var outputs = new ArrayList<Named>();
    shape.names().forEach(n -> outputs.add(Named.same(new ColumnRef(scan.relation(), n))));
    for (int i = 0; i < shape.sums().size(); i++) {
      var x = new ColumnRef(scan.relation(), shape.sums().get(i));
      outputs.add(new Named(Shape.total(scan.relation(), i), Measures.one(scan, x)));
      outputs.add(
          new Named(
              Shape.count(scan.relation(), i),
              Scalar.of("CASE WHEN ", x, " IS NULL THEN 0 ELSE 1 END")));
    }
    return new Weighted(new Project(scan, outputs), Optional.empty(), shape.measures(scan));
  }

  /** {@code Aᵒˡᵈ = A − ΔA}. */
  private Weighted oldState(Operator input) {
    Weighted now = newState(input);
    Optional<Weighted> delta = delta(input);
    if (delta.isEmpty()) {
      return now;
    }
    ColumnRef weight = Weighted.weightOf(input.columns().getFirst().relation());
    var before = new ArrayList<Named>();
    now.plainColumns().forEach(c -> before.add(Named.same(c)));
    before.add(new Named(weight, Scalar.of("1")));
    now.measures().forEach(m -> before.add(Named.same(m)));
    var undone = new ArrayList<Named>();
    now.plainColumns().forEach(c -> undone.add(Named.same(c)));
    undone.add(new Named(weight, Scalar.of("-", delta.get().weightOrOne().grouped())));
    now.measures().forEach(m -> undone.add(new Named(m, Scalar.of("-", m))));
    return new Weighted(
        new UnionAll(
            List.of(new Project(now.tree(), before), new Project(delta.get().tree(), undone))),
        Optional.of(weight),
        now.measures());
  }

  /**
   * The product of Z-sets: weights multiply, and each measure multiplies with the others' weights.
   */
  private static Weighted product(List<Weighted> inputs, List<Scalar> conditions) {
    Operator joined = new Join(inputs.stream().map(Weighted::tree).toList(), conditions);
    var outputs = new ArrayList<Named>();
    var measures = new ArrayList<ColumnRef>();
    inputs.forEach(input -> input.plainColumns().forEach(c -> outputs.add(Named.same(c))));
    ColumnRef weight = Weighted.weightOf("");
    outputs.add(new Named(weight, times(inputs, List.of())));
    for (int i = 0; i < inputs.size(); i++) {
      var others = new ArrayList<>(inputs);
      others.remove(i);
      for (ColumnRef measure : inputs.get(i).measures()) {
        outputs.add(new Named(measure, times(others, List.of(Scalar.column(measure)))));
        measures.add(measure);
      }
    }
    return new Weighted(new Project(joined, outputs), Optional.of(weight), measures);
  }

  private static Scalar times(List<Weighted> inputs, List<Scalar> first) {
    var factors = new ArrayList<>(first);
    inputs.forEach(input -> input.weight().map(Scalar::column).ifPresent(factors::add));
    Scalar product = Scalar.join(" * ", factors, "1");
    return factors.size() > 1 ? Scalar.of("(", product, ")") : product;
  }

  /** The sum of Z-sets with the same columns. */
  private static Weighted sum(List<Weighted> terms) {
    if (terms.size() == 1) {
      return terms.getFirst();
    }
    Weighted first = terms.getFirst();
    List<ColumnRef> plain = first.plainColumns();
    ColumnRef weight = Weighted.weightOf("");
    List<Operator> inputs = new ArrayList<>();
    for (Weighted term : terms) {
      var outputs = new ArrayList<Named>();
      plain.forEach(c -> outputs.add(Named.same(c)));
      outputs.add(new Named(weight, term.weightOrOne()));
      first.measures().forEach(m -> outputs.add(Named.same(m)));
      inputs.add(new Project(term.tree(), outputs));
    }
    return new Weighted(new UnionAll(inputs), Optional.of(weight), first.measures());
  }
}
