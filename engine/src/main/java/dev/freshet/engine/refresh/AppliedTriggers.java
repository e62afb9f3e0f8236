package dev.freshet.engine.refresh;

import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The triggers by which a stream table's dependents learn what its refresh did to it, on the stream
 * table itself and only while it has dependents.
 *
 * <p>Statement triggers with transition tables see every way in which a refresh writes (MERGE,
 * several statements, by differences), on every version; RETURNING of MERGE would take PostgreSQL
 * 17, and its old rows 18. They put rows into a temporary table of the refresh's own session (see
 * {@link dev.freshet.sql.AppliedChanges}) if there is one: whoever else writes to a stream table
 * meets a function that does nothing. TRUNCATE has no rows to tell; a rebuilt stream table's
 * dependents are refreshed in full.
 *
 * <p>ALWAYS, so that {@code session_replication_role} does not switch them off.
 */
public final class AppliedTriggers {
  private static final String PREFIX = "freshet_applied_";

  private static final String FUNCTION =
      """
      CREATE OR REPLACE FUNCTION freshet.note_applied() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog AS $$
      DECLARE
        target regclass := to_regclass('pg_temp.__freshet_applied_' || TG_RELID);
        names text;
      BEGIN
        IF target IS NULL THEN
          RETURN NULL;
        END IF;
        SELECT coalesce(string_agg(quote_ident(attname) || ', ', '' ORDER BY attnum), '')
          INTO names FROM pg_attribute
          WHERE attrelid = target AND attnum > 0 AND attname <> '__freshet_weight';
        IF TG_OP <> 'INSERT' THEN
          EXECUTE format('INSERT INTO %s SELECT %s -1 FROM freshet_old', target, names);
        END IF;
        IF TG_OP <> 'DELETE' THEN
          EXECUTE format('INSERT INTO %s SELECT %s 1 FROM freshet_new', target, names);
        END IF;
        RETURN NULL;
      END $$;
      COMMENT ON FUNCTION freshet.note_applied() IS
        'tells the dependents of a stream table what its refresh did, in that transaction'\
      """;

  private AppliedTriggers() {}

  /** A condition that holds if {@code table} has all triggers, and none is disabled. */
  static String present(TableName table) {
    return """
    (SELECT count(*) = 3 FROM pg_trigger WHERE tgrelid = to_regclass('%s')
      AND starts_with(tgname, '%s') AND tgenabled = 'A')\
    """
        .formatted(table.toString().replace("'", "''"), PREFIX);
  }

  /**
   * Creates what is missing. Nobody may refresh the table meanwhile; readers do not wait.
   *
   * @param connection in autocommit mode
   */
  public static void install(Connection connection, TableName table) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT " + present(table))) {
        row.next();
        if (row.getBoolean(1)) {
          return;
        }
      }
      statement.execute(
          String.join(
              ";\n",
              "BEGIN",
              FUNCTION,
              trigger(table, "insert", "NEW TABLE AS freshet_new"),
              trigger(table, "update", "OLD TABLE AS freshet_old NEW TABLE AS freshet_new"),
              trigger(table, "delete", "OLD TABLE AS freshet_old"),
              "COMMIT"));
    } catch (SQLException e) {
      rollback(connection);
      throw e;
    }
  }

  private static String trigger(TableName table, String event, String transition) {
    return """
    CREATE OR REPLACE TRIGGER %1$s%2$s AFTER %2$s ON %3$s REFERENCING %4$s
      FOR EACH STATEMENT EXECUTE FUNCTION freshet.note_applied();
    ALTER TABLE %3$s ENABLE ALWAYS TRIGGER %1$s%2$s\
    """
        .formatted(PREFIX, event, table, transition);
  }

  /** Takes the triggers from a table that nobody reads any more. */
  public static void remove(Connection connection, TableName table) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          BEGIN; SET LOCAL client_min_messages = warning;
          DROP TRIGGER IF EXISTS %1$sinsert ON %2$s; DROP TRIGGER IF EXISTS %1$supdate ON %2$s;
          DROP TRIGGER IF EXISTS %1$sdelete ON %2$s; COMMIT\
          """
              .formatted(PREFIX, table));
    } catch (SQLException e) {
      rollback(connection);
      throw e;
    }
  }

  private static void rollback(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("ROLLBACK");
    }
  }
}
