package dev.freshet.engine.setup;

import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.server.SlotAdmin.Slot;
import dev.freshet.cdc.server.SlotAdmin.SnapshotUse;
import dev.freshet.config.FreshetConfig;
import dev.freshet.config.SlotFailover;
import dev.freshet.engine.ServerErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.OptionalInt;

/** The replication slot: whether the one that exists is ours and alive, and making one. */
final class SlotChecks {
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private SlotChecks() {}

  static Check of(String label, Slot slot, FreshetConfig config, Connection connection)
      throws SQLException {
    String dropIt =
        "choose another cdc.slot-name, or, if nobody needs it:\n"
            + "SELECT pg_drop_replication_slot('"
            + slot.name()
            + "');";
    if (!slot.type().equals("logical") || !slot.plugin().equals("pgoutput")) {
      return Check.fail(
          label,
          "is a "
              + slot.type()
              + " slot"
              + (slot.plugin().isEmpty() ? "" : " of plugin " + slot.plugin())
              + ", must be logical with pgoutput",
          dropIt);
    }
    if (!slot.database().equals(config.database().name())) {
      return Check.fail(label, "belongs to database " + slot.database(), dropIt);
    }
    if (slot.invalidation().isPresent()) {
      return Check.fail(
          label,
          "was invalidated by the server: " + slot.invalidation().get(),
          "SELECT pg_drop_replication_slot('"
              + slot.name()
              + "');\n"
              + "-- then freshet init; stream tables are refilled at the next start");
    }
    return user(label, slot, config, connection);
  }

  /** Changes come from triggers, but a slot of this name holds log back. */
  static Check unneeded(Slot slot) {
    return Check.warn(
        "slot " + slot.name(),
        "exists, but changes are captured by triggers: it keeps log that nobody reads",
        "an engine that starts drops it if it is Freshet's own; otherwise:\n"
            + "SELECT pg_drop_replication_slot('"
            + slot.name()
            + "');");
  }

  private static Check user(String label, Slot slot, FreshetConfig config, Connection connection)
      throws SQLException {
    OptionalInt pid = slot.activePid();
    if (pid.isEmpty()) {
      return Check.ok(label, "exists, nobody is reading from it");
    }
    Optional<String> reader = applicationOf(connection, pid.getAsInt());
    String ours = config.database().applicationName();
    if (reader.isPresent() && !reader.get().startsWith(ours)) {
      return Check.fail(
          label,
          "is in use by " + reader.get() + " (pid " + pid.getAsInt() + ")",
          "choose another cdc.slot-name: a slot serves one reader");
    }
    return Check.ok(label, "exists, an engine reads from it (pid " + pid.getAsInt() + ")");
  }

  private static Optional<String> applicationOf(Connection connection, int pid)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT application_name FROM pg_catalog.pg_stat_activity WHERE pid = ?"
                + " AND backend_type = 'walsender'")) {
      statement.setInt(1, pid);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
      }
    }
  }

  /**
   * Makes the slot. The server waits for every transaction that has written and not ended; that
   * wait is bounded, so that one forgotten session does not hold up the administrator unexplained.
   */
  static Check create(String label, FreshetConfig config, Connection connection)
      throws SQLException {
    try (Connection replication = Sessions.openReplication(config.database().forSessions())) {
      try (Statement statement = replication.createStatement()) {
        statement.execute("SET lock_timeout = '5s'");
      }
      SlotAdmin.Created created =
          SlotAdmin.create(
              replication,
              config.cdc().slotName(),
              SnapshotUse.NOTHING,
              config.cdc().failover() != SlotFailover.OFF);
      return Check.done(label, "created at " + created.consistentPoint());
    } catch (SQLException e) {
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        return Check.fail(
            label,
            "cannot be created while transactions that have written are open: "
                + oldestWriter(connection),
            "end that transaction and run freshet init again");
      }
      var failure = ServerErrors.translate(e, "create the slot");
      return Check.fail(label, String.valueOf(failure.getMessage()), failure.remedy());
    }
  }

  private static String oldestWriter(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT format('pid %s of %s, %s since %s', pid, usename, state,
                              date_trunc('second', xact_start))
                FROM pg_catalog.pg_stat_activity
                WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
                UNION ALL
                SELECT format('prepared transaction %s of %s', gid, owner)
                FROM pg_catalog.pg_prepared_xacts
                LIMIT 1\
                """)) {
      return row.next() ? row.getString(1) : "it has just ended";
    }
  }
}
