package dev.freshet.sql.maintain;

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
import java.util.ArrayList;
import java.util.List;

/**
 * Pulls UNION ALL up to the top.
 *
 * <p>Laws: σ (A + B) = σ A + σ B; π (A + B) = π A + π B; (A + B) ⋈ C = A ⋈ C + B ⋈ C. An aggregate
 * is none of these: what is beneath it stays there.
 */
final class Unions {
  private Unions() {}

  /** The branches, whose sum the tree is; none of them has a union above an aggregate. */
  static List<Operator> branches(Operator tree) {
    return switch (tree) {
      case Scan _,
          Aggregate _,
          Delta _,
          Operator.ClockFilter _, // stands right above a source
          ChangedKeys _,
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
          List.of(tree);
      case UnionAll(List<Operator> inputs) ->
          inputs.stream().flatMap(input -> branches(input).stream()).toList();
      case Filter(Operator input, Scalar condition) ->
          branches(input).stream().<Operator>map(b -> new Filter(b, condition)).toList();
      case Project(Operator input, var outputs) ->
          branches(input).stream().<Operator>map(b -> new Project(b, outputs)).toList();
      case Join(List<Operator> inputs, List<Scalar> conditions) ->
          products(inputs).stream().<Operator>map(p -> new Join(p, conditions)).toList();
    };
  }

  /** π pushed into the branches of a union, so that each is one SELECT. */
  static Operator project(Operator tree, List<Named> outputs) {
    return tree instanceof UnionAll(List<Operator> inputs)
        ? new UnionAll(inputs.stream().map(input -> project(input, outputs)).toList())
        : new Project(tree, outputs);
  }

  private static List<List<Operator>> products(List<Operator> inputs) {
    List<List<Operator>> products = new ArrayList<>();
    products.add(List.of());
    for (Operator input : inputs) {
      List<List<Operator>> longer = new ArrayList<>();
      for (List<Operator> product : products) {
        for (Operator branch : branches(input)) {
          var extended = new ArrayList<>(product);
          extended.add(branch);
          longer.add(extended);
        }
      }
      products = longer;
    }
    return products;
  }
}
