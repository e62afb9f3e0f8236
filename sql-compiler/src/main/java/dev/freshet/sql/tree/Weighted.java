package dev.freshet.sql.tree;

import java.util.List;

/**
 * A tree that denotes a Z-set: {@code weight} is the column with each row's signed multiplicity,
 * {@code measures} are the further columns that are linear in it.
 */
public record Weighted(Operator tree, ColumnRef weight, List<ColumnRef> measures) {
  /** The column that carries a weight in relations that Freshet makes. */
  public static final String WEIGHT = "__freshet_weight";

  public Weighted {
    measures = List.copyOf(measures);
    if (!tree.columns().contains(weight) || !tree.columns().containsAll(measures)) {
      throw new IllegalArgumentException("no " + weight + " or " + measures + " in " + tree);
    }
  }

  public static ColumnRef weightOf(String relation) {
    return new ColumnRef(relation, WEIGHT);
  }
}
