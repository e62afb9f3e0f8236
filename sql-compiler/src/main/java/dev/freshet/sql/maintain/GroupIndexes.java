package dev.freshet.sql.maintain;

import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.render.RowMatch;
import java.util.List;

/**
 * The index by which a group is found; the single row of an aggregate without groups needs none.
 */
final class GroupIndexes {
  private GroupIndexes() {}

  static List<SqlStatement> create(TableName target, SliceRows rows, RowMatch match) {
    String expressions = match.indexExpressions();
    return expressions.isEmpty()
        ? List.of()
        : List.of(Indexes.create(target, rows, "group", match.isPlain(), expressions));
  }

  static List<String> names(TableName target, SliceRows rows, RowMatch match) {
    return match.indexExpressions().isEmpty()
        ? List.of()
        : List.of(Indexes.name(target, rows, "group"));
  }
}
