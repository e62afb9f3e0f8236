package dev.freshet.sql.delta;

import dev.freshet.sql.MissingIndex.Purpose;
import dev.freshet.sql.tree.Operator.Scan;
import java.util.List;

/**
 * Rows of a source that a delta tree finds by equality with few values, or between two of them,
 * which no index supports.
 *
 * @param columns of the source, in the order of the conditions
 */
public record Lookup(Scan scan, List<String> columns, Purpose purpose) {
  public Lookup {
    columns = List.copyOf(columns);
  }
}
