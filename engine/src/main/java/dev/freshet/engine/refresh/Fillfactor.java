package dev.freshet.engine.refresh;

import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.OptionalInt;

/**
 * How full the pages of a stream table's heap are filled. Altering it concerns pages to come: those
 * that are there keep their rows. Neither readers nor writers wait for it ({@code SHARE UPDATE
 * EXCLUSIVE}).
 */
public final class Fillfactor {
  private static final String OF_TABLE =
      """
      SELECT coalesce((SELECT option_value::int FROM pg_catalog.pg_options_to_table(c.reloptions)
          WHERE option_name = 'fillfactor'), 100)
      FROM pg_catalog.pg_class c WHERE c.oid = to_regclass(?) AND c.relkind = 'r'
      """;

  private Fillfactor() {}

  /** In percent; empty if there is no such table. */
  public static OptionalInt of(Connection connection, TableName table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(OF_TABLE)) {
      statement.setString(1, table.toString());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? OptionalInt.of(row.getInt(1)) : OptionalInt.empty();
      }
    }
  }

  /** Alters the table if it has another one. */
  public static void require(Connection connection, TableName table, int percent)
      throws SQLException {
    OptionalInt now = of(connection, table);
    if (now.isPresent() && now.getAsInt() != percent) {
      Sql.run(connection, "ALTER TABLE " + table + " SET (fillfactor = " + percent + ")");
    }
  }
}
