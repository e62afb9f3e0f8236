package dev.freshet.engine.setup;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What one query tells about a server and the role that asks.
 *
 * @param version {@code 18.1}
 * @param versionNumber {@code server_version_num}: 180001
 * @param slotsUsed replication slots that exist, physical ones included
 * @param sendersUsed walsenders at work
 * @param inRecovery whether this is a standby
 * @param mayReplicate by the attribute REPLICATION, as superuser, or by a provider's role
 * @param managedByAmazon whether the role {@code rds_replication} stands for the attribute
 * @param mayCreateInDatabase CREATE on the database: for schemas and publications
 * @param mayCreateInPublic whether stream tables can be created in schema public
 * @param slotKeepSize {@code max_slot_wal_keep_size}, as shown; {@code -1} is unlimited
 */
record ServerFacts(
    String version,
    int versionNumber,
    String walLevel,
    int maxSlots,
    int slotsUsed,
    int maxSenders,
    int sendersUsed,
    boolean inRecovery,
    boolean mayReplicate,
    boolean managedByAmazon,
    boolean mayCreateInDatabase,
    boolean mayCreateInPublic,
    String slotKeepSize) {

  private static final String QUERY =
      """
      SELECT current_setting('server_version') AS version,
             current_setting('server_version_num')::int AS version_number,
             current_setting('wal_level') AS wal_level,
             current_setting('max_replication_slots')::int AS max_slots,
             (SELECT count(*)::int FROM pg_catalog.pg_replication_slots) AS slots_used,
             current_setting('max_wal_senders')::int AS max_senders,
             (SELECT count(*)::int FROM pg_catalog.pg_stat_get_wal_senders()) AS senders_used,
             pg_is_in_recovery() AS in_recovery,
             rolsuper OR rolreplication
               OR EXISTS (SELECT FROM pg_catalog.pg_roles p WHERE p.rolname = 'rds_replication'
                            AND pg_has_role(p.oid, 'MEMBER')) AS may_replicate,
             EXISTS (SELECT FROM pg_catalog.pg_roles p WHERE p.rolname = 'rds_replication')
               AS amazon,
             has_database_privilege(current_database(), 'CREATE') AS may_create,
             coalesce((SELECT has_schema_privilege(n.oid, 'CREATE')
                         FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public'), true)
               AS may_create_in_public,
             coalesce(current_setting('max_slot_wal_keep_size', true), '-1') AS slot_keep_size
      FROM pg_catalog.pg_roles WHERE rolname = current_user\
      """;

  static ServerFacts read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      if (!row.next()) {
        throw new SQLException("pg_roles does not show current_user");
      }
      return new ServerFacts(
          row.getString("version"),
          row.getInt("version_number"),
          row.getString("wal_level"),
          row.getInt("max_slots"),
          row.getInt("slots_used"),
          row.getInt("max_senders"),
          row.getInt("senders_used"),
          row.getBoolean("in_recovery"),
          row.getBoolean("may_replicate"),
          row.getBoolean("amazon"),
          row.getBoolean("may_create"),
          row.getBoolean("may_create_in_public"),
          row.getString("slot_keep_size"));
    }
  }

  int major() {
    return versionNumber / 10000;
  }
}
