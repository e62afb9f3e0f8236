package dev.freshet.engine.setup;

import dev.freshet.config.InvalidValueException;
import dev.freshet.config.TableName;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What somebody made of the stream tables themselves, and of the order of text. */
final class TableChecks {
  private static final String OWN_TRIGGERS = "freshet_";

  private static final String TAMPERED =
      """
      SELECT
        (SELECT string_agg(quote_ident(t.tgname), ', ' ORDER BY t.tgname) FROM pg_trigger t
          WHERE t.tgrelid = to_regclass(?) AND NOT t.tgisinternal AND t.tgenabled <> 'D'
            AND NOT starts_with(t.tgname, ?)) AS triggers,
        (SELECT string_agg(quote_ident(r.rulename), ', ' ORDER BY r.rulename) FROM pg_rewrite r
          WHERE r.ev_class = to_regclass(?)) AS rules\
      """;

  /** A version that the operating system's library no longer has. */
  private static final String COLLATION =
      """
      SELECT datcollversion, pg_database_collation_actual_version(oid)
      FROM pg_database WHERE datname = current_database()
        AND datcollversion <> pg_database_collation_actual_version(oid)\
      """;

  private TableChecks() {}

  static List<Check> of(Connection connection, EngineStatus status) throws SQLException {
    List<Check> checks = new ArrayList<>();
    collation(connection, checks);
    for (StreamTableStatus table : status.streamTables()) {
      tampered(connection, table.name(), checks);
    }
    return checks;
  }

  private static void collation(Connection connection, List<Check> checks) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(COLLATION)) {
      if (row.next()) {
        checks.add(
            Check.warn(
                "collation",
                "the database's text was ordered by version %s, the operating system now has %s"
                    .formatted(row.getString(1), row.getString(2)),
                "REINDEX DATABASE; ALTER DATABASE … REFRESH COLLATION VERSION;\n"
                    + "-- then: freshet refresh --mode full"));
      }
    }
  }

  private static void tampered(Connection connection, String name, List<Check> checks)
      throws SQLException {
    String label = "stream table " + name;
    try (PreparedStatement statement = connection.prepareStatement(TAMPERED)) {
      String quoted = quoted(name);
      statement.setString(1, quoted);
      statement.setString(2, OWN_TRIGGERS);
      statement.setString(3, quoted);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String triggers = row.getString("triggers");
        String rules = row.getString("rules");
        if (triggers != null) {
          checks.add(
              Check.warn(
                  label,
                  "has triggers that are not Freshet's: " + triggers,
                  "a trigger that changes or swallows rows makes it wrong: freshet audit " + name));
        }
        if (rules != null) {
          checks.add(
              Check.fail(
                  label,
                  "has rules, through which nothing can be merged: " + rules,
                  "drop them: DROP RULE … ON " + quoted + ";"));
        }
      }
    }
  }

  private static String quoted(String name) {
    try {
      TableName parsed = TableName.parse(name);
      return new dev.freshet.sql.TableName(parsed.schema(), parsed.table()).toString();
    } catch (InvalidValueException e) {
      throw new IllegalStateException("the engine's own name is not one: " + name, e);
    }
  }
}
