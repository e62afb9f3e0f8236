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
 * @param definitions views and functions that can be replaced without any change of a table
 */
public record Analysis(
    CompiledQuery compiled, List<SourceTable> bases, List<Definition> definitions) {
  public Analysis {
    bases = List.copyOf(bases);
    definitions = List.copyOf(definitions);
  }

  /** Something defined in the database, not built in, whose definition the result depends on. */
  public record Definition(Kind kind, int oid) {
    /** Which catalog holds it. */
    public enum Kind {
      VIEW,
      FUNCTION
    }
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
