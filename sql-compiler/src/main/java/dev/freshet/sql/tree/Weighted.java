package dev.freshet.sql.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tree that denotes a Z-set.
 *
 * @param weight the column with each row's signed multiplicity; without one every weight is 1
 * @param measures further columns that are linear in the weight: Σ weight·x of a source's rows
 */
public record Weighted(Operator tree, Optional<ColumnRef> weight, List<ColumnRef> measures) {
  /** The column that carries a weight in relations that Freshet makes. */
  public static final String WEIGHT = "__freshet_weight";

  public Weighted {
    measures = List.copyOf(measures);
    List<ColumnRef> columns = tree.columns();
    if (!columns.containsAll(weight.stream().toList()) || !columns.containsAll(measures)) {
      throw new IllegalArgumentException("no " + weight + " or " + measures + " in " + tree);
    }
  }

  public static ColumnRef weightOf(String relation) {
    return new ColumnRef(relation, WEIGHT);
  }

  /** The columns that are neither weight nor measure. */
  public List<ColumnRef> plainColumns() {
    var plain = new ArrayList<>(tree.columns());
    weight.ifPresent(plain::remove);
    plain.removeAll(measures);
    return plain;
  }

  /**
   * The weight as an expression, a bigint: the planner sees through a union of equal types only.
   */
  public Scalar weightOrOne() {
    return weight.map(Scalar::column).orElse(Scalar.of("1::bigint"));
  }
}
