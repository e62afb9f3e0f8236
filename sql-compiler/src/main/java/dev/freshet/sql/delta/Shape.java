package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Scan;
import java.util.ArrayList;
import java.util.List;

/**
 * In which columns a source takes part in a delta tree: some as they are, and of some only their
 * sum per row of the others.
 *
 * @param names columns as they are
 * @param sums columns of which Σ weight·x and the weight of the non-null x are enough
 */
public record Shape(List<String> names, List<String> sums) {
  public Shape {
    names = List.copyOf(names);
    sums = List.copyOf(sums);
  }

  /** The column with Σ weight·x. */
  public static ColumnRef total(String relation, int sum) {
    return new ColumnRef(relation, "__freshet_total" + (sum + 1));
  }

  /** The column with Σ weight over x that is not null. */
  public static ColumnRef count(String relation, int sum) {
    return new ColumnRef(relation, "__freshet_count" + (sum + 1));
  }

  /** Total and count of each sum, in the order of the delta relation. */
  public List<ColumnRef> measures(Scan scan) {
    var measures = new ArrayList<ColumnRef>();
    for (int i = 0; i < sums.size(); i++) {
      measures.add(total(scan.relation(), i));
      measures.add(count(scan.relation(), i));
    }
    return measures;
  }
}
