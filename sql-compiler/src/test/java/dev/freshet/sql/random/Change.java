package dev.freshet.sql.random;

import java.util.List;
import java.util.stream.Collectors;

/** A statement that changes one table. */
sealed interface Change {
  String table();

  /** Rows of constants; those whose key is there already are skipped. */
  record Insert(String table, List<String> columns, List<List<String>> rows) implements Change {
    public Insert {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
    }

    @Override
    public String toString() {
      return rows.stream()
          .map(row -> "(" + String.join(", ", row) + ")")
          .collect(
              Collectors.joining(
                  ", ",
                  "INSERT INTO " + table + " (" + String.join(", ", columns) + ") VALUES ",
                  " ON CONFLICT DO NOTHING"));
    }
  }

  record Statement(String table, String sql) implements Change {
    @Override
    public String toString() {
      return sql;
    }
  }
}
