package dev.freshet.engine.refresh;

import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.StorageLayout;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How another query changes the columns of a table, for people. */
public final class ColumnChanges {
  private ColumnChanges() {}

  /** {@code add n bigint}, {@code drop total}, {@code v integer → text}; hidden columns apart. */
  public static List<String> of(Connection connection, TableName table, Analysis next)
      throws SQLException {
    Map<String, String> before = new LinkedHashMap<>(TableShape.of(connection, table).columns());
    before.keySet().removeIf(name -> name.startsWith(StorageLayout.HIDDEN_PREFIX));
    List<String> changes = new ArrayList<>();
    for (OutputColumn column : next.query().columns()) {
      String type = column.type().name();
      String was = before.remove(column.name());
      if (was == null) {
        changes.add("add " + shown(column.name()) + " " + type);
      } else if (!was.replaceFirst(" COLLATE .*", "").equals(type)) {
        changes.add(shown(column.name()) + " " + was + " → " + type);
      }
    }
    before.keySet().forEach(gone -> changes.add("drop " + shown(gone)));
    return changes;
  }

  /** Quoted only where it must be. */
  private static String shown(String name) {
    return name.matches("[a-z_][a-z0-9_$]*") ? name : TableName.quote(name);
  }
}
