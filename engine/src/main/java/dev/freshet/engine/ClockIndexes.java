package dev.freshet.engine;

import dev.freshet.engine.Explanation.ClockIndex;
import dev.freshet.sql.CompiledQuery.ClockUse;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks for the indexes by which a refresh finds the rows that time moves in or out. */
final class ClockIndexes {
  /** Whole indexes that can be searched for a range of their first column. */
  private static final String BEGINS_WITH =
      """
      SELECT i.indexrelid::regclass::text FROM pg_index i
        JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_am m ON m.oid = c.relam AND m.amname IN ('btree', 'brin')
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE i.indrelid = to_regclass(?) AND i.indisvalid AND i.indpred IS NULL AND a.attname = ?
      ORDER BY m.amname DESC, 1 LIMIT 1
      """;

  private final Connection connection;

  ClockIndexes(Connection connection) {
    this.connection = connection;
  }

  List<ClockIndex> of(List<ClockUse> uses) throws SQLException {
    List<ClockIndex> found = new ArrayList<>();
    for (ClockUse use : uses) {
      if (use.columns().isEmpty()) {
        found.add(
            new ClockIndex(use.source(), use.condition(), Optional.empty(), Optional.empty(), ""));
      }
      for (String column : use.columns()) {
        Optional<String> index = index(use.source(), column);
        found.add(
            new ClockIndex(
                use.source(),
                use.condition(),
                Optional.of(column),
                index,
                index.isPresent()
                    ? ""
                    : "CREATE INDEX ON %s (%s);"
                        .formatted(Names.display(use.source()), TableName.quote(column))));
      }
    }
    return found;
  }

  private Optional<String> index(TableName table, String column) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BEGINS_WITH)) {
      statement.setString(1, table.toString());
      statement.setString(2, column);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }
}
