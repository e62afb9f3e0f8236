package dev.freshet.engine;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.server.OlderTransactions;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.server.SlotAdmin.Slot;
import dev.freshet.cdc.server.SlotAdmin.SnapshotUse;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes sure that the slot still holds every change that a frontier needs, and says so where not.
 *
 * <p>A slot is ours if it exists, is valid, belongs to this server (system identifier and timeline)
 * and does not stand beyond the limit that the catalog allowed. Otherwise it is created anew where
 * needed and every stream table is marked for a refill.
 */
final class SlotGuard {
  private static final Logger LOG = LoggerFactory.getLogger(SlotGuard.class);

  private static final Duration COMMITS_UNDER_WAY = Duration.ofMinutes(5);

  private final CdcConfig cdc;
  private final Catalog catalog;
  private final ReplicationConnections replication;

  SlotGuard(CdcConfig cdc, Catalog catalog, ReplicationConnections replication) {
    this.cdc = cdc;
    this.catalog = catalog;
    this.replication = replication;
  }

  private record Server(String systemIdentifier, int timeline) {}

  /** Checks, repairs, and returns the limit up to which the slot may be confirmed. */
  Lsn secure(Connection connection) throws SQLException {
    String name = cdc.slotName();
    Server server = identify();
    Optional<SlotRecord> known = SlotRecord.load(connection, name);
    Optional<Slot> slot = SlotAdmin.describe(connection, name);
    requireUsable(slot);
    Optional<String> loss = lossOf(slot, known, server);
    if (loss.isEmpty()) {
      return known.orElseThrow().confirmLimit();
    }
    String reason = loss.get();
    boolean refills = catalog.invalidateFrontiers(connection, reason) > 0;
    if (refills) {
      LOG.warn("{}: every stream table is refilled", reason);
    }
    Lsn start =
        isReusable(slot) ? slot.get().confirmed().orElseThrow() : recreate(connection, slot);
    if (refills) {
      awaitCommitsUnderWay(connection);
    }
    new SlotRecord(name, server.systemIdentifier(), server.timeline(), start).save(connection);
    return start;
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

  private void requireUsable(Optional<Slot> slot) {
    if (slot.isPresent() && !slot.get().plugin().equals("pgoutput")) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          "replication slot %s uses plugin '%s', not pgoutput"
              .formatted(cdc.slotName(), slot.get().plugin()),
          "set cdc.slot-name to another name; Freshet creates its own slot");
    }
  }

  private static boolean isReusable(Optional<Slot> slot) {
    return slot.isPresent()
        && slot.get().invalidation().isEmpty()
        && slot.get().confirmed().isPresent();
  }

  /** Why the slot does not hold every change after the frontiers, if it does not. */
  private Optional<String> lossOf(
      Optional<Slot> present, Optional<SlotRecord> known, Server server) {
    if (present.isEmpty()) {
      return Optional.of("replication slot " + cdc.slotName() + " was missing");
    }
    Slot slot = present.get();
    if (slot.invalidation().isPresent()) {
      return Optional.of(
          "replication slot %s was invalidated (%s)"
              .formatted(slot.name(), slot.invalidation().get()));
    }
    if (known.isEmpty()) {
      return Optional.of("replication slot %s is used for the first time".formatted(slot.name()));
    }
    SlotRecord record = known.get();
    if (!record.systemIdentifier().equals(server.systemIdentifier())) {
      return Optional.of("the database was restored on another server (system identifier changed)");
    }
    if (record.timeline() != server.timeline()) {
      return Optional.of(
          "the server's timeline changed from %d to %d (failover or recovery)"
              .formatted(record.timeline(), server.timeline()));
    }
    Lsn confirmed = slot.confirmed().orElse(Lsn.ZERO);
    if (confirmed.isAfter(record.confirmLimit())) {
      return Optional.of(
          "replication slot %s stands at %s, beyond %s that Freshet had confirmed: it was recreated"
              .formatted(slot.name(), confirmed, record.confirmLimit()));
    }
    return Optional.empty();
  }

  private Server identify() throws SQLException {
    try (Connection connection = replication.open();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      row.next();
      return new Server(row.getString("systemid"), row.getInt("timeline"));
    }
  }

  /** Creates the slot; it waits in the server for transactions that are writing now. */
  private Lsn recreate(Connection connection, Optional<Slot> old) throws SQLException {
    if (old.isPresent()) {
      SlotAdmin.drop(connection, cdc.slotName());
    }
    try (Connection session = replication.open()) {
      return SlotAdmin.create(
              session, cdc.slotName(), SnapshotUse.NOTHING, cdc.failover() != SlotFailover.OFF)
          .consistentPoint();
    }
  }
}
