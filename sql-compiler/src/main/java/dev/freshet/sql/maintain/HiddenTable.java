package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.Calls;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Recursion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table beside a stream table, written in the same transaction: the rows of a recursion that its
 * query reads, or the groups of an aggregate within it.
 *
 * @param number from 1, among those of its kind, in the order in which they are refreshed
 * @param query of the rows' columns
 */
public record HiddenTable(int number, HiddenRows rows, AnalyzedQuery query) {
  private static final String RECURSION = "recursive";
  private static final String STATE = "state";

  /** It is written as often as the stream table, and read by nobody else. */
  private static final int FILLFACTOR = 90;

  /** Of rows that a slice keeps as a query of its own. */
  static HiddenTable of(
      int number, HiddenRows rows, List<OutputColumn> columns, AnalyzedQuery around) {
    var itself =
        new AnalyzedQuery(
            rows.select(),
            rows.select(),
            columns,
            around.sources(),
            Calls.NONE,
            around.serverVersion());
    return new HiddenTable(number, rows, itself);
  }

  /** The rows as trees know them. */
  public SourceTable source() {
    return rows.table();
  }

  /** Where the rows of stream table {@code target} are. */
  public TableName table(TableName target) {
    return name(target, purpose());
  }

  private String purpose() {
    return (InnerState.isOne(rows.table()) ? STATE : RECURSION) + number;
  }

  private static TableName name(TableName target, String purpose) {
    return new TableName(target.schema(), Indexes.name(target, purpose));
  }

  /** The names of all that a stream table can have. */
  public static List<TableName> names(TableName target) {
    return Stream.concat(
            IntStream.rangeClosed(1, Recursion.MAX).mapToObj(n -> RECURSION + n),
            IntStream.rangeClosed(1, InnerState.MAX).mapToObj(n -> STATE + n))
        .map(purpose -> name(target, purpose))
        .toList();
  }

  private String delta(TableName target) {
    return quote("__freshet_delta_" + Integer.toHexString(target.hashCode()) + "_" + number);
  }

  private StreamTableSql sql() {
    return new StreamTableSql(query, List.of(rows));
  }

  /** Creates it, filled. */
  public List<SqlStatement> create(TableName target) {
    TableName table = table(target);
    var statements = new ArrayList<SqlStatement>();
    statements.add(sql().createTable(table, FILLFACTOR));
    statements.add(sql().fill(table));
    statements.addAll(rows.createIndexes(table));
    return statements;
  }

  /** Creates it without rows if it is not there. */
  public List<SqlStatement> createIfMissing(TableName target) {
    TableName table = table(target);
    var statements = new ArrayList<SqlStatement>();
    statements.add(ifMissing(sql().createTable(table, FILLFACTOR), "CREATE TABLE "));
    rows.createIndexes(table).forEach(i -> statements.add(ifMissing(i, "CREATE (UNIQUE )?INDEX ")));
    return statements;
  }

  /** Makes it what its rows are. */
  public List<SqlStatement> full(TableName target) {
    return rows.full(table(target));
  }

  private static SqlStatement ifMissing(SqlStatement create, String words) {
    return new SqlStatement(
        create.sql().replaceFirst(words, "$0IF NOT EXISTS "), create.parameters());
  }

  /** Its change from those of what it reads; empty if none of that changed. */
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    return rows.published(table(target), changes, delta(target));
  }

  /** The change, for those that read it, until {@link #forget}. */
  public Changes.Changed changed(TableName target, int ordinal, DeltaNeed need) {
    return new Changes.Changed(
        ordinal,
        need,
        new DeltaBinding.Table(
            DeltaBinding.Form.WEIGHTED, rows.change(table(target), delta(target))));
  }

  public List<SqlStatement> forget(TableName target) {
    return rows.forget(delta(target));
  }

  public SqlStatement audit(TableName target, int limit) {
    return sql().audit(table(target), limit);
  }
}
