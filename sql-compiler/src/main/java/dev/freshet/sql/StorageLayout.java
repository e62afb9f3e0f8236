package dev.freshet.sql;

import java.util.List;

/**
 * How the stream table is stored.
 *
 * @param columns in table order: the query's columns first, then hidden ones
 * @param rowIdentity for people: what identifies a row, for example {@code s.id, d.id (hidden)}, or
 *     {@code bag: no key, duplicates counted}
 */
public record StorageLayout(List<Column> columns, String rowIdentity) {

  /** Names of hidden columns begin with this; users may not use it. */
  public static final String HIDDEN_PREFIX = "__freshet_";

  public StorageLayout {
    columns = List.copyOf(columns);
  }

  public record Column(String name, boolean hidden, String meaning) {}

  public List<String> visible() {
    return columns.stream().filter(c -> !c.hidden()).map(Column::name).toList();
  }
}
