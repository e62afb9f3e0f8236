package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Select, project, join over sources that all have primary keys: a row is identified by the keys of
 * the source rows it was made of, so "these keys changed" is all that a refresh needs to know. The
 * rows of T that hold a changed key are replaced by the query restricted to the changed keys.
 */
public final class KeyedSlice implements Slice {
  /** Below this a scan of the table is as cheap as an index on its key in T would be. */
  private static final double TINY_ROWS = 100;

  private final SliceRows rows;
  private final Spj spj;
  private final OperatorNote note;
  private final Map<Integer, ClockRows> clock;
  private final List<Scan> identifying;
  private final Equalities equalities;
  private final Map<ColumnRef, String> stored = new LinkedHashMap<>();
  private final List<HiddenColumn> hidden = new ArrayList<>();
  private final List<Named> outputs = new ArrayList<>();

  public KeyedSlice(SliceRows rows, Spj spj, OperatorNote note) {
    this(rows, spj, List.of(), note);
  }

  /**
   * @param clock those of its conditions that follow the clock
   */
  KeyedSlice(SliceRows rows, Spj spj, List<ClockFilter> clock, OperatorNote note) {
    this.rows = rows;
    this.spj = spj;
    this.note = note;
    this.equalities = new Equalities(spj);
    this.identifying = equalities.identifyingScans();
    for (int i = 0; i < spj.outputs().size(); i++) {
      Scalar value = spj.outputs().get(i).value();
      String name = rows.columns().get(i).name();
      outputs.add(new Named(new ColumnRef("", name), value));
      value.asColumn().map(equalities::representative).ifPresent(c -> stored.putIfAbsent(c, name));
    }
    for (Scan scan : spj.scans()) {
      Equalities.primaryKey(scan).forEach(this::store);
    }
    this.clock = ClockRows.of(clock, this::shipped);
  }

  private void store(ColumnRef ref) {
    ColumnRef column = equalities.representative(ref);
    if (!stored.containsKey(column)) {
      String name = rows.prefix() + "k" + (hidden.size() + 1);
      stored.put(column, name);
      hidden.add(new HiddenColumn(name, equalities.typeOf(ref).orElseThrow().name(), "key " + ref));
      outputs.add(new Named(new ColumnRef("", name), Scalar.column(ref)));
    }
  }

  Spj spj() {
    return spj;
  }

  SliceRows rows() {
    return rows;
  }

  Map<Integer, ClockRows> clock() {
    return clock;
  }

  /** The columns that changed keys of a source come with, whichever scan of it reads them. */
  private List<String> shipped(Scan scan) {
    Set<String> read = new HashSet<>();
    spj.scans().stream()
        .filter(other -> other.table().equals(scan.table()))
        .forEach(other -> read.addAll(need(other).columns()));
    return scan.table().columns().stream()
        .map(SourceTable.Column::name)
        .filter(read::contains)
        .toList();
  }

  /** Everything that the slice stores, under its name in the table. */
  List<Named> outputs() {
    return outputs;
  }

  List<String> columnNames() {
    return outputs.stream().map(output -> output.as().column()).toList();
  }

  /** The table's columns that hold the primary key of a source. */
  List<String> storedKey(Scan scan) {
    return Equalities.primaryKey(scan).stream()
        .map(ref -> stored.get(equalities.representative(ref)))
        .toList();
  }

  RowMatch match(Scan scan) {
    var columns = new ArrayList<KeyColumn>();
    List<ColumnRef> key = Equalities.primaryKey(scan);
    for (int i = 0; i < key.size(); i++) {
      columns.add(
          new KeyColumn(storedKey(scan).get(i), equalities.typeOf(key.get(i)).orElseThrow(), true));
    }
    return new RowMatch(columns);
  }

  /** What identifies a row of the table. */
  RowMatch identity() {
    var columns = new LinkedHashMap<String, KeyColumn>();
    identifying.forEach(
        scan -> match(scan).columns().forEach(c -> columns.putIfAbsent(c.name(), c)));
    return new RowMatch(List.copyOf(columns.values()));
  }

  MergeText merge(TableName target) {
    return new MergeText(target, rows, columnNames(), identity());
  }

  @Override
  public RefreshClass refreshClass() {
    return RefreshClass.ALGEBRAIC;
  }

  @Override
  public OperatorNote note() {
    return note;
  }

  @Override
  public String rowIdentity() {
    return identifying.stream()
        .flatMap(scan -> Equalities.primaryKey(scan).stream())
        .map(
            ref -> {
              String column = stored.getOrDefault(equalities.representative(ref), "");
              return ref + (column.startsWith("__freshet_") ? " (hidden)" : "");
            })
        .distinct()
        .collect(Collectors.joining(", "));
  }

  @Override
  public List<HiddenColumn> hidden() {
    return List.copyOf(hidden);
  }

  @Override
  public String storageSelect() {
    return SelectRenderer.select(spj.tree(scan -> scan, outputs), columnNames());
  }

  @Override
  public List<DeltaNeed> needs() {
    return spj.scans().stream().<DeltaNeed>map(this::need).toList();
  }

  private DeltaNeed.Keyed need(Scan scan) {
    return SourceNeeds.keyed(scan.table(), spj.columnsOf(scan));
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    return indexes().entrySet().stream()
        .map(
            e ->
                Indexes.create(
                    target,
                    rows,
                    e.getKey(),
                    e.getKey().equals("key") && e.getValue().isPlain(),
                    e.getValue().indexExpressions()))
        .toList();
  }

  @Override
  public List<String> indexNames(TableName target) {
    return indexes().keySet().stream().map(purpose -> Indexes.name(target, rows, purpose)).toList();
  }

  /** The identity's index, and one for each source's key that it does not begin with. */
  private Map<String, RowMatch> indexes() {
    var indexes = new LinkedHashMap<String, RowMatch>();
    if (!identity().indexExpressions().isEmpty()) {
      indexes.put("key", identity());
    }
    List<String> key = identity().columns().stream().map(KeyColumn::name).toList();
    var covered = new ArrayList<List<String>>();
    int number = 1;
    for (Scan scan : spj.scans()) {
      List<String> columns = storedKey(scan);
      boolean prefix =
          identity().isPlain()
              && columns.size() <= key.size()
              && List.copyOf(key.subList(0, columns.size())).containsAll(columns);
      boolean tiny = isTiny(scan.table());
      boolean indexable = !match(scan).indexExpressions().isEmpty();
      if (!prefix && !tiny && indexable && !covered.contains(columns)) {
        covered.add(columns);
        indexes.put("source" + number++, match(scan));
      }
    }
    return indexes;
  }

  /** An empty table has not been filled yet: nothing is known about its size. */
  static boolean isTiny(SourceTable table) {
    return table.estimatedRows() >= 1 && table.estimatedRows() < TINY_ROWS;
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    return List.of(SqlText.finish(merge(target).replace(storageSelect())));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    List<Scan> changed =
        spj.scans().stream()
            .filter(
                s -> changes.oids().contains(s.table().oid()) || clock.containsKey(s.table().oid()))
            .toList();
    return changed.isEmpty()
        ? List.of()
        : List.of(new KeyedRefresh(this, target, changes, changed).statement());
  }

  /** Of a source's columns, those that only the base row has. */
  boolean readsVirtualColumn(Scan scan) {
    return spj.columnsOf(scan).stream()
        .anyMatch(name -> scan.table().column(name).map(c -> c.virtual()).orElse(false));
  }
}
