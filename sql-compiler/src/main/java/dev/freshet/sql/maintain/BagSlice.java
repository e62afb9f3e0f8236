package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import java.util.List;

/**
 * Rows without a key: duplicates are counted. Also what keeps a query that is not understood at
 * all, by full refresh only: T += Q − T.
 *
 * @param select the query, a SELECT of the visible columns
 */
public record BagSlice(SliceRows rows, String select, OperatorNote note) implements Slice {

  @Override
  public RefreshClass refreshClass() {
    return RefreshClass.FULL;
  }

  @Override
  public String rowIdentity() {
    return "bag: no key, duplicates counted";
  }

  @Override
  public List<HiddenColumn> hidden() {
    return List.of();
  }

  @Override
  public String storageSelect() {
    return select;
  }

  @Override
  public List<DeltaNeed> needs() {
    return List.of();
  }

  private BagRows bag() {
    return new BagRows(rows.columns());
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    String expressions = bag().indexExpressions();
    return expressions.isEmpty()
        ? List.of()
        : List.of(Indexes.create(target, rows, "bag", false, expressions));
  }

  @Override
  public List<String> indexNames(TableName target) {
    return List.of(Indexes.name(target, rows, "bag"));
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    String current =
        "SELECT " + bag().columnList() + " FROM " + target + " AS t WHERE TRUE" + rows.owned("t");
    String zset = bag().difference(select, current);
    return List.of(
        new DeltaRelations(new Changes(java.util.Map.of()))
            .statement(bag().applied(zset, target, rows), bag().insert(target, rows)));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    return List.of();
  }
}
