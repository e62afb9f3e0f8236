package dev.freshet.cdc.server;

import dev.freshet.cdc.pgoutput.RelationSchema.Identity;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Which old rows a table logs, whether that is enough, and how to change it.
 *
 * <p>Rows of a partitioned table are logged as their partition says, whatever the root says, and
 * neither ALTER TABLE nor a new partition takes the root's identity over: so every partition is
 * looked at and set.
 */
public final class ReplicaIdentityAdmin {
  /**
   * One table or partition.
   *
   * @param columns the columns that an old row carries; empty if none, all under FULL
   * @param index the index of USING INDEX, or the primary key of DEFAULT
   * @param storesRows false for a partitioned table, whose own identity does not matter
   */
  public record TableIdentity(
      int oid,
      TableName table,
      Identity identity,
      Optional<String> index,
      List<String> columns,
      boolean storesRows) {
    public TableIdentity {
      columns = List.copyOf(columns);
    }

    /** Whether PostgreSQL refuses UPDATE and DELETE on it as soon as it is published. */
    public boolean blocksWriters() {
      return storesRows && identity != Identity.FULL && columns.isEmpty();
    }
  }

  /** How an attempt to set an identity ended. */
  public sealed interface Outcome {
    record Done(List<TableName> changed) implements Outcome {}

    /** The lock was not to be had; {@code holders} are the server processes that hold it. */
    record Locked(TableName table, List<Integer> holders) implements Outcome {}
  }

  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final Connection connection;

  /** Works on an ordinary connection in auto-commit mode. */
  public ReplicaIdentityAdmin(Connection connection) {
    this.connection = connection;
  }

  /** The table and, if it is partitioned, all its partitions, root first. */
  public List<TableIdentity> describe(int oid) throws SQLException {
    String query =
        """
        WITH member AS (
          SELECT relid::oid AS oid, level FROM pg_catalog.pg_partition_tree(?::int8::oid)
          UNION SELECT ?::int8::oid, 0)
        SELECT c.oid::int8 AS oid, n.nspname, c.relname, c.relreplident::text AS identity,
               c.relkind <> 'p' AS stores_rows, i.indexrelid::regclass::text AS index,
               (SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}')
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                  AND (c.relreplident = 'f' OR a.attnum = ANY (i.indkey::int2[]))) AS columns
        FROM member JOIN pg_catalog.pg_class c ON c.oid = member.oid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
          AND CASE c.relreplident WHEN 'd' THEN i.indisprimary
                                  WHEN 'i' THEN i.indisreplident ELSE false END
        ORDER BY member.level, n.nspname, c.relname\
        """;
    List<TableIdentity> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      statement.setLong(2, Integer.toUnsignedLong(oid));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Array columns = row.getArray("columns");
          found.add(
              new TableIdentity(
                  (int) row.getLong("oid"),
                  new TableName(row.getString("nspname"), row.getString("relname")),
                  Identity.of(row.getString("identity").charAt(0)),
                  Optional.ofNullable(row.getString("index")),
                  Arrays.asList((String[]) columns.getArray()),
                  row.getBoolean("stores_rows")));
        }
      }
    }
    return found;
  }

  /** What keeps old rows from carrying at least {@code key}, in the table or a partition of it. */
  public List<Finding> checkKey(int oid, List<String> key) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    for (TableIdentity table : describe(oid)) {
      if (table.storesRows() && !table.columns().containsAll(key)) {
        findings.add(
            new Finding(
                "replica identity %s of %s gives old rows the columns %s, the key is %s"
                    .formatted(table.identity().sql(), table.table(), table.columns(), key),
                table.blocksWriters()
                    ? "PostgreSQL refuses UPDATE and DELETE on it once it is published"
                    : "it cannot be known which row was changed",
                List.of(fullSql(table.table()) + ";")));
      }
    }
    return findings;
  }

  /** What keeps old rows from being complete, in the table or a partition of it. */
  public List<Finding> checkFull(int oid) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    for (TableIdentity table : describe(oid)) {
      if (table.storesRows() && table.identity() != Identity.FULL) {
        findings.add(
            new Finding(
                "replica identity of %s is %s".formatted(table.table(), table.identity().sql()),
                "the old values that the query needs are not logged",
                List.of(fullSql(table.table()) + ";")));
      }
    }
    return findings;
  }

  /** The statement that makes a table log complete old rows. */
  public static String fullSql(TableName table) {
    return "ALTER TABLE " + table.sql() + " REPLICA IDENTITY FULL";
  }

  /** The statement that goes back to the primary key. */
  public static String defaultSql(TableName table) {
    return "ALTER TABLE " + table.sql() + " REPLICA IDENTITY DEFAULT";
  }

  /**
   * Sets FULL on a table and its partitions where it is not set. It takes an ACCESS EXCLUSIVE lock;
   * while that is waited for, everybody else queues behind, so each attempt waits for {@code
   * lockTimeout} only, with pauses of ten times that between.
   */
  public Outcome setFull(int oid, Duration lockTimeout, int attempts)
      throws SQLException, InterruptedException {
    List<TableName> changed = new ArrayList<>();
    for (TableIdentity table : describe(oid)) {
      if (table.identity() == Identity.FULL) {
        continue;
      }
      for (int attempt = 1; !tryFull(table.table(), lockTimeout); attempt++) {
        if (attempt >= attempts) {
          return new Outcome.Locked(table.table(), holders(table.oid()));
        }
        Thread.sleep(lockTimeout.multipliedBy(10));
      }
      changed.add(table.table());
    }
    return new Outcome.Done(List.copyOf(changed));
  }

  private boolean tryFull(TableName table, Duration lockTimeout) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "BEGIN; SET LOCAL lock_timeout = '%dms'; %s; COMMIT"
              .formatted(lockTimeout.toMillis(), fullSql(table)));
      return true;
    } catch (SQLException e) {
      try (Statement rollback = connection.createStatement()) {
        rollback.execute("ROLLBACK");
      }
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private List<Integer> holders(int oid) throws SQLException {
    String query =
        """
        SELECT DISTINCT pid FROM pg_catalog.pg_locks
        WHERE relation = ?::int8::oid AND granted AND pid IS NOT NULL
          AND pid <> pg_backend_pid() ORDER BY pid\
        """;
    List<Integer> pids = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          pids.add(row.getInt(1));
        }
      }
    }
    return pids;
  }
}
