package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The algebra of Z-sets as trees: a row with weight w stands for w copies of it. */
final class ZSets {
  private final Steps steps;

  ZSets(Steps steps) {
    this.steps = steps;
  }

  static Weighted filtered(Weighted a, Scalar condition) {
    return new Weighted(new Filter(a.tree(), condition), a.weight(), a.measures());
  }

  static Weighted projected(Weighted a, List<Named> values) {
    var outputs = new ArrayList<>(values);
    a.weight().ifPresent(weight -> outputs.add(Named.same(weight)));
    a.measures().forEach(measure -> outputs.add(Named.same(measure)));
    return new Weighted(new Project(a.tree(), outputs), a.weight(), a.measures());
  }

  /**
   * The product of Z-sets: weights multiply, and each measure multiplies with the others' weights.
   */
  Weighted product(List<Weighted> inputs, List<Scalar> conditions) {
    Operator joined = new Join(inputs.stream().map(Weighted::tree).toList(), conditions);
    var outputs = new ArrayList<Named>();
    var measures = new ArrayList<ColumnRef>();
    inputs.forEach(input -> input.plainColumns().forEach(c -> outputs.add(Named.same(c))));
    ColumnRef weight = steps.weight();
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

  /**
   * The sum of Z-sets, in the columns that all of them have: a state has all columns of its
   * sources, a delta those that are read.
   */
  Weighted sum(List<Weighted> terms) {
    if (terms.size() == 1) {
      return terms.getFirst();
    }
    Weighted first = terms.getFirst();
    List<ColumnRef> plain =
        first.plainColumns().stream()
            .filter(c -> terms.stream().allMatch(t -> t.tree().columns().contains(c)))
            .toList();
    ColumnRef weight = steps.weight();
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

  Weighted difference(Operator now, Operator before) {
    return sum(
        List.of(
            new Weighted(now, Optional.empty(), List.of()),
            negated(new Weighted(before, Optional.empty(), List.of()))));
  }

  Weighted negated(Weighted zset) {
    ColumnRef weight = steps.weight();
    var outputs = new ArrayList<Named>();
    zset.plainColumns().forEach(c -> outputs.add(Named.same(c)));
    outputs.add(new Named(weight, Scalar.of("-", zset.weightOrOne().grouped())));
    zset.measures().forEach(m -> outputs.add(new Named(m, Scalar.of("-", m))));
    return new Weighted(new Project(zset.tree(), outputs), Optional.of(weight), zset.measures());
  }

  /** With a weight column in any case. */
  Weighted weighted(Weighted zset) {
    if (zset.weight().isPresent()) {
      return zset;
    }
    ColumnRef weight = steps.weight();
    var outputs = new ArrayList<Named>();
    zset.plainColumns().forEach(c -> outputs.add(Named.same(c)));
    outputs.add(new Named(weight, zset.weightOrOne()));
    return new Weighted(new Project(zset.tree(), outputs), Optional.of(weight), List.of());
  }

  /** The same Z-sets, their columns in one order. */
  static List<Weighted> ordered(List<Weighted> terms, List<ColumnRef> columns) {
    List<ColumnRef> common =
        columns.stream()
            .filter(c -> terms.stream().allMatch(t -> t.tree().columns().contains(c)))
            .toList();
    return terms.stream()
        .map(t -> projected(t, common.stream().map(Named::same).toList()))
        .toList();
  }
}
