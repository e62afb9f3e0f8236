package dev.freshet.sql;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.delta.Lookups;
import dev.freshet.sql.delta.Reading;
import dev.freshet.sql.maintain.Changes;
import dev.freshet.sql.maintain.IndexAdvice;
import dev.freshet.sql.maintain.Slice;
import dev.freshet.sql.maintain.StreamTableSql;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A compiled query: one slice, or one per branch of a UNION ALL. */
record StreamTable(
    AnalyzedQuery query, List<Slice> slices, List<DeltaNeed> deltaNeeds, OperatorNote explain)
    implements CompiledQuery {

  private static final TableName NOWHERE = new TableName("public", "stream");

  StreamTable {
    slices = List.copyOf(slices);
    deltaNeeds = List.copyOf(deltaNeeds);
  }

  private StreamTableSql sql() {
    return new StreamTableSql(query, slices);
  }

  @Override
  public RefreshClass refreshClass() {
    return slices.stream().map(Slice::refreshClass).max(RefreshClass::compareTo).orElseThrow();
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
    return sql().createTable(target, fillfactor);
  }

  @Override
  public SqlStatement fill(TableName target) {
    return sql().fill(target);
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    return slices.stream().flatMap(slice -> slice.createIndexes(target).stream()).toList();
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    return slices.stream().flatMap(slice -> slice.full(target).stream()).toList();
  }

  @Override
  public List<SqlStatement> rebuild(TableName target) {
    return sql().rebuild(target);
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Map<Integer, DeltaBinding> changed) {
    if (deltaNeeds.isEmpty()) {
      throw new IllegalStateException(
          "the query is refreshed in full, there is no incremental refresh: " + query.text());
    }
    if (changed.isEmpty()) {
      throw new IllegalArgumentException("no source changed: nothing to refresh");
    }
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
    var changes = new Changes(bound);
    return slices.stream().flatMap(slice -> slice.incremental(target, changes).stream()).toList();
  }

  @Override
  public List<MissingIndex> missingIndexes(SourceIndexes indexes) {
    var advice = new IndexAdvice();
    for (int i = 0; i < deltaNeeds.size(); i++) {
      DeltaNeed need = deltaNeeds.get(i);
      var binding = new DeltaBinding.Table(plainForm(need), "delta");
      var changed = Map.of(need.source().oid(), new Changes.Changed(i + 1, need, binding));
      for (Slice slice : slices) {
        List<Reading> read = new ArrayList<>();
        slice.incremental(NOWHERE, new Changes(changed, read::add));
        advice.add(Lookups.missing(read, indexes), need.source());
      }
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
  public SqlStatement audit(TableName target, int limit) {
    return sql().audit(target, limit);
  }

  /** The hidden columns' quoted names, for messages. */
  @Override
  public String toString() {
    return layout().columns().stream()
        .map(c -> quote(c.name()))
        .collect(Collectors.joining(", ", "StreamTable(", ")"));
  }
}
