package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.StorageLayout;
import dev.freshet.sql.TableName;
import dev.freshet.sql.maintain.Slice.HiddenColumn;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The statements that concern a stream table as a whole, not one slice. */
public record StreamTableSql(AnalyzedQuery query, List<Slice> slices) {

  /** Stored where the query has no column at all: {@code SELECT FROM t} has rows all the same. */
  static final String NO_COLUMN = "__freshet_row";

  /** All hidden columns, in the table's order. */
  public List<StorageLayout.Column> hidden() {
    var columns = new ArrayList<StorageLayout.Column>();
    if (query.columns().isEmpty()) {
      columns.add(new StorageLayout.Column(NO_COLUMN, true, "a table needs a column"));
    }
    if (slices.size() > 1) {
      columns.add(
          new StorageLayout.Column(SliceRows.BRANCH, true, "branch of the UNION ALL, from 0"));
    }
    slices.forEach(slice -> slice.hidden().forEach(column -> columns.add(column.asStored())));
    return columns;
  }

  private List<String> columnNames() {
    var names = new ArrayList<String>();
    query.columns().forEach(column -> names.add(column.name()));
    hidden().forEach(column -> names.add(column.name()));
    return names;
  }

  /** The content of the table, hidden columns included. */
  String select() {
    return IntStream.range(0, slices.size())
        .mapToObj(this::branch)
        .collect(Collectors.joining("\nUNION ALL\n"));
  }

  private String branch(int index) {
    Slice slice = slices.get(index);
    boolean asItIs = slices.size() == 1 && !query.columns().isEmpty();
    if (asItIs) {
      return slice.storageSelect();
    }
    var items = new ArrayList<String>();
    query.columns().forEach(column -> items.add("b." + quote(column.name())));
    if (query.columns().isEmpty()) {
      items.add("1 AS " + quote(NO_COLUMN));
    }
    if (slices.size() > 1) {
      items.add(index + " AS " + quote(SliceRows.BRANCH));
    }
    for (int other = 0; other < slices.size(); other++) {
      for (HiddenColumn column : slices.get(other).hidden()) {
        String name = quote(column.name());
        items.add(other == index ? "b." + name : "NULL::" + column.type() + " AS " + name);
      }
    }
    return "SELECT " + String.join(", ", items) + " FROM (\n" + slice.storageSelect() + "\n) AS b";
  }

  /** CREATE TABLE AS keeps types, type modifiers and collations exactly. */
  public SqlStatement createTable(TableName target, int fillfactor) {
    return SqlText.finish(
        "CREATE TABLE %s WITH (fillfactor = %d) AS\n%s\nWITH NO DATA"
            .formatted(target, fillfactor, select()));
  }

  public SqlStatement fill(TableName target) {
    String names = columnNames().stream().map(TableName::quote).collect(Collectors.joining(", "));
    return SqlText.finish("INSERT INTO %s (%s)\n%s".formatted(target, names, select()));
  }

  /**
   * Readers wait for the end of the transaction: TRUNCATE locks them out. The indexes go first, or
   * TRUNCATE would make new files for them.
   */
  public List<SqlStatement> rebuild(TableName target) {
    List<SqlStatement> create =
        slices.stream().flatMap(slice -> slice.createIndexes(target).stream()).toList();
    var statements = new ArrayList<SqlStatement>();
    slices.stream()
        .flatMap(slice -> slice.indexNames(target).stream())
        .forEach(
            name ->
                statements.add(
                    SqlText.finish(
                        "DROP INDEX IF EXISTS " + new TableName(target.schema(), name))));
    statements.add(SqlText.finish("TRUNCATE " + target));
    statements.add(fill(target));
    statements.addAll(create);
    return statements;
  }

  public static SqlStatement createDeltaTable(
      DeltaNeed need, DeltaBinding.Form form, String quotedName) {
    return DeltaRelations.createTable(need, form, quotedName);
  }

  /**
   * An index by these columns, or some of them: a btree refuses long values, a hash index has one
   * column. None if their types have neither.
   */
  public static Optional<SqlStatement> indexDeltaTable(
      String quotedName, List<SourceTable.Column> columns) {
    List<String> sorted =
        columns.stream()
            .filter(column -> column.type().hasFixedLength())
            .map(column -> quote(column.name()))
            .toList();
    Optional<String> index =
        sorted.isEmpty()
            ? columns.stream()
                .filter(column -> column.type().hashable())
                .findFirst()
                .map(column -> "USING hash (" + quote(column.name()) + ")")
            : Optional.of("(" + String.join(", ", sorted) + ")");
    return index.map(by -> SqlText.finish("CREATE INDEX ON " + quotedName + " " + by));
  }

  /** Q − T as a Z-set: what is left over is missing (+) or unexpected (−). */
  public SqlStatement audit(TableName target, int limit) {
    var bag = new BagRows(query.columns());
    String zset = bag.difference(query.definition(), "SELECT * FROM " + target);
    String weight = "d." + quote(Weighted.WEIGHT);
    String row =
        query.columns().stream()
            .map(column -> "d." + quote(column.name()))
            .collect(Collectors.joining(", ", "ROW(", ")::text"));
    return SqlText.finish(
        """
        SELECT CASE WHEN %1$s > 0 THEN 'missing' ELSE 'unexpected' END AS side,
          abs(%1$s) AS copies, %2$s AS "row"
        FROM (
        %3$s
        ) AS d
        ORDER BY 3, 1
        LIMIT %4$d\
        """
            .formatted(weight, row, bag.consolidated(zset), limit));
  }
}
