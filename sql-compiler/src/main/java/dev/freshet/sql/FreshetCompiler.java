package dev.freshet.sql;

import dev.freshet.sql.maintain.BagSlice;
import dev.freshet.sql.maintain.Notes;
import dev.freshet.sql.maintain.Planner;
import dev.freshet.sql.maintain.Slice;
import dev.freshet.sql.maintain.SliceRows;
import dev.freshet.sql.maintain.SourceNeeds;
import dev.freshet.sql.parse.Lowering;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.tree.Operator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;

/** The compiler. Stateless and thread-safe. */
public final class FreshetCompiler implements QueryCompiler {
  /** How the reason of a query begins that is FULL because the compiler has a fault. */
  static final String INTERNAL = "internal: ";

  private static final TableName NOWHERE = new TableName("public", "stream");

  @Override
  public CompiledQuery compile(AnalyzedQuery query, Postgres postgres) {
    try {
      if (query.stable().isPresent()) {
        throw new UnsupportedQueryException(
            query.stable().get()
                + " is STABLE: its value changes between refreshes without any row changing");
      }
      return incremental(query, postgres);
    } catch (UnsupportedQueryException e) {
      return full(query, String.valueOf(e.getMessage()));
    } catch (PostgresRejectedException e) {
      return full(query, "PostgreSQL did not accept a text made from it: " + e.getMessage());
    } catch (IllegalStateException
        | IllegalArgumentException
        | IndexOutOfBoundsException
        | NoSuchElementException e) {
      // A fault of the compiler must not keep anyone from having the stream table.
      return full(query, INTERNAL + e.getClass().getSimpleName() + ", " + e.getMessage());
    }
  }

  private static CompiledQuery incremental(AnalyzedQuery query, Postgres postgres) {
    Operator tree = Lowering.lower(query, postgres);
    List<Slice> slices = new Planner(query, postgres).slices(tree);
    List<DeltaNeed> needs =
        SourceNeeds.combine(slices.stream().flatMap(s -> s.needs().stream()).toList());
    if (needs.isEmpty()) {
      throw new UnsupportedQueryException("reads no table: its result never changes");
    }
    List<OperatorNote> notes = slices.stream().map(Slice::note).toList();
    var compiled =
        new StreamTable(
            query, slices, needs, notes.size() == 1 ? notes.getFirst() : Notes.union(notes));
    requireRenderable(compiled);
    return compiled;
  }

  /** A rule that fails must fail here, where the query can still be refreshed in full. */
  private static void requireRenderable(CompiledQuery compiled) {
    Map<Integer, DeltaBinding> all = new LinkedHashMap<>();
    for (DeltaNeed need : compiled.deltaNeeds()) {
      var form =
          switch (need) {
            case DeltaNeed.Keyed _ -> DeltaBinding.Form.KEYED;
            case DeltaNeed.Weighted _ -> DeltaBinding.Form.WEIGHTED;
            case DeltaNeed.Reduced _ -> DeltaBinding.Form.REDUCED;
          };
      var binding = new DeltaBinding.Table(form, "delta");
      all.put(need.source().oid(), binding);
      compiled.incremental(NOWHERE, Map.of(need.source().oid(), binding));
    }
    compiled.incremental(NOWHERE, all);
  }

  private static CompiledQuery full(AnalyzedQuery query, String reason) {
    var rows = new SliceRows(query.columns(), OptionalInt.empty(), query.serverVersion());
    OperatorNote note = Notes.full(reason);
    return new StreamTable(
        query, List.of(BagSlice.opaque(rows, query.definition(), note)), List.of(), note);
  }
}
