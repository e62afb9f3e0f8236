package dev.freshet.cdc.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks whether a server and a role can serve Freshet. Changes nothing. */
public final class ServerCheck {
  private static final int OLDEST_VERSION = 15;
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /**
   * What was found.
   *
   * @param versionNumber {@code server_version_num}, for instance 180006
   * @param systemIdentifier of the cluster; nothing if the role may not read it (a replication
   *     connection's IDENTIFY_SYSTEM tells it too)
   * @param timeline of the log, under the same condition
   * @param findings what has to be changed; empty if all is well
   */
  public record Report(
      int versionNumber,
      String role,
      String database,
      String walLevel,
      int maxReplicationSlots,
      int usedReplicationSlots,
      int maxWalSenders,
      int usedWalSenders,
      boolean mayReplicate,
      boolean inRecovery,
      Optional<String> systemIdentifier,
      Optional<Integer> timeline,
      List<Finding> findings) {
    public Report {
      findings = List.copyOf(findings);
    }

    public int majorVersion() {
      return versionNumber / 10_000;
    }
  }

  private record Cluster(String systemIdentifier, int timeline) {}

  private ServerCheck() {}

  /**
   * Looks at the server.
   *
   * @param slot the slot that Freshet uses or will use: one that exists counts as a free one
   */
  public static Report run(Connection connection, String slot) throws SQLException {
    return run(connection, slot, true);
  }

  /** The same for a use of the server that does not read its log: that needs much less. */
  public static Report withoutLog(Connection connection) throws SQLException {
    return run(connection, "", false);
  }

  private static Report run(Connection connection, String slot, boolean readsLog)
      throws SQLException {
    String query =
        """
        SELECT current_setting('server_version_num')::int AS version,
               current_user AS role, current_database() AS database,
               current_setting('wal_level') AS wal_level,
               current_setting('max_replication_slots')::int AS max_slots,
               (SELECT count(*) FROM pg_catalog.pg_replication_slots) AS used_slots,
               EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name = %s) AS has_slot,
               current_setting('max_wal_senders')::int AS max_senders,
               (SELECT count(*) FROM pg_catalog.pg_stat_get_wal_senders()) AS used_senders,
               (SELECT rolsuper OR rolreplication FROM pg_catalog.pg_roles
                WHERE rolname = current_user) AS replication,
               (SELECT coalesce(bool_or(pg_has_role(r.oid, 'MEMBER')), false)
                FROM pg_catalog.pg_roles r WHERE r.rolname = 'rds_replication') AS rds_member,
               EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'rds_replication') AS rds,
               pg_is_in_recovery() AS in_recovery\
        """
            .formatted(Sql.literal(slot));
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      Optional<Cluster> cluster = cluster(connection);
      return new Report(
          row.getInt("version"),
          row.getString("role"),
          row.getString("database"),
          row.getString("wal_level"),
          row.getInt("max_slots"),
          row.getInt("used_slots"),
          row.getInt("max_senders"),
          row.getInt("used_senders"),
          row.getBoolean("replication") || row.getBoolean("rds_member"),
          row.getBoolean("in_recovery"),
          cluster.map(Cluster::systemIdentifier),
          cluster.map(Cluster::timeline),
          findings(row, readsLog));
    }
  }

  private static Optional<Cluster> cluster(Connection connection) throws SQLException {
    String query =
        """
        SELECT s.system_identifier::text, c.timeline_id
        FROM pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c\
        """;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return Optional.of(new Cluster(row.getString(1), row.getInt(2)));
    } catch (SQLException e) {
      if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState()) && connection.getAutoCommit()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static List<Finding> findings(ResultSet row, boolean readsLog) throws SQLException {
    List<Finding> findings = new ArrayList<>();
    int version = row.getInt("version");
    if (version / 10_000 < OLDEST_VERSION) {
      findings.add(
          new Finding(
              "the server is PostgreSQL %d.%d".formatted(version / 10_000, version % 10_000),
              "Freshet needs 15 or later (MERGE, publications by column)",
              List.of("-- upgrade the server")));
    }
    if (row.getBoolean("in_recovery")) {
      findings.add(
          new Finding(
              "the server is a standby",
              "stream tables cannot be written there",
              List.of("-- connect to the primary")));
    }
    if (!readsLog) {
      return findings;
    }
    String walLevel = row.getString("wal_level");
    if (!walLevel.equals("logical")) {
      findings.add(
          new Finding(
              "wal_level = " + walLevel,
              "logical decoding needs 'logical'",
              List.of(
                  row.getBoolean("rds")
                      ? "-- set rds.logical_replication = 1 in the parameter group, then reboot"
                      : "ALTER SYSTEM SET wal_level = 'logical'; -- then restart the server")));
    }
    checkCapacity(row, findings);
    if (!row.getBoolean("replication") && !row.getBoolean("rds_member")) {
      String role = Sql.identifier(row.getString("role"));
      findings.add(
          new Finding(
              "role %s has neither REPLICATION nor a role that grants it".formatted(role),
              "it may not read the log",
              List.of(
                  row.getBoolean("rds")
                      ? "GRANT rds_replication TO " + role + ";"
                      : "ALTER ROLE " + role + " REPLICATION;")));
    }
    return findings;
  }

  private static void checkCapacity(ResultSet row, List<Finding> findings) throws SQLException {
    int slots = row.getInt("max_slots");
    if (!row.getBoolean("has_slot") && row.getInt("used_slots") >= slots) {
      findings.add(
          new Finding(
              "all %d replication slots are taken (max_replication_slots)".formatted(slots),
              "no slot can be created",
              List.of(
                  "ALTER SYSTEM SET max_replication_slots = %d; -- then restart"
                      .formatted(slots + 4),
                  "-- or drop one that is not used: SELECT * FROM pg_replication_slots")));
    }
    int senders = row.getInt("max_senders");
    if (!row.getBoolean("has_slot") && row.getInt("used_senders") >= senders) {
      findings.add(
          new Finding(
              "all %d WAL senders are busy (max_wal_senders)".formatted(senders),
              "no replication connection can be opened",
              List.of(
                  "ALTER SYSTEM SET max_wal_senders = %d; -- then restart"
                      .formatted(senders + 4))));
    }
  }
}
