package dev.freshet.engine;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.server.OlderTransactions;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.server.SlotAdmin.Slot;
import dev.freshet.cdc.server.SlotAdmin.SnapshotUse;
import dev.freshet.cdc.staging.StagingStore;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.config.CdcConfig;
import dev.freshet.config.SlotFailover;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.SlotRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that the slot still holds every change that a frontier needs, and says so where not.
 *
 * <p>A slot is ours if it exists, is valid, belongs to this server (system identifier and timeline)
 * and does not stand beyond the limit that the catalog allowed. Nor may it hold what the server
 * cannot decode: changes that were made while the publication was missing, on servers before 18.
 * Otherwise it is created anew where needed, and every stream table that is captured from the log
 * is marked for a refill.
 *
 * <p>A slot below the limit is never the wrong one, however it came to be: a slot delivers every
 * transaction that commits behind its confirmed position, and all before the limit were seen. That
 * is why failover needs no refill where the slot was synchronised. The new primary has the catalog
 * as far as its log goes; the limit in it was written behind the frontiers that justify it (see
 * {@link ConfirmationLimit}); so if the slot does not stand beyond <em>that</em> limit, the
 * frontiers beside it have seen all that the slot will not send.
 */
final class SlotGuard {
  private static final Logger LOG = LoggerFactory.getLogger(SlotGuard.class);

  private static final Duration COMMITS_UNDER_WAY = Duration.ofMinutes(5);

  /** For each transaction that the new slot has to wait for. */
  private static final Duration SLOT_CREATION = Duration.ofMinutes(1);

  private static final Duration PREDECESSOR_GOES = Duration.ofSeconds(1);
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final CdcConfig cdc;
  private final Catalog catalog;
  private final ReplicationConnections replication;
  private final GivenUp givenUp;

  SlotGuard(CdcConfig cdc, Catalog catalog, ReplicationConnections replication, GivenUp givenUp) {
    this.cdc = cdc;
    this.catalog = catalog;
    this.replication = replication;
    this.givenUp = givenUp;
  }

  /**
   * The slot as it can be used now.
   *
   * @param limit up to which it may be confirmed
   */
  record Secured(Lsn limit, CaptureMode.Continuity continuity) {}

  private record Server(String systemIdentifier, int timeline, Lsn end) {}

  /**
   * Checks and repairs.
   *
   * @throws FreshetException if that cannot be done, for a reason that may pass
   */
  Secured secure(Connection connection) throws SQLException {
    return secure(connection, true);
  }

  /**
   * Makes the slot beside another capture that the frontiers are still from: those stay valid. One
   * that cannot be relied on yet is not left behind: nobody would read it, and it would keep log.
   */
  void introduce(Connection connection) throws SQLException {
    boolean existed = SlotAdmin.describe(connection, cdc.slotName()).isPresent();
    boolean done = false;
    try {
      secure(connection, false);
      done = true;
    } finally {
      if (!done && !existed) {
        dropNew(connection);
      }
    }
  }

  private void dropNew(Connection connection) {
    try {
      if (SlotAdmin.describe(connection, cdc.slotName()).isPresent()) {
        SlotAdmin.drop(connection, cdc.slotName());
      }
    } catch (SQLException e) {
      LOG.warn(
          "replication slot {} was made and is not used yet, but stays: {}",
          cdc.slotName(),
          e.getMessage());
    }
  }

  private Secured secure(Connection connection, boolean restsOnSlot) throws SQLException {
    String name = cdc.slotName();
    Server server = identify();
    Optional<SlotRecord> known = SlotRecord.load(connection, name);
    Optional<Slot> slot = SlotAdmin.describe(connection, name);
    requireUsable(slot, connection);
    releaseFromPredecessor(connection, slot);
    Optional<String> spent = givenUp.spent();
    SlotVerdict verdict =
        spent.isPresent()
            ? new SlotVerdict.Lost(spent.get())
            : verdict(connection, slot, known, server);
    return switch (verdict) {
      case SlotVerdict.Intact _ -> secured(known.orElseThrow().confirmLimit(), verdict);
      case SlotVerdict.FailedOver(String what) -> {
        LOG.warn("{}: continuing without a refill", what);
        Lsn limit = known.orElseThrow().confirmLimit();
        record(server, limit).save(connection);
        yield secured(limit, verdict);
      }
      case SlotVerdict.Lost(String reason) -> {
        if (restsOnSlot) {
          giveUp(connection, reason);
        }
        StagingStore.discard(connection);
        Lsn start =
            spent.isEmpty() && isReusable(slot)
                ? slot.get().confirmed().orElseThrow()
                : recreate(connection, slot);
        givenUp.replaced();
        if (catalog.hasStreamTables(connection)) {
          awaitCommitsUnderWay(connection);
        }
        record(server, start).save(connection);
        yield secured(start, verdict);
      }
    };
  }

  private void giveUp(Connection connection, String reason) throws SQLException {
    Set<Long> invalidated = catalog.invalidateFrontiers(connection, reason);
    givenUp.add(invalidated, reason);
    if (!invalidated.isEmpty()) {
      LOG.warn("{}: stream tables are refilled", reason);
    }
  }

  private Secured secured(Lsn limit, SlotVerdict verdict) {
    return new Secured(limit, givenUp.since(verdict));
  }

  private SlotRecord record(Server server, Lsn limit) {
    return new SlotRecord(cdc.slotName(), server.systemIdentifier(), server.timeline(), limit);
  }

  /**
   * A commit may lie in the log before the slot begins and not be visible yet, because it waits for
   * its standby: a refill would not see it, and the slot will not send it.
   */
  private void awaitCommitsUnderWay(Connection connection) throws SQLException {
    try {
      Optional<OlderTransactions.Holder> holder =
          OlderTransactions.runningNow(connection).await(COMMITS_UNDER_WAY);
      if (holder.isPresent()) {
        throw FreshetException.of(
            Kind.BUSY,
            "a transaction that was running when replication slot %s was made is still open: %s"
                .formatted(cdc.slotName(), holder.get().description()),
            "end it, or see pg_stat_replication if it waits for a standby; then start again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetException.of(
          Kind.TIMEOUT, "interrupted while making the slot", "start again", e);
    }
  }

  private void requireUsable(Optional<Slot> present, Connection connection) throws SQLException {
    if (present.isEmpty()) {
      return;
    }
    Slot slot = present.get();
    if (!slot.plugin().equals("pgoutput")) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          slot.plugin().isEmpty()
              ? "replication slot %s is a physical one".formatted(slot.name())
              : "replication slot %s uses plugin '%s', not pgoutput"
                  .formatted(slot.name(), slot.plugin()),
          "drop it, or set cdc.slot-name to another name; Freshet creates its own slot");
    }
    if (!slot.database().equals(connection.getCatalog())) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          "replication slot %s belongs to database %s".formatted(slot.name(), slot.database()),
          "set cdc.slot-name to another name; Freshet creates its own slot");
    }
  }

  /**
   * An engine that stopped answering was ended by the one that took over; its walsender may live on
   * until {@code wal_sender_timeout}. Whoever holds the engine's lock may end that, too.
   */
  private void releaseFromPredecessor(Connection connection, Optional<Slot> slot)
      throws SQLException {
    if (slot.isEmpty() || slot.get().activePid().isEmpty()) {
      return;
    }
    String mine =
        """
        SELECT pg_terminate_backend(pid, %d) FROM pg_stat_activity
        WHERE pid = %d AND usename = current_user
          AND application_name = current_setting('application_name')\
        """
            .formatted(PREDECESSOR_GOES.toMillis(), slot.get().activePid().getAsInt());
    try (Statement statement = connection.createStatement()) {
      statement.execute(mine);
    }
  }

  private static boolean isReusable(Optional<Slot> slot) {
    return slot.isPresent()
        && slot.get().invalidation().isEmpty()
        && !slot.get().twoPhase()
        && slot.get().confirmed().isPresent();
  }

  /** Whether the slot holds every change after the frontiers. */
  private SlotVerdict verdict(
      Connection connection, Optional<Slot> present, Optional<SlotRecord> known, Server server)
      throws SQLException {
    if (known.isPresent() && !known.get().systemIdentifier().equals(server.systemIdentifier())) {
      return new SlotVerdict.Lost(
          "the database is on another server than before (system identifier changed: restored, or"
              + " upgraded by pg_upgrade)");
    }
    if (present.isEmpty()) {
      return new SlotVerdict.Lost(
          "replication slot "
              + cdc.slotName()
              + " was missing"
              + known.map(record -> timelineChange(record, server)).orElse(""));
    }
    Slot slot = present.get();
    if (slot.invalidation().isPresent()) {
      return new SlotVerdict.Lost(
          "replication slot %s was invalidated (%s)"
              .formatted(slot.name(), slot.invalidation().get()));
    }
    if (slot.twoPhase()) {
      return new SlotVerdict.Lost(
          "replication slot %s was recreated by somebody, with two_phase".formatted(slot.name()));
    }
    return known.isEmpty()
        ? new SlotVerdict.Lost(
            "replication slot %s is used for the first time".formatted(slot.name()))
        : position(connection, slot, known.get(), server);
  }

  private SlotVerdict position(Connection connection, Slot slot, SlotRecord record, Server server)
      throws SQLException {
    Lsn confirmed = slot.confirmed().orElse(Lsn.ZERO);
    if (confirmed.isAfter(record.confirmLimit())) {
      return new SlotVerdict.Lost(
          "replication slot %s stands at %s, beyond %s that Freshet had confirmed: it was recreated, or moved by somebody%s"
              .formatted(
                  slot.name(), confirmed, record.confirmLimit(), timelineChange(record, server)));
    }
    if (record.confirmLimit().isAfter(server.end()) || frontiersAreAhead(connection)) {
      return new SlotVerdict.Lost(
          "the catalog is ahead of the server, whose log ends at %s: it was restored from elsewhere"
              .formatted(server.end()));
    }
    if (record.timeline() == server.timeline()) {
      return new SlotVerdict.Intact();
    }
    String change =
        "the server's timeline changed from %d to %d (failover or recovery)"
            .formatted(record.timeline(), server.timeline());
    return slot.failover()
        ? new SlotVerdict.FailedOver(change + ", replication slot " + slot.name() + " came along")
        : new SlotVerdict.Lost(change);
  }

  private static String timelineChange(SlotRecord record, Server server) {
    return record.timeline() == server.timeline()
        ? ""
        : ", after the server's timeline changed from %d to %d (failover or recovery)"
            .formatted(record.timeline(), server.timeline());
  }

  /** Frontiers that know of transactions which this server has not begun. */
  private static boolean frontiersAreAhead(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT EXISTS (SELECT FROM freshet.frontier
                  WHERE valid AND pg_snapshot_xmax(snapshot)::text::numeric
                    > pg_snapshot_xmax(pg_current_snapshot())::text::numeric)\
                """)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private Server identify() throws SQLException {
    try (Connection connection = replication.open();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      return new Server(
          row.getString("systemid"), row.getInt("timeline"), Lsn.parse(row.getString("xlogpos")));
    }
  }

  /** Creates the slot; it waits in the server for transactions that are writing now. */
  private Lsn recreate(Connection connection, Optional<Slot> old) throws SQLException {
    if (old.isPresent()) {
      SlotAdmin.drop(connection, cdc.slotName());
    }
    try (Connection session = replication.open();
        Statement statement = session.createStatement()) {
      statement.execute("SET lock_timeout = " + SLOT_CREATION.toMillis());
      return SlotAdmin.create(
              session, cdc.slotName(), SnapshotUse.NOTHING, cdc.failover() != SlotFailover.OFF)
          .consistentPoint();
    } catch (SQLException e) {
      if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw FreshetException.of(
            Kind.BUSY,
            "replication slot %s cannot be made while a transaction that has written is open"
                .formatted(cdc.slotName()),
            "end it: SELECT * FROM pg_stat_activity WHERE backend_xid IS NOT NULL, and"
                + " pg_prepared_xacts",
            e);
      }
      throw e;
    }
  }
}
