package dev.freshet.sql.random;

import java.util.List;

/** A table, view or common table expression that a query can name. */
record Relation(String name, List<Output> columns) {

  /** A column by name. */
  record Output(String name, Type type, boolean loose) {}

  Relation {
    columns = List.copyOf(columns);
  }

  List<Column> as(String alias) {
    return columns.stream().map(c -> Column.of(alias, c.name(), c.type(), c.loose())).toList();
  }
}
