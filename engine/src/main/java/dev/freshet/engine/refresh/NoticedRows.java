package dev.freshet.engine.refresh;

import dev.freshet.cdc.RowFilter;
import dev.freshet.sql.filter.RowCondition;
import dev.freshet.sql.filter.RowTest;
import java.util.List;

/** The rows that a query can notice, by the condition that the compiler found. */
record NoticedRows(RowCondition condition, List<String> columns) implements RowFilter {
  static RowFilter by(RowCondition condition) {
    return condition instanceof RowCondition.Unknown
        ? ALL
        : new NoticedRows(condition, List.copyOf(RowCondition.columns(condition)));
  }

  @Override
  public Test over(int[] typeOids) {
    RowTest test = RowTest.of(condition, columns, typeOids);
    return (bytes, starts, lengths) -> test.mayBe(true, bytes, starts, lengths);
  }
}
