package dev.freshet.sql;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.delta.Lookups;
import dev.freshet.sql.delta.Meetings;
import dev.freshet.sql.delta.Reading;
import dev.freshet.sql.maintain.Changes;
import dev.freshet.sql.maintain.DueRows;
import dev.freshet.sql.maintain.HiddenTable;
import dev.freshet.sql.maintain.HiddenTables;
import dev.freshet.sql.maintain.IndexAdvice;
import dev.freshet.sql.maintain.Slice;
import dev.freshet.sql.maintain.StreamTableSql;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A compiled query: one slice, or one per branch of a UNION ALL.
 *
 * @param hidden where the rows are that it keeps beside its result
 * @param inner what is asked of the changes of hidden tables, by their sources' oids
 */
record StreamTable(
    AnalyzedQuery query,
    List<Slice> slices,
    List<DeltaNeed> deltaNeeds,
    OperatorNote explain,
    HiddenTables hidden,
    Map<Integer, DeltaNeed> inner,
    DueRows dueRows)
    implements CompiledQuery {

  private static final TableName NOWHERE = new TableName("public", "stream");

  StreamTable {
    slices = List.copyOf(slices);
    deltaNeeds = List.copyOf(deltaNeeds);
    inner = Map.copyOf(inner);
  }

  /** Without hidden tables. */
  StreamTable(
      AnalyzedQuery query, List<Slice> slices, List<DeltaNeed> deltaNeeds, OperatorNote explain) {
    this(query, slices, deltaNeeds, explain, HiddenTables.NONE, Map.of(), DueRows.NONE);
  }

  private StreamTableSql sql() {
    return new StreamTableSql(query, slices);
  }

  @Override
  public RefreshClass refreshClass() {
    return Stream.concat(slices.stream(), hidden.tables().stream().map(HiddenTable::rows))
        .map(Slice::refreshClass)
        .max(RefreshClass::compareTo)
        .orElseThrow();
  }

  @Override
  public Set<SessionSetting> settings() {
    return query.stability().settings();
  }

  @Override
  public Optional<SqlStatement> due() {
    return dueRows.probe();
  }

  @Override
  public List<ClockUse> clockUses() {
    return dueRows.uses();
  }

  @Override
  public StorageLayout layout() {
    var columns = new ArrayList<StorageLayout.Column>();
    for (OutputColumn column : query.columns()) {
      columns.add(new StorageLayout.Column(column.name(), false, "column of the query"));
    }
    columns.addAll(sql().hidden());
    String identity =
        slices.stream().map(Slice::rowIdentity).distinct().collect(Collectors.joining("; "));
    return new StorageLayout(columns, identity);
  }

  @Override
  public SqlStatement createTable(TableName target, int fillfactor) {
    return hidden.computed(sql().createTable(target, fillfactor));
  }

  @Override
  public SqlStatement fill(TableName target) {
    return hidden.computed(sql().fill(target));
  }

  @Override
  public List<TableName> hiddenTables(TableName target) {
    return hidden.tables().stream().map(table -> table.table(target)).toList();
  }

  @Override
  public List<SqlStatement> createHiddenTables(TableName target) {
    return hidden.tables().stream()
        .flatMap(table -> table.create(target).stream())
        .map(hidden::computed)
        .toList();
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    return slices.stream().flatMap(slice -> slice.createIndexes(target).stream()).toList();
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    var statements = new ArrayList<>(fullHidden(target));
    slices.stream()
        .flatMap(slice -> slice.full(target).stream())
        .forEach(statement -> statements.add(hidden.stored(statement, target)));
    return statements;
  }

  private List<SqlStatement> fullHidden(TableName target) {
    var statements = new ArrayList<SqlStatement>();
    for (HiddenTable table : hidden.tables()) {
      table.createIfMissing(target).forEach(s -> statements.add(hidden.computed(s)));
      table.full(target).forEach(s -> statements.add(hidden.stored(s, target)));
    }
    return statements;
  }

  @Override
  public List<SqlStatement> rebuild(TableName target) {
    var statements = new ArrayList<>(fullHidden(target));
    sql().rebuild(target).forEach(statement -> statements.add(hidden.filled(statement, target)));
    return statements;
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Map<Integer, DeltaBinding> changed) {
    if (deltaNeeds.isEmpty()) {
      throw new IllegalStateException(
          "the query is refreshed in full, there is no incremental refresh: " + query.text());
    }
    if (changed.isEmpty() && due().isEmpty()) {
      throw new IllegalArgumentException("no source changed: nothing to refresh");
    }
    return incremental(target, bound(changed), () -> _ -> {});
  }

  private LinkedHashMap<Integer, Changes.Changed> bound(Map<Integer, DeltaBinding> changed) {
    var bound = new LinkedHashMap<Integer, Changes.Changed>();
    for (int i = 0; i < deltaNeeds.size(); i++) {
      DeltaNeed need = deltaNeeds.get(i);
      DeltaBinding binding = changed.get(need.source().oid());
      if (binding != null) {
        requireForm(need, binding.form());
        bound.put(need.source().oid(), new Changes.Changed(i + 1, need, binding));
      }
    }
    for (Integer oid : changed.keySet()) {
      if (!bound.containsKey(oid)) {
        throw new IllegalArgumentException("relation " + oid + " is no source of " + query.text());
      }
    }
    return bound;
  }

  /**
   * What a hidden table changes is known before what reads it.
   *
   * @param observers one for each part, which names its relations by itself
   */
  private List<SqlStatement> incremental(
      TableName target,
      LinkedHashMap<Integer, Changes.Changed> known,
      Supplier<Consumer<Reading>> observers) {
    var statements = new ArrayList<SqlStatement>();
    var last = new ArrayList<SqlStatement>();
    for (HiddenTable table : hidden.tables()) {
      List<SqlStatement> own = table.incremental(target, new Changes(known, observers.get()));
      if (!own.isEmpty()) {
        statements.addAll(own);
        last.addAll(table.forget(target));
        int oid = table.source().oid();
        DeltaNeed need = inner.get(oid);
        if (need != null) { // or the query names it and does not read it
          known.put(
              oid,
              table.changed(target, deltaNeeds.size() + hidden.tables().indexOf(table) + 1, need));
        }
      }
    }
    for (Slice slice : slices) {
      statements.addAll(slice.incremental(target, new Changes(known, observers.get())));
    }
    statements.addAll(last);
    return statements.stream().map(statement -> hidden.stored(statement, target)).toList();
  }

  @Override
  public List<MissingIndex> missingIndexes(SourceIndexes indexes) {
    var advice = new IndexAdvice();
    SourceIndexes known = hidden.knownTo(indexes);
    for (int i = 0; i < deltaNeeds.size(); i++) {
      DeltaNeed need = deltaNeeds.get(i);
      var binding = new DeltaBinding.Table(plainForm(need), "delta");
      var changed = new LinkedHashMap<Integer, Changes.Changed>();
      changed.put(need.source().oid(), new Changes.Changed(i + 1, need, binding));
      List<List<Reading>> parts = new ArrayList<>();
      incremental(
          NOWHERE,
          changed,
          () -> {
            List<Reading> part = new ArrayList<>();
            parts.add(part);
            return part::add;
          });
      parts.forEach(part -> advice.add(Lookups.missing(part, known), need.source()));
    }
    return advice.indexes(indexes);
  }

  private static DeltaBinding.Form plainForm(DeltaNeed need) {
    return switch (need) {
      case DeltaNeed.Keyed _ -> DeltaBinding.Form.KEYED;
      case DeltaNeed.Weighted _ -> DeltaBinding.Form.WEIGHTED;
      case DeltaNeed.Reduced _ -> DeltaBinding.Form.REDUCED;
    };
  }

  private static void requireForm(DeltaNeed need, DeltaBinding.Form form) {
    boolean fits =
        switch (need) {
          case DeltaNeed.Keyed _ ->
              form == DeltaBinding.Form.KEYED || form == DeltaBinding.Form.KEYED_LOOKUP;
          case DeltaNeed.Weighted _ -> form == DeltaBinding.Form.WEIGHTED;
          case DeltaNeed.Reduced _ ->
              form == DeltaBinding.Form.REDUCED || form == DeltaBinding.Form.WEIGHTED;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "the delta of "
              + need.source().name()
              + " is needed as "
              + need.getClass().getSimpleName()
              + " and cannot be bound as "
              + form);
    }
  }

  @Override
  public SqlStatement createDeltaTable(DeltaNeed need, DeltaBinding.Form form, String quotedName) {
    requireForm(need, form);
    return StreamTableSql.createDeltaTable(need, form, quotedName);
  }

  @Override
  public List<SqlStatement> indexDeltaTable(
      DeltaNeed need, String quotedName, Map<Integer, DeltaBinding> changed) {
    List<Reading> trees = read(changed);
    SourceTable source = need.source();
    Set<List<String>> asked = new LinkedHashSet<>(Meetings.of(source, trees));
    asked.addAll(Lookups.perRow(source, trees));
    return Meetings.withoutBeginnings(asked).stream()
        .map(names -> names.stream().map(name -> source.column(name).orElseThrow()).toList())
        .flatMap(columns -> StreamTableSql.indexDeltaTable(quotedName, columns).stream())
        .distinct()
        .toList();
  }

  @Override
  public boolean isAskedPerRow(DeltaNeed need) {
    if (need instanceof DeltaNeed.Keyed) {
      return false;
    }
    SourceTable source = need.source();
    var binding = new DeltaBinding.Table(DeltaBinding.Form.WEIGHTED, "delta");
    return !Lookups.perRow(source, read(Map.of(source.oid(), binding))).isEmpty();
  }

  /** The trees that a refresh evaluates. */
  private List<Reading> read(Map<Integer, DeltaBinding> changed) {
    List<Reading> trees = new ArrayList<>();
    incremental(NOWHERE, bound(changed), () -> trees::add);
    return trees;
  }

  @Override
  public SqlStatement audit(TableName target, int limit) {
    SqlStatement own = sql().audit(target, limit);
    if (hidden.tables().isEmpty()) {
      return own;
    }
    // A wrong row of a hidden table is a wrong row of the stream table later.
    String all =
        hidden.tables().stream()
            .map(
                table ->
                    "SELECT h.side, h.copies, '%s: ' || h.\"row\" FROM (%s) AS h"
                        .formatted(
                            table.table(target).table().replace("'", "''"),
                            table.audit(target, limit).sql()))
            .collect(
                Collectors.joining(
                    "\nUNION ALL\n", "SELECT * FROM (" + own.sql() + ") AS o\nUNION ALL\n", ""));
    return hidden.computed(SqlStatement.of(all));
  }

  /** The hidden columns' quoted names, for messages. */
  @Override
  public String toString() {
    return layout().columns().stream()
        .map(c -> quote(c.name()))
        .collect(Collectors.joining(", ", "StreamTable(", ")"));
  }
}
