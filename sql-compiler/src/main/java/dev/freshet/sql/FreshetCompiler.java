package dev.freshet.sql;

import dev.freshet.sql.filter.SourceFilters;
import dev.freshet.sql.maintain.BagSlice;
import dev.freshet.sql.maintain.DueRows;
import dev.freshet.sql.maintain.HiddenTable;
import dev.freshet.sql.maintain.HiddenTables;
import dev.freshet.sql.maintain.InnerAggregates;
import dev.freshet.sql.maintain.Notes;
import dev.freshet.sql.maintain.Planner;
import dev.freshet.sql.maintain.Slice;
import dev.freshet.sql.maintain.SliceRows;
import dev.freshet.sql.maintain.SourceNeeds;
import dev.freshet.sql.parse.ClockFilters;
import dev.freshet.sql.parse.Lowering;
import dev.freshet.sql.parse.Recursions;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Recursion;
import dev.freshet.sql.tree.Trees;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The compiler. Stateless and thread-safe. */
public final class FreshetCompiler implements QueryCompiler {
  /** How the reason of a query begins that is FULL because the compiler has a fault. */
  static final String INTERNAL = "internal: ";

  private static final TableName NOWHERE = new TableName("public", "stream");

  @Override
  public CompiledQuery compile(AnalyzedQuery query, Postgres postgres) {
    try {
      Optional<String> unstable = query.stability().unstable();
      if (unstable.isPresent()) {
        throw new UnsupportedQueryException(
            unstable.get()
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
        | NoSuchElementException
        | NullPointerException
        | ClassCastException e) {
      // A fault of the compiler must not keep anyone from having the stream table.
      return full(query, INTERNAL + e.getClass().getSimpleName() + ", " + e.getMessage());
    }
  }

  private static CompiledQuery incremental(AnalyzedQuery query, Postgres postgres) {
    var recursions = new Recursions(postgres);
    Operator lowered = Lowering.lower(query, recursions);
    Operator tree = query.stability().readsClock() ? following(lowered, recursions.all()) : lowered;
    HiddenTables recursive = HiddenTables.of(query, tree, recursions.all(), recursions);
    boolean plain = recursions.all().isEmpty() && !Trees.followsClock(tree);
    var states = new InnerAggregates(query, recursions, plain);
    List<Slice> slices =
        recursive.whole().isPresent()
            ? List.of(recursive.whole().get())
            : new Planner(query, recursions, states).slices(tree);
    HiddenTables hidden = recursive.with(states.tables());
    List<DeltaNeed> all =
        SourceNeeds.combine(
            Stream.concat(hidden.tables().stream().map(HiddenTable::rows), slices.stream())
                .flatMap(slice -> slice.needs().stream())
                .toList());
    // What is kept of an aggregate is kept whole: no condition above it says anything of its rows.
    SourceFilters filters =
        SourceFilters.of(
            Stream.concat(trees(tree, recursions.all()).stream(), states.aggregates().stream())
                .toList(),
            recursions);
    List<DeltaNeed> needs =
        all.stream().filter(need -> !isInner(need)).map(filters::applied).toList();
    if (needs.isEmpty()) {
      throw new UnsupportedQueryException("reads no table: its result never changes");
    }
    var compiled =
        new StreamTable(
            query,
            slices,
            needs,
            note(hidden, slices),
            hidden,
            all.stream()
                .filter(FreshetCompiler::isInner)
                .collect(Collectors.toMap(need -> need.source().oid(), SourceNeeds::rows)),
            DueRows.of(tree));
    requireRenderable(compiled);
    return compiled;
  }

  private static boolean isInner(DeltaNeed need) {
    return Recursion.isOne(need.source()) || InnerState.isOne(need.source());
  }

  private static OperatorNote note(HiddenTables hidden, List<Slice> slices) {
    List<OperatorNote> notes = slices.stream().map(Slice::note).toList();
    return hidden.note(notes.size() == 1 ? notes.getFirst() : Notes.union(notes));
  }

  private static List<Operator> trees(Operator query, List<Recursion> recursions) {
    return Stream.concat(
            Stream.of(query), recursions.stream().flatMap(r -> Stream.of(r.base(), r.step())))
        .toList();
  }

  /** Rows of a recursion are in a table of their own, which time does not change yet. */
  private static Operator following(Operator tree, List<Recursion> recursions) {
    boolean read = trees(tree, recursions).stream().anyMatch(ClockFilters::readClock);
    if (read && !recursions.isEmpty()) {
      throw new UnsupportedQueryException("the clock is read in a query with WITH RECURSIVE");
    }
    return ClockFilters.placed(tree);
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
    if (compiled.due().isPresent()) {
      compiled.incremental(NOWHERE, Map.of());
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
