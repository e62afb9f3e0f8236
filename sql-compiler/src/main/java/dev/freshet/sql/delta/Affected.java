package dev.freshet.sql.delta;

import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Scalar;
import java.util.List;

/**
 * The rows of a query that a change concerns, where the query's old rows are at hand.
 *
 * <p>Law: {@code ΔQ = rows − σ affected (Qᵒˡᵈ)}, where a row of Qᵒˡᵈ is affected if for one of the
 * parts its key is among the part's.
 *
 * @param rows those of the new state, each once
 */
public record Affected(List<Part> parts, Operator rows) {
  public Affected {
    parts = List.copyOf(parts);
  }

  /**
   * Keys of one kind.
   *
   * @param key expressions over the query's columns
   * @param values their values, columns {@code k1, k2, …}
   */
  public record Part(List<Scalar> key, Bound values) {
    public Part {
      key = List.copyOf(key);
    }
  }
}
