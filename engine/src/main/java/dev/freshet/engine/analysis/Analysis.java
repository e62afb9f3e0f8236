package dev.freshet.engine.analysis;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SourceTable;
import java.util.List;

/**
 * A compiled query and the tables that it rests on.
 *
 * @param bases the tables below all views, deduplicated: what must be locked for a consistent
 *     snapshot and whose changes mean that the result may change
 */
public record Analysis(CompiledQuery compiled, List<SourceTable> bases) {
  public Analysis {
    bases = List.copyOf(bases);
  }

  public AnalyzedQuery query() {
    return compiled.query();
  }

  /** Whether every change of the result is announced by a change of some captured table. */
  public boolean changesAreCaptured() {
    return query().stable().isEmpty()
        && bases.stream().allMatch(table -> table.kind().deliversChanges());
  }
}
