package dev.freshet.cdc.staging;

import dev.freshet.cdc.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The statements of the staging tables. */
final class StagingSql {
  static final String DIRECTORY =
      """
      CREATE TABLE IF NOT EXISTS freshet.staging (
        batch bigint PRIMARY KEY,
        last_generation integer NOT NULL,
        last_commit pg_lsn NOT NULL,
        owner uuid NOT NULL
      );
      COMMENT ON TABLE freshet.staging IS
        'batches of changes that are staged in freshet.staged_<n> until every stream table has them';
      COMMENT ON COLUMN freshet.staging.owner IS
        'the process that staged it; of batch 0: the one that may stage now'
      """;

  static final String GENERATION =
      """
      CREATE TABLE freshet.staged_%d (
        relation oid NOT NULL,
        batch bigint NOT NULL,
        number integer NOT NULL,
        content smallint NOT NULL,
        first_commit pg_lsn NOT NULL,
        first_time timestamptz NOT NULL,
        changes bigint NOT NULL,
        continues boolean NOT NULL,
        layout bytea NOT NULL,
        transactions bytea NOT NULL,
        rows bytea NOT NULL,
        PRIMARY KEY (relation, batch, number)
      ) WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false);
      ALTER TABLE freshet.staged_%<d ALTER transactions SET STORAGE EXTERNAL,
        ALTER rows SET STORAGE EXTERNAL
      """;

  /** Also keeps a session that lost its client from committing after its successor has begun. */
  static final String LOCK = "LOCK TABLE freshet.staging IN SHARE ROW EXCLUSIVE MODE";

  /** Commit position of the last transaction that is staged, ZERO if none is. */
  static Lsn lastCommit(Connection session) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT max(last_commit)::text FROM freshet.staging")) {
      row.next();
      String last = row.getString(1);
      return last == null ? Lsn.ZERO : Lsn.parse(last);
    }
  }

  /** Removes the chunks of batches that do not count. */
  static void removeUnfinished(Connection session, int generation) throws SQLException {
    execute(
        session,
        "DELETE FROM freshet.staged_%d WHERE batch NOT IN (SELECT batch FROM freshet.staging)"
            .formatted(generation));
  }

  static boolean exists(Connection session) throws SQLException {
    return number(session, "SELECT (to_regclass('freshet.staging') IS NOT NULL)::int").intValue()
        == 1;
  }

  /** The numbers of the generations that exist, ascending. */
  static List<Integer> generations(Connection session) throws SQLException {
    List<Integer> found = new ArrayList<>();
    try (Statement statement = session.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT substring(relname FROM 8)::int FROM pg_catalog.pg_class
                WHERE relnamespace = 'freshet'::regnamespace AND relkind = 'r'
                  AND relname ~ '^staged_[0-9]{1,9}$' ORDER BY 1\
                """)) {
      while (row.next()) {
        found.add(row.getInt(1));
      }
    }
    return found;
  }

  static Number number(Connection session, String query) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  static void execute(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Whether the role can make the staging tables; if not, that is told when it is to stage. */
  static boolean mayCreate(Connection session) throws SQLException {
    return number(
                session,
                "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = 'freshet'"
                    + " AND has_schema_privilege(oid, 'CREATE')")
            .intValue()
        == 1;
  }

  private StagingSql() {}
}
