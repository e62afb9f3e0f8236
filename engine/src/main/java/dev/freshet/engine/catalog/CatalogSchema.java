package dev.freshet.engine.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The DDL of schema {@code freshet}. Installing is idempotent. */
public final class CatalogSchema {
  /** Raised when the tables change; stored in {@code freshet.meta}. */
  public static final int VERSION = 1;

  /** Came with the second release: catalogs of the first get it when an engine attaches. */
  private static final String DECLARATION =
      """
      CREATE TABLE IF NOT EXISTS freshet.declaration (
        stream_table_id bigint PRIMARY KEY
          REFERENCES freshet.stream_table (id) ON DELETE CASCADE,
        file text NOT NULL
      );
      COMMENT ON TABLE freshet.declaration IS
        'stream tables that a file declared: those that freshet apply --prune may drop';
      """;

  /** Came after it: older catalogs get them the same way. */
  private static final String PINS =
      """
      ALTER TABLE freshet.stream_table ADD COLUMN IF NOT EXISTS session jsonb NOT NULL DEFAULT '{}';
      COMMENT ON COLUMN freshet.stream_table.session IS
        'the settings of the session under which the query is read, whatever others have';
      ALTER TABLE freshet.frontier ADD COLUMN IF NOT EXISTS clock timestamptz NOT NULL DEFAULT now();
      COMMENT ON COLUMN freshet.frontier.clock IS
        'what now() was in the transaction that made it';
      """;

  /** Came after those. */
  private static final String ENGINE =
      """
      CREATE TABLE IF NOT EXISTS freshet.engine (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        epoch bigint NOT NULL,
        since timestamptz NOT NULL DEFAULT now()
      );
      COMMENT ON TABLE freshet.engine IS
        'counted up by each engine that takes over: refreshes of an earlier one are refused';
      INSERT INTO freshet.engine (epoch) VALUES (0) ON CONFLICT DO NOTHING;
      """;

  /** Apart, since it needs CREATE on the database even if there is such a schema already. */
  private static final String SCHEMA =
      """
      CREATE SCHEMA freshet;
      COMMENT ON SCHEMA freshet IS 'Freshet: stream tables and their frontiers';
      """;

  private static final String DDL =
      """
      CREATE TABLE IF NOT EXISTS freshet.meta (
        key text PRIMARY KEY,
        value text NOT NULL
      );
      CREATE TABLE IF NOT EXISTS freshet.stream_table (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        schema_name text NOT NULL,
        table_name text NOT NULL,
        query text NOT NULL,
        settings jsonb NOT NULL DEFAULT '{}',
        state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'failed')),
        state_reason text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        altered_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (schema_name, table_name)
      );
      CREATE TABLE IF NOT EXISTS freshet.frontier (
        stream_table_id bigint PRIMARY KEY
          REFERENCES freshet.stream_table (id) ON DELETE CASCADE,
        snapshot pg_snapshot NOT NULL,
        lsn pg_lsn NOT NULL,
        slot text NOT NULL,
        source_files text NOT NULL,
        valid boolean NOT NULL DEFAULT true,
        refreshed_at timestamptz NOT NULL DEFAULT now()
      ) WITH (fillfactor = 50);
      COMMENT ON COLUMN freshet.frontier.source_files IS
        'file nodes of the sources at the snapshot: a rewrite changes rows without any row event';
      CREATE TABLE IF NOT EXISTS freshet.slot (
        name text PRIMARY KEY,
        system_identifier text NOT NULL,
        timeline integer NOT NULL,
        confirm_limit pg_lsn NOT NULL
      );
      COMMENT ON COLUMN freshet.slot.confirm_limit IS
        'the slot was never confirmed beyond this: a slot that stands beyond it was created anew';
      CREATE TABLE IF NOT EXISTS freshet.refresh_history (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        stream_table_id bigint NOT NULL
          REFERENCES freshet.stream_table (id) ON DELETE CASCADE,
        report jsonb NOT NULL
      );
      CREATE INDEX IF NOT EXISTS refresh_history_by_stream_table
        ON freshet.refresh_history (stream_table_id, id);
      CREATE TABLE IF NOT EXISTS freshet.command (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        body jsonb NOT NULL,
        requested_at timestamptz NOT NULL DEFAULT now(),
        requested_by text NOT NULL DEFAULT current_user,
        reply jsonb
      );
      """
          + DECLARATION
          + PINS
          + ENGINE
          + """
          INSERT INTO freshet.meta VALUES ('catalog_version', '1') ON CONFLICT DO NOTHING;
          """;

  private CatalogSchema() {}

  /**
   * Creates what is missing, in one transaction.
   *
   * @throws SQLException 42501 if the role may not create schemas in the database, or tables in
   *     schema freshet where that was made beforehand
   */
  public static void install(Connection connection) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(hashtext('freshet.install'))");
      statement.execute("SET LOCAL client_min_messages = warning");
      if (!isInstalled(connection)) {
        if (!answers(connection, "SELECT to_regnamespace('freshet') IS NOT NULL")) {
          statement.execute(SCHEMA);
        }
        statement.execute(DDL);
      }
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(autoCommit);
    }
  }

  /** Adds what a catalog of an older release lacks. */
  public static void upgrade(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (!hasDeclarations(connection)) {
        statement.execute(DECLARATION);
      }
      if (!hasPins(connection)) {
        statement.execute(PINS);
      }
      if (!answers(connection, "SELECT to_regclass('freshet.engine') IS NOT NULL")) {
        statement.execute(ENGINE);
      }
    }
  }

  /** Whether stream tables have recorded settings. */
  static boolean hasPins(Connection connection) throws SQLException {
    return answers(
        connection,
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'session' AND NOT attisdropped"
            + " AND attrelid = to_regclass('freshet.stream_table'))");
  }

  static boolean hasDeclarations(Connection connection) throws SQLException {
    return answers(connection, "SELECT to_regclass('freshet.declaration') IS NOT NULL");
  }

  private static boolean answers(Connection connection, String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  public static boolean isInstalled(Connection connection) throws SQLException {
    return answers(
        connection,
        "SELECT to_regclass('freshet.frontier') IS NOT NULL"
            + " AND to_regclass('freshet.command') IS NOT NULL"
            + " AND to_regclass('freshet.meta') IS NOT NULL");
  }
}
