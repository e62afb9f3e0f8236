package dev.freshet.engine.refresh;

import dev.freshet.sql.CompiledQuery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.NoSuchElementException;

/**
 * The time of a stream table that follows the clock.
 *
 * <p>Such a stream table equals its query with {@code now()} being the time of the transaction that
 * made its frontier; PostgreSQL sees to that, since {@code now()} is the time of the transaction.
 * What a refresh must be told is the time before.
 */
final class Clock {
  private Clock() {}

  /** Tells what follows in the transaction the time of the frontier; begins with {@code "; "}. */
  static String local(String frontier) {
    return "; SET LOCAL %s = '%s'"
        .formatted(CompiledQuery.CLOCK_SETTING, frontier.replace("'", "''"));
  }

  /** The same, as an expression whose value is what {@code frontier} selects. */
  static String setting(String frontier) {
    return "set_config('%s', coalesce(%s, now()::text), true)"
        .formatted(CompiledQuery.CLOCK_SETTING, frontier);
  }

  /**
   * Whether a row moved in or out between the frontier and the open transaction, which knows it.
   */
  static boolean isDue(Connection connection, CompiledQuery query) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(probe(query));
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /**
   * The same between the frontier and this moment.
   *
   * @param connection in autocommit mode
   * @param pins statements for the query's settings, each beginning with {@code "; "}
   */
  static boolean isDueNow(Connection connection, String pins, CompiledQuery query, String frontier)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean isRows = statement.execute("BEGIN" + pins + local(frontier) + "; " + probe(query));
      while (!isRows) {
        isRows = statement.getMoreResults();
      }
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        return row.getBoolean(1);
      } finally {
        statement.execute("ROLLBACK");
      }
    } catch (SQLException e) {
      try (Statement rollback = connection.createStatement()) {
        rollback.execute("ROLLBACK");
      }
      throw e;
    }
  }

  private static String probe(CompiledQuery query) {
    return query
        .due()
        .orElseThrow(() -> new NoSuchElementException("does not follow the clock"))
        .sql();
  }
}
