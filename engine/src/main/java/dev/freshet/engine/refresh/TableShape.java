package dev.freshet.engine.refresh;

import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table's columns and indexes as PostgreSQL prints them, so that two tables can be compared.
 *
 * @param columns name → type with its modifier, and the collation where it is not the type's own;
 *     in the table's order; empty if there is no such table
 */
record TableShape(Map<String, String> columns, List<Index> indexes) {
  private static final String COLUMNS =
      """
      SELECT a.attname, format_type(a.atttypid, a.atttypmod) || coalesce(' COLLATE ' || (
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname)
        FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
        WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation), '')
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
      ORDER BY a.attnum
      """;

  private static final String INDEXES =
      """
      SELECT c.relname, i.indisunique, pg_get_indexdef(i.indexrelid)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = to_regclass(?) AND i.indisvalid ORDER BY c.relname
      """;

  /**
   * @param definition all of its DDL that follows the names of index and table
   */
  record Index(String name, boolean unique, String definition) {
    /**
     * Whether it is named as the engine names its own. Whether it was made by the engine cannot be
     * asked of the server, and the query that it was made for may be unknown by now.
     */
    boolean isEngineMade() {
      return name.matches("(?s).*_freshet(_b[0-9]+)?_[a-z]+[0-9]*");
    }

    boolean doesTheSameAs(Index other) {
      return unique == other.unique && definition.equals(other.definition);
    }
  }

  TableShape {
    columns = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    indexes = List.copyOf(indexes);
  }

  static TableShape of(Connection connection, TableName table) throws SQLException {
    Map<String, String> columns = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setString(1, table.toString());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          columns.put(row.getString(1), row.getString(2));
        }
      }
    }
    List<Index> indexes = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(INDEXES)) {
      statement.setString(1, table.toString());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String ddl = row.getString(3);
          indexes.add(
              new Index(
                  row.getString(1), row.getBoolean(2), ddl.substring(ddl.indexOf(" USING "))));
        }
      }
    }
    return new TableShape(columns, indexes);
  }

  boolean exists() {
    return !columns.isEmpty();
  }
}
