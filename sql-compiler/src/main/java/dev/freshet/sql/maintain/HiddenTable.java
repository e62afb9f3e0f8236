package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.Recursion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A table beside a stream table, written in the same transaction: the rows of a recursion that its
 * query reads.
 *
 * @param number from 1, in the order in which they are refreshed
 * @param query of the recursion's columns
 */
public record HiddenTable(int number, RecursiveSlice slice, AnalyzedQuery query) {
  private static final String PURPOSE = "recursive";

  /** It is written as often as the stream table, and read by nobody else. */
  private static final int FILLFACTOR = 90;

  public Recursion recursion() {
    return slice.recursion();
  }

  /** Where the rows of stream table {@code target} are. */
  public TableName table(TableName target) {
    return name(target, number);
  }

  private static TableName name(TableName target, int number) {
    return new TableName(target.schema(), Indexes.name(target, PURPOSE + number));
  }

  /** The names of all that a stream table can have. */
  public static List<TableName> names(TableName target) {
    return IntStream.rangeClosed(1, Recursion.MAX).mapToObj(n -> name(target, n)).toList();
  }

  private String delta(TableName target) {
    return quote("__freshet_delta_" + Integer.toHexString(target.hashCode()) + "_" + number);
  }

  private StreamTableSql sql() {
    return new StreamTableSql(query, List.of(slice));
  }

  /** Creates it, filled. */
  public List<SqlStatement> create(TableName target) {
    TableName table = table(target);
    var statements = new ArrayList<SqlStatement>();
    statements.add(sql().createTable(table, FILLFACTOR));
    statements.add(sql().fill(table));
    statements.addAll(slice.createIndexes(table));
    return statements;
  }

  /** Creates it without rows if it is not there. */
  public List<SqlStatement> createIfMissing(TableName target) {
    TableName table = table(target);
    var statements = new ArrayList<SqlStatement>();
    statements.add(ifMissing(sql().createTable(table, FILLFACTOR), "CREATE TABLE "));
    slice.createIndexes(table).forEach(i -> statements.add(ifMissing(i, "CREATE INDEX ")));
    return statements;
  }

  /** Makes it the rows of the recursion. */
  public List<SqlStatement> full(TableName target) {
    return slice.full(table(target));
  }

  private static SqlStatement ifMissing(SqlStatement create, String words) {
    return new SqlStatement(
        create.sql().replaceFirst(words, words + "IF NOT EXISTS "), create.parameters());
  }

  /** Its change from those of what it reads; empty if none of that changed. */
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    return slice.published(table(target), changes, delta(target));
  }

  /** The change, for those that read it, until {@link #forget}. */
  public Changes.Changed changed(TableName target, int ordinal, DeltaNeed need) {
    return new Changes.Changed(
        ordinal,
        need,
        new DeltaBinding.Table(DeltaBinding.Form.WEIGHTED, "pg_temp." + delta(target)));
  }

  public SqlStatement forget(TableName target) {
    return SqlText.finish("DROP TABLE pg_temp." + delta(target));
  }

  public SqlStatement audit(TableName target, int limit) {
    return sql().audit(table(target), limit);
  }
}
