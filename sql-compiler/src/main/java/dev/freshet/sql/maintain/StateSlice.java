package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.maintain.AlgebraicGroupsSlice.Change;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The groups of an aggregate within a query, {@code G = γ(A)}, kept as those of a stream table are;
 * and what a refresh changes in them.
 *
 * <p>Law: of a group that ΔA touches, g its row and g′ the one that follows from g and the delta,
 * {@code ΔG = g′ − g}. A single row without GROUP BY holds both after a refresh: its values, and
 * those that it had before.
 *
 * @param indexed columns of G by which rows are found, compared or sorted
 */
record StateSlice(InnerState state, AlgebraicGroupsSlice groups, List<String> indexed)
    implements HiddenRows {
  private static final String PLACE = "\"__freshet_place\"";
  private static final String WEIGHT = quote(Weighted.WEIGHT);
  private static final String ROW = quote(Change.ROW);
  private static final String BEFORE = "__freshet_before_";

  StateSlice {
    indexed = List.copyOf(indexed);
  }

  @Override
  public SourceTable table() {
    return state.table();
  }

  @Override
  public RefreshClass refreshClass() {
    return groups.refreshClass();
  }

  @Override
  public OperatorNote note() {
    return groups.note();
  }

  @Override
  public String rowIdentity() {
    return groups.rowIdentity();
  }

  private List<OutputColumn> columns() {
    return table().columns().stream().map(c -> new OutputColumn(c.name(), c.type())).toList();
  }

  /** The columns with the values before the last refresh, of a single row. */
  private List<HiddenColumn> before() {
    return state.isOneRow()
        ? table().columns().stream()
            .map(c -> new HiddenColumn(BEFORE + c.name(), c.type().name(), "old " + c.name()))
            .toList()
        : List.of();
  }

  @Override
  public List<HiddenColumn> hidden() {
    var all = new ArrayList<>(groups.hidden());
    all.addAll(before());
    return all;
  }

  @Override
  public String storageSelect() {
    return before().stream()
        .map(c -> ", NULL::" + c.type() + " AS " + quote(c.name()))
        .collect(
            Collectors.joining(
                "", "SELECT g.*", " FROM (\n" + groups.storageSelect() + "\n) AS g"));
  }

  @Override
  public String select() {
    List<String> names = columns().stream().map(OutputColumn::name).toList();
    return SelectRenderer.select(state.aggregate(), names);
  }

  @Override
  public List<DeltaNeed> needs() {
    return groups.needs();
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    var statements = new ArrayList<>(groups.createIndexes(target));
    for (String column : indexed) {
      statements.add(
          SqlText.finish(
              "CREATE INDEX %s ON %s (%s)"
                  .formatted(index(target, column), target, quote(column))));
    }
    return statements;
  }

  private static String index(TableName target, String column) {
    return quote(Indexes.name(target, "by_" + column));
  }

  @Override
  public List<String> indexNames(TableName target) {
    var all = new ArrayList<>(groups.indexNames(target));
    indexed.forEach(column -> all.add(Indexes.name(target, "by_" + column)));
    return all;
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    return groups.full(target);
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    return groups.incremental(target, changes);
  }

  @Override
  public List<SqlStatement> published(TableName target, Changes changes, String delta) {
    Optional<Change> change = groups.change(changes, state.isOneRow());
    if (change.isEmpty()) {
      return List.of();
    }
    return state.isOneRow()
        ? List.of(change.get().statement(updateOne(target, change.get())))
        : byGroup(target, change.get(), delta);
  }

  private String updateOne(TableName target, Change change) {
    var sets = new ArrayList<String>();
    before()
        .forEach(
            old -> {
              String own = old.name().substring(BEFORE.length());
              sets.add(quote(old.name()) + " = " + ROW + "." + quote(own));
            });
    for (var column : groups.storage().columns()) {
      sets.add(quote(column.as().column()) + " = " + change.values().updated(column.value()));
    }
    return "UPDATE %s AS %s SET %s FROM (\n%s\n) AS n"
        .formatted(target, ROW, String.join(", ", sets), change.source());
  }

  private List<SqlStatement> byGroup(TableName target, Change change, String delta) {
    String create = "CREATE TEMPORARY TABLE " + delta + " ON COMMIT DROP AS\n";
    List<String> names = groups.storage().names();
    String sets =
        names.stream()
            .map(name -> quote(name) + " = d." + quote(name))
            .collect(Collectors.joining(", "));
    String list = names.stream().map(TableName::quote).collect(Collectors.joining(", "));
    String where = " AS t%s %s AS d WHERE t.ctid = d." + PLACE + " AND d." + WEIGHT;
    return List.of(
        change.statement(create, change(target, change)),
        SqlText.finish("ANALYZE " + delta),
        SqlText.finish(
            "UPDATE " + target + where.formatted(" SET " + sets + " FROM", delta) + " > 0"),
        // Rows that were updated have moved away from their old places.
        SqlText.finish("DELETE FROM " + target + where.formatted(" USING", delta) + " < 0"),
        SqlText.finish(
            "INSERT INTO %s (%s) SELECT %s FROM %s AS d WHERE d.%s IS NULL"
                .formatted(target, list, list, delta, PLACE)));
  }

  /** The old and the new row of each group that is touched; a new row with the place of the old. */
  private String change(TableName target, Change change) {
    StateUpdate values = change.values();
    return """
    SELECT x.* FROM (
    %1$s
    ) AS n LEFT JOIN %2$s AS %3$s ON %4$s CROSS JOIN LATERAL (
      SELECT %3$s.ctid AS %5$s, %6$s, -1::int8 AS %7$s WHERE %3$s.ctid IS NOT NULL
      UNION ALL
      SELECT %3$s.ctid, %8$s, 1 WHERE %3$s.ctid IS NOT NULL AND %9$s > 0
      UNION ALL
      SELECT NULL, %10$s, 1 WHERE %3$s.ctid IS NULL AND %11$s > 0
    ) AS x\
    """
        .formatted(
            change.source(),
            target,
            ROW,
            groups.storage().match().condition(ROW, "n"),
            PLACE,
            items(i -> ROW + "." + quote(groups.storage().names().get(i))),
            WEIGHT,
            items(i -> typed(i, values.updated(groups.storage().columns().get(i).value()))),
            values.value(groups.size()),
            items(i -> typed(i, values.inserted(groups.storage().columns().get(i).value()))),
            values.insertedValue(groups.size()));
  }

  private String items(IntFunction<String> item) {
    return IntStream.range(0, groups.storage().names().size())
        .mapToObj(item::apply)
        .collect(Collectors.joining(", "));
  }

  /** A value of the stored column's type; a union's would be another one. */
  private String typed(int column, String value) {
    List<OutputColumn> visible = columns();
    String type =
        column < visible.size()
            ? visible.get(column).type().name()
            : groups.hidden().get(column - visible.size()).type();
    return "(" + value + ")::" + type;
  }

  @Override
  public String change(TableName target, String delta) {
    if (!state.isOneRow()) {
      return "pg_temp." + delta;
    }
    String now = names("");
    String old =
        columns().stream()
            .map(c -> quote(BEFORE + c.name()) + " AS " + quote(c.name()))
            .collect(Collectors.joining(", "));
    return "(SELECT %s, 1::int8 AS %s FROM %s UNION ALL SELECT %s, -1 FROM %s)"
        .formatted(now, WEIGHT, target, old, target);
  }

  private String names(String prefix) {
    return columns().stream().map(c -> prefix + quote(c.name())).collect(Collectors.joining(", "));
  }

  @Override
  public List<SqlStatement> forget(String delta) {
    return state.isOneRow() ? List.of() : List.of(SqlText.finish("DROP TABLE pg_temp." + delta));
  }
}
