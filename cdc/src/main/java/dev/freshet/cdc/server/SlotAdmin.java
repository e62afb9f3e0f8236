package dev.freshet.cdc.server;

import dev.freshet.cdc.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Creates, drops and describes a logical replication slot for {@code pgoutput}. */
public final class SlotAdmin {
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,63}");

  /** What {@code CREATE_REPLICATION_SLOT} does with the snapshot that belongs to the new slot. */
  public enum SnapshotUse {
    NOTHING,
    /** Exports it; it lives until the next command on the replication connection. */
    EXPORT
  }

  /**
   * A new slot.
   *
   * @param consistentPoint transactions whose commit record is at or behind this are sent
   * @param exportedSnapshot for {@code SET TRANSACTION SNAPSHOT}, if asked for
   */
  public record Created(String name, Lsn consistentPoint, Optional<String> exportedSnapshot) {}

  /**
   * A slot as {@code pg_replication_slots} shows it.
   *
   * @param activePid the walsender that uses it now
   * @param walStatus reserved, extended, unreserved or lost
   * @param confirmed transactions that committed before it are not sent again
   * @param restart oldest log that the server keeps for the slot
   * @param retainedBytes log between {@code restart} and the server's insert position
   * @param twoPhase whether prepared transactions are sent when they are prepared
   * @param invalidation why the server has given the slot up (17 tells the reason, 16 whether, 15
   *     only {@code lost})
   */
  public record Slot(
      String name,
      String plugin,
      String type,
      String database,
      boolean temporary,
      OptionalInt activePid,
      String walStatus,
      Optional<Lsn> confirmed,
      Optional<Lsn> restart,
      OptionalLong retainedBytes,
      boolean failover,
      boolean twoPhase,
      Optional<String> invalidation) {}

  private SlotAdmin() {}

  /**
   * Describes a slot; nothing if there is none of that name. Works on a replication connection too.
   */
  public static Optional<Slot> describe(Connection connection, String name) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    String invalidation =
        version >= 17
            ? "invalidation_reason"
            : version >= 16
                ? "CASE WHEN conflicting THEN 'conflict with recovery' END"
                : "NULL::text";
    String query =
        """
        SELECT slot_name, coalesce(plugin, '') AS plugin, slot_type,
               coalesce(database, '') AS database, temporary, active_pid,
               coalesce(wal_status, 'lost') AS wal_status, confirmed_flush_lsn, restart_lsn,
               CASE WHEN pg_is_in_recovery() THEN NULL
                    ELSE pg_wal_lsn_diff(pg_current_wal_insert_lsn(), restart_lsn)::int8
               END AS retained,
               %s AS failover, two_phase, %s AS invalidation
        FROM pg_catalog.pg_replication_slots WHERE slot_name = %s\
        """
            .formatted(version >= 17 ? "failover" : "false", invalidation, Sql.literal(name));
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? Optional.of(slot(row)) : Optional.empty();
    }
  }

  /** The session that uses a slot: who, from where, and since when. */
  public static String describeUser(Connection connection, int pid) throws SQLException {
    String query =
        """
        SELECT format('%%s (pid %%s, user %%s%%s, since %%s)',
          coalesce(nullif(application_name, ''), 'a session without application_name'), pid, usename,
          coalesce(' from ' || host(client_addr), ''), date_trunc('second', backend_start))
        FROM pg_catalog.pg_stat_activity WHERE pid = %d\
        """
            .formatted(pid);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      String text = row.next() ? row.getString(1) : null;
      return text == null ? "the server process " + pid : text;
    }
  }

  private static Slot slot(ResultSet row) throws SQLException {
    int pid = row.getInt("active_pid");
    OptionalInt activePid = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(pid);
    long bytes = row.getLong("retained");
    OptionalLong retained = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(bytes);
    String walStatus = row.getString("wal_status");
    Optional<String> reason = Optional.ofNullable(row.getString("invalidation"));
    if (reason.isEmpty() && walStatus.equals("lost")) {
      reason = Optional.of("wal_removed");
    }
    return new Slot(
        row.getString("slot_name"),
        row.getString("plugin"),
        row.getString("slot_type"),
        row.getString("database"),
        row.getBoolean("temporary"),
        activePid,
        walStatus,
        Optional.ofNullable(row.getString("confirmed_flush_lsn")).map(Lsn::parse),
        Optional.ofNullable(row.getString("restart_lsn")).map(Lsn::parse),
        retained,
        row.getBoolean("failover"),
        row.getBoolean("two_phase"),
        reason);
  }

  /**
   * Creates a slot. Waits, in the server, until every transaction that runs now and has written
   * something has ended.
   *
   * @param replication a connection with {@code replication=database}
   * @param failover synchronise the slot to standbys (17 and later; not done before)
   * @throws IllegalArgumentException if the name is none that PostgreSQL takes for a slot
   */
  public static Created create(
      Connection replication, String name, SnapshotUse snapshot, boolean failover)
      throws SQLException {
    checkName(name);
    int version = replication.getMetaData().getDatabaseMajorVersion();
    String command =
        "CREATE_REPLICATION_SLOT %s LOGICAL pgoutput (SNAPSHOT '%s'%s)"
            .formatted(
                Sql.identifier(name),
                snapshot == SnapshotUse.EXPORT ? "export" : "nothing",
                failover && version >= 17 ? ", FAILOVER" : "");
    try (Statement statement = replication.createStatement();
        ResultSet row = statement.executeQuery(command)) {
      if (!row.next()) {
        throw new SQLException("CREATE_REPLICATION_SLOT " + name + " returned no row");
      }
      return new Created(
          row.getString("slot_name"),
          Lsn.parse(row.getString("consistent_point")),
          Optional.ofNullable(row.getString("snapshot_name")));
    }
  }

  /** Drops a slot that nobody uses; false if there is none. */
  public static boolean drop(Connection connection, String name) throws SQLException {
    String query =
        "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots"
            + " WHERE slot_name = "
            + Sql.literal(name);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next();
    }
  }

  /**
   * Checks a name for PostgreSQL's rules.
   *
   * @throws IllegalArgumentException if it breaks them
   */
  public static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "replication slot name '%s': only lower-case letters, digits and _ (1 to 63 of them)"
              .formatted(name));
    }
  }
}
