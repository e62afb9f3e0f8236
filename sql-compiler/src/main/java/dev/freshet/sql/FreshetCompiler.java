package dev.freshet.sql;

import dev.freshet.sql.maintain.BagSlice;
import dev.freshet.sql.maintain.SliceRows;
import java.util.List;
import java.util.OptionalInt;

/** The compiler. Stateless and thread-safe. */
public final class FreshetCompiler implements QueryCompiler {

  @Override
  public CompiledQuery compile(AnalyzedQuery query, Postgres postgres) {
    var rows = new SliceRows(query.columns(), OptionalInt.empty(), query.serverVersion());
    var note =
        new OperatorNote("Query", RefreshClass.FULL, "not compiled to operators yet", List.of());
    return new StreamTable(
        query, List.of(new BagSlice(rows, query.definition(), note)), List.of(), note);
  }
}
