package dev.freshet.engine;

import dev.freshet.sql.TableName;
import java.util.List;

/**
 * An index that a source lacks: without it each refresh after a few changes reads the whole table.
 *
 * @param statement what to run
 * @param reason whose changes read the table, and what for
 */
public record IndexHint(TableName table, List<String> columns, String statement, String reason) {
  public IndexHint {
    columns = List.copyOf(columns);
  }

  /** One line for people. */
  @Override
  public String toString() {
    return "missing index: " + statement + "  -- " + reason;
  }
}
