package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.ColumnType;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Recursion;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All rows of a recursion: {@code R = B + S(R)}. How they follow a change says {@link
 * RecursiveChange}.
 *
 * @param names under which the columns of R are stored
 * @param indexed columns of R by which the step, and whoever reads R, look rows up
 */
public record RecursiveSlice(
    SliceRows rows,
    Recursion recursion,
    Map<String, String> names,
    List<String> indexed,
    Types types,
    OperatorNote note)
    implements HiddenRows {
  public RecursiveSlice {
    names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    indexed = List.copyOf(indexed);
  }

  /** The types of everything that the base and the tracked step compute. */
  static Types types(Recursion recursion, Postgres postgres) {
    return TypeReader.read(
        new Join(List.of(recursion.base(), recursion.tracked()), List.of()), postgres);
  }

  @Override
  public RefreshClass refreshClass() {
    return RefreshClass.AFFECTED_KEYS;
  }

  @Override
  public String rowIdentity() {
    return recursion.all() ? "bag: no key, duplicates counted" : "all columns";
  }

  @Override
  public List<HiddenColumn> hidden() {
    return List.of();
  }

  @Override
  public String storageSelect() {
    var items = new ArrayList<String>();
    for (OutputColumn column : rows.columns()) {
      names.entrySet().stream()
          .filter(name -> name.getValue().equals(column.name()))
          .forEach(name -> items.add("r." + quote(name.getKey()) + " AS " + quote(column.name())));
    }
    return "SELECT " + String.join(", ", items) + " FROM " + recursion.table().name() + " AS r";
  }

  @Override
  public List<DeltaNeed> needs() {
    return allNeeds().stream()
        .filter(need -> need.source().oid() != recursion.table().oid())
        .toList();
  }

  private List<DeltaNeed> allNeeds() {
    return SourceNeeds.of(
        new Join(
            List.of(Pruning.of(recursion.base()), Pruning.of(recursion.tracked())), List.of()));
  }

  private DeltaNeed need(Scan scan) {
    return scan.table().oid() == recursion.table().oid()
        ? new DeltaNeed.Weighted(
            recursion.placed(),
            recursion.placed().columns().stream().map(SourceTable.Column::name).toList())
        : SourceNeeds.combine(needs()).stream()
            .filter(need -> need.source().oid() == scan.table().oid())
            .findFirst()
            .orElseThrow();
  }

  private String stored(String column) {
    return Objects.requireNonNull(names.get(column));
  }

  /** How rows of R are found by all their columns. */
  private RowMatch match(boolean stored) {
    return new RowMatch(
        recursion.table().columns().stream()
            .map(c -> new RowMatch.KeyColumn(stored ? stored(c.name()) : c.name(), c.type(), false))
            .toList());
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    var statements = new ArrayList<SqlStatement>();
    String whole = match(true).indexExpressions();
    statements.add(Indexes.create(target, rows, "row", false, whole));
    for (String column : indexed) {
      ColumnType type = recursion.table().column(column).orElseThrow().type();
      statements.add(
          SqlText.finish(
              "CREATE INDEX %s ON %s USING %s (%s)"
                  .formatted(
                      quote(Indexes.name(target, rows, purpose(column))),
                      target,
                      type.hasFixedLength() ? "btree" : "hash",
                      quote(stored(column)))));
    }
    return statements;
  }

  private String purpose(String column) {
    return "by" + (indexed.indexOf(column) + 1);
  }

  @Override
  public List<String> indexNames(TableName target) {
    var all = new ArrayList<String>();
    all.add(Indexes.name(target, rows, "row"));
    indexed.forEach(column -> all.add(Indexes.name(target, rows, purpose(column))));
    return all;
  }

  @Override
  public SourceTable table() {
    return recursion.table();
  }

  @Override
  public String select() {
    return RecursiveChange.select(recursion);
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    var deltas = new DeltaRelations(new Changes(Map.of()));
    Map<String, String> parts = RecursiveChange.whole(recursion);
    return List.of(applied(deltas, parts, target));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    var deltas = new DeltaRelations(changes);
    return parts(changes, deltas)
        .map(parts -> List.of(applied(deltas, parts, target)))
        .orElse(List.of());
  }

  /** What changes is kept in the temporary table. */
  @Override
  public List<SqlStatement> published(TableName target, Changes changes, String delta) {
    var deltas = new DeltaRelations(changes);
    Optional<Map<String, String>> parts = parts(changes, deltas);
    if (parts.isEmpty()) {
      return List.of();
    }
    String create = "CREATE TEMPORARY TABLE " + delta + " ON COMMIT DROP AS\n";
    return List.of(
        deltas.recursiveStatement(create, parts.get(), "SELECT * FROM " + RecursiveChange.CHANGES),
        SqlText.finish("ANALYZE " + delta),
        SqlText.finish(RecursiveChange.delete(target, delta)),
        SqlText.finish(insert(target, delta)));
  }

  @Override
  public String change(TableName target, String delta) {
    return "pg_temp." + delta;
  }

  @Override
  public List<SqlStatement> forget(String delta) {
    return List.of(SqlText.finish("DROP TABLE pg_temp." + delta));
  }

  private Optional<Map<String, String>> parts(Changes changes, DeltaRelations deltas) {
    var differentiation =
        new Differentiation(changes.oids(), Shapes.of(changes, this::need), types);
    return new RecursiveChange(recursion, match(false), differentiation, deltas).parts();
  }

  private SqlStatement applied(DeltaRelations deltas, Map<String, String> parts, TableName target) {
    var all = new LinkedHashMap<>(parts);
    all.put("\"__freshet_deleted\"", RecursiveChange.delete(target, RecursiveChange.CHANGES));
    return deltas.recursiveStatement("", all, insert(target, RecursiveChange.CHANGES));
  }

  private String insert(TableName target, String changes) {
    String into = names.values().stream().map(TableName::quote).collect(Collectors.joining(", "));
    return RecursiveChange.insert(target, into, recursion, changes);
  }
}
