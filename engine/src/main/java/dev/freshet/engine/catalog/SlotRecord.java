package dev.freshet.engine.catalog;

import dev.freshet.cdc.Lsn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What the catalog knows of the slot it relies on.
 *
 * <p>Law: the slot's confirmed position never exceeds {@code confirmLimit} while it is ours,
 * because the limit is committed before the position is confirmed. A slot that stands beyond it was
 * created anew, and changes in between are lost.
 */
public record SlotRecord(String name, String systemIdentifier, int timeline, Lsn confirmLimit) {

  public static Optional<SlotRecord> load(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT name, system_identifier, timeline, confirm_limit::text
            FROM freshet.slot WHERE name = ?
            """)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new SlotRecord(
                    row.getString(1), row.getString(2), row.getInt(3), Lsn.parse(row.getString(4))))
            : Optional.empty();
      }
    }
  }

  /** Stores or replaces the record. */
  public void save(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO freshet.slot VALUES (?, ?, ?, ?::pg_lsn)
            ON CONFLICT (name) DO UPDATE
              SET system_identifier = excluded.system_identifier, timeline = excluded.timeline,
                  confirm_limit = excluded.confirm_limit
            """)) {
      statement.setString(1, name);
      statement.setString(2, systemIdentifier);
      statement.setInt(3, timeline);
      statement.setString(4, confirmLimit.toString());
      statement.executeUpdate();
    }
  }

  /** Raises the limit; commit before confirming up to it. */
  public static void raiseLimit(Connection connection, String name, Lsn limit) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE freshet.slot SET confirm_limit = greatest(confirm_limit, ?::pg_lsn)"
                + " WHERE name = ?")) {
      statement.setString(1, limit.toString());
      statement.setString(2, name);
      statement.executeUpdate();
    }
  }
}
