package dev.freshet.engine;

import dev.freshet.cdc.server.PublicationAdmin;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.server.TableName;
import dev.freshet.cdc.trigger.TriggerAdmin;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.refresh.TriggerCapture;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * At an engine's start, after {@code cdc.mode} was changed: takes the stream tables from the log to
 * triggers or back, without refilling them.
 *
 * <pre>
 * 1  the new capture is installed, beside the old one; whoever wrote before has ended
 * 2  every stream table is refreshed once more from the old capture, to a snapshot S after that
 * 3  F := S is the frontier in the new capture; the old one is removed
 * </pre>
 *
 * <p>Why it is exact: what S sees is in the refresh of step 2, and every transaction that S does
 * not see has been captured whole by the new capture. Writers go on all the while. If it is
 * interrupted, the next start does it again.
 */
final class Handover {
  private static final Logger LOG = LoggerFactory.getLogger(Handover.class);
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);
  private static final int REMOVALS = 10;
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** Attaches an engine as it was configured before, with the other capture beside its own. */
  @FunctionalInterface
  interface Predecessor {
    EngineFactory.Attachment attach(FreshetConfig before) throws SQLException;
  }

  private final FreshetConfig config;
  private final Predecessor predecessor;

  Handover(FreshetConfig config, Predecessor predecessor) {
    this.config = config;
    this.predecessor = predecessor;
  }

  /** Does what is needed, mostly nothing. */
  void run() throws SQLException {
    try (Connection connection = Connections.open(config.database())) {
      if (!CatalogSchema.isInstalled(connection)) {
        return;
      }
      Optional<CdcMode> before = before(connection);
      if (before.isPresent()) {
        LOG.info(
            "changes are captured by {} from now on, no more by {}",
            config.cdc().mode().text(),
            before.get().text());
        takeOver(connection, before.get());
      }
      removeOther(connection);
    }
  }

  /** From which other capture valid frontiers are, if that can still be read. */
  private Optional<CdcMode> before(Connection connection) throws SQLException {
    Set<String> origins = origins(connection);
    boolean reads = config.cdc().mode().readsLog();
    if (reads && origins.contains(TriggerCapture.ORIGIN)) {
      return Optional.of(CdcMode.TRIGGER);
    }
    boolean hasSlot =
        !reads
            && origins.contains(config.cdc().slotName())
            && SlotAdmin.describe(connection, config.cdc().slotName()).isPresent()
            && ChangeSources.canReadLog(connection, config);
    return hasSlot ? Optional.of(CdcMode.WAL) : Optional.empty();
  }

  private static Set<String> origins(Connection connection) throws SQLException {
    Set<String> origins = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT DISTINCT slot FROM freshet.frontier WHERE valid")) {
      while (row.next()) {
        origins.add(row.getString(1));
      }
    }
    return origins;
  }

  private void takeOver(Connection connection, CdcMode before) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    try (AttachedEngine old = predecessor.attach(config.with(before)).engine()) {
      int moved = old.handOverTo(ChangeSources.capture(config, version));
      LOG.info("{} stream tables were taken over", moved);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetException.of(
          FreshetException.Kind.TIMEOUT,
          "interrupted while cdc.mode was changed",
          "start again",
          e);
    }
  }

  /**
   * Frontiers that are not this capture's are of no use to it.
   *
   * @return the stream tables that have them
   */
  static Set<Long> invalidateOthers(Connection connection, CaptureMode mode) throws SQLException {
    Set<Long> invalidated = new LinkedHashSet<>();
    try (var statement =
        connection.prepareStatement(
            "UPDATE freshet.frontier SET valid = false WHERE valid AND slot <> ?"
                + " RETURNING stream_table_id")) {
      statement.setString(1, mode.capture().origin());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          invalidated.add(row.getLong(1));
        }
      }
    }
    return invalidated;
  }

  /**
   * Takes back what was installed beside a capture that goes on to be used.
   *
   * @param config with that one
   */
  static void withdraw(FreshetConfig config, Connection connection) throws SQLException {
    new Handover(
            config,
            _ -> {
              throw new IllegalStateException("nothing is handed over");
            })
        .removeOther(connection);
  }

  /** What the other capture left behind, unless a frontier still rests on it. */
  private void removeOther(Connection connection) throws SQLException {
    TriggerAdmin admin = new TriggerAdmin(connection);
    if (config.cdc().mode().readsLog()) {
      removeTriggers(admin, admin.captured());
    } else {
      removeTriggers(admin, admin.orphans());
      removeSlotIfAllowed(connection);
    }
  }

  private static void removeTriggers(TriggerAdmin admin, Set<Integer> relations)
      throws SQLException {
    for (Integer relation : relations) {
      boolean removed = false;
      for (int attempt = 1; attempt <= REMOVALS && !removed; attempt++) {
        removed = admin.remove(relation, LOCK_TIMEOUT);
      }
      if (!removed) {
        LOG.warn(
            "the triggers of table {} stay until the next start: it is locked",
            Integer.toUnsignedString(relation));
      }
    }
  }

  /** Where the role has lost the right to, the triggers are used nevertheless. */
  private void removeSlotIfAllowed(Connection connection) throws SQLException {
    try {
      removeSlot(connection);
    } catch (SQLException e) {
      if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      LOG.warn(
          "replication slot {} is not used any more, but may not be dropped ({}); it keeps log in"
              + " the server until an administrator runs: SELECT pg_drop_replication_slot('{}')",
          config.cdc().slotName(),
          e.getMessage(),
          config.cdc().slotName());
    }
  }

  /** Only a slot that this catalog knows is ours. */
  private void removeSlot(Connection connection) throws SQLException {
    String name = config.cdc().slotName();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT name FROM freshet.slot")) {
      Set<String> ours = new HashSet<>();
      while (row.next()) {
        ours.add(row.getString(1));
      }
      if (!ours.contains(name)) {
        return;
      }
    }
    awaitIdle(connection, name);
    SlotAdmin.drop(connection, name);
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "DELETE FROM freshet.slot WHERE name = '" + name.replace("'", "''") + "'");
    }
    LOG.info("dropped replication slot {}: nothing reads from it any more", name);
    if (config.cdc().managePublication()) {
      PublicationAdmin admin = new PublicationAdmin(connection, config.cdc().publicationName());
      List<TableName> members =
          admin.describe().filter(found -> !found.allTables()).stream()
              .flatMap(found -> found.tables().values().stream())
              .map(PublicationAdmin.Member::name)
              .toList();
      if (!members.isEmpty()) {
        admin.drop(members);
      }
    }
  }

  /** The walsender of the engine that has just been closed ends by itself. */
  private static void awaitIdle(Connection connection, String name) throws SQLException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (SlotAdmin.describe(connection, name)
            .map(slot -> slot.activePid().isPresent())
            .orElse(false)
        && System.nanoTime() < deadline) {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Prepares sources for both; what the new one had to do is no loss for the old one. */
  record Both(SourcePreparation old, SourcePreparation next) implements SourcePreparation {
    @Override
    public List<String> prepare(Analysis analysis) throws InterruptedException {
      next.prepare(analysis);
      return old.prepare(analysis);
    }

    @Override
    public void retire(Collection<Integer> unusedRelations) {
      old.retire(unusedRelations);
    }
  }
}
