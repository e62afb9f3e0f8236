package dev.freshet.engine.setup;

import dev.freshet.cdc.debezium.DebeziumClasses;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.server.SlotAdmin.Slot;
import dev.freshet.cdc.trigger.TriggerAdmin;
import dev.freshet.cdc.wal.CaptureException;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.CaptureModes;
import dev.freshet.engine.Connections;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.UnusedKeys;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.control.Command.Status;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.Incident;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.Service;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Examines a system at work: what {@link Setup} checks, and everything that goes wrong later. */
public final class Doctor {
  private static final long MUCH_LOG_BYTES = 1L << 30;

  /** Incidents younger than this are shown as warnings. */
  private static final Duration RECENT = Duration.ofDays(1);

  private final FreshetConfig config;
  private final Connection connection;
  private final List<Check> checks = new ArrayList<>();

  private Doctor(FreshetConfig config, Connection connection) {
    this.config = config;
    this.connection = connection;
  }

  /**
   * Looks at everything and changes nothing.
   *
   * @throws FreshetException if the server cannot be reached or does not let the role in
   */
  public static SetupReport examine(FreshetConfig given) {
    FreshetConfig config = CaptureModes.resolve(given);
    SetupReport setup = Setup.check(config);
    try (Connection connection = Connections.open(config.database())) {
      Doctor doctor = new Doctor(config, connection);
      doctor.checks.addAll(setup.checks());
      if (connection.getMetaData().getDatabaseMajorVersion() >= Setup.OLDEST_MAJOR) {
        doctor.examine();
      }
      return new SetupReport(setup.server(), doctor.checks);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "examine the server");
    }
  }

  private void examine() throws SQLException {
    if (config.cdc().mode() == CdcMode.DEBEZIUM) {
      checks.add(debezium());
    }
    for (String key : UnusedKeys.of(config)) {
      checks.add(Check.warn("configuration", key, "leave it out"));
    }
    if (config.cdc().mode().readsLog()) {
      retainedLog();
      senderTimeout();
    } else {
      keptChanges();
    }
    if (!CatalogSchema.isInstalled(connection)) {
      return;
    }
    try (EngineClient client = EngineClient.connect(config)) {
      if (client.execute(new Status()) instanceof Reply.StatusOf(EngineStatus status)) {
        engine(status);
        checks.addAll(SourceChecks.of(config, connection, client, status));
        checks.addAll(TableChecks.of(connection, status));
      }
    } catch (FreshetException e) {
      checks.add(Check.fail("engine", String.valueOf(e.getMessage()), e.remedy()));
    }
  }

  private void keptChanges() throws SQLException {
    long kept = TriggerAdmin.bytes(connection);
    String detail = megabytes(kept) + " of captured changes kept in tables freshet.changes_…";
    checks.add(
        kept > MUCH_LOG_BYTES
            ? Check.warn(
                "changes kept", detail, "run the engine, resume or drop paused stream tables")
            : Check.ok("changes kept", detail));
  }

  private static Check debezium() {
    try {
      DebeziumClasses.require();
      return Check.ok("debezium", "its jars are on the class path");
    } catch (CaptureException e) {
      return Check.fail("debezium", e.problem(), e.remedy());
    }
  }

  private void retainedLog() throws SQLException {
    Optional<Slot> slot = SlotAdmin.describe(connection, config.cdc().slotName());
    if (slot.isEmpty() || slot.get().retainedBytes().isEmpty()) {
      return;
    }
    long retained = slot.get().retainedBytes().getAsLong();
    String limit = setting("max_slot_wal_keep_size");
    String detail =
        "%s kept for the slot (%s), limit max_slot_wal_keep_size = %s"
            .formatted(
                megabytes(retained),
                slot.get().walStatus(),
                limit.equals("-1") ? "-1 (none)" : limit);
    long budget = config.cdc().maxRetainedWal().bytes();
    if (slot.get().walStatus().equals("unreserved")) {
      checks.add(
          Check.warn(
              "log retained",
              detail,
              "run the engine now: the server will soon give the slot up, and stream tables would"
                  + " be refilled"));
    } else if (retained > budget) {
      checks.add(
          Check.warn(
              "log retained",
              detail + ", more than cdc.max-retained-wal = " + config.cdc().maxRetainedWal(),
              "run the engine: it keeps its own part within the budget; transactions that stay open"
                  + " for long hold log back as well, see xact_start in pg_stat_activity"));
    } else if (retained > MUCH_LOG_BYTES) {
      checks.add(
          Check.warn(
              "log retained",
              detail,
              "run the engine, resume paused stream tables; if the slot is not needed any more:\n"
                  + "SELECT pg_drop_replication_slot('"
                  + slot.get().name()
                  + "');"));
    } else {
      checks.add(Check.ok("log retained", detail));
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MB", bytes / 1048576.0);
  }

  private void senderTimeout() throws SQLException {
    long timeout = milliseconds("wal_sender_timeout");
    long interval = config.cdc().statusInterval().toMillis();
    String detail = "wal_sender_timeout = " + setting("wal_sender_timeout");
    if (timeout > 0 && timeout < 2 * interval) {
      checks.add(
          Check.warn(
              "walsender timeout",
              detail + ", cdc.status-interval = " + interval + "ms",
              "set cdc.status-interval to at most " + timeout / 3 + "ms"));
    } else {
      checks.add(Check.ok("walsender timeout", detail));
    }
  }

  private void engine(EngineStatus status) {
    Service service = status.service();
    if (status.running() && service.state().equals(Service.WAITING)) {
      checks.add(Check.fail("engine", "cannot serve: " + service.cause(), service.remedy()));
    } else if (status.running() && !service.state().equals(Service.SERVING)) {
      checks.add(
          Check.warn("engine", "is " + service.state() + ": " + service.cause(), "wait a little"));
    } else if (!status.running()) {
      checks.add(Check.warn("engine", "none serves the database", "freshet run starts one"));
    } else if (!status.source().equals("streaming")) {
      checks.add(Check.fail("engine", "change stream: " + status.source(), "see the engine's log"));
    } else {
      checks.add(Check.ok("engine", "runs, version " + status.version()));
    }
    staging(status.staged());
    if (!service.standbys().isEmpty()) {
      checks.add(Check.ok("standing by", String.join(", ", service.standbys())));
    }
    service.lastIncident().ifPresent(incident -> checks.add(lastIncident(incident)));
    for (StreamTableStatus streamTable : status.streamTables()) {
      String label = "stream table " + streamTable.name();
      switch (streamTable.state()) {
        case "failed" ->
            checks.add(
                Check.fail(
                    label, streamTable.stateReason(), "freshet resume " + streamTable.name()));
        case "paused" ->
            checks.add(
                Check.warn(
                    label,
                    "is paused: its changes are kept",
                    "freshet resume " + streamTable.name()));
        case "waiting" ->
            checks.add(
                Check.warn(
                    label,
                    streamTable.stateReason(),
                    "put the other right: freshet status shows all of them"));
        case String _
            when streamTable.schedule().equals("calculated")
                && streamTable.place().dependents().isEmpty() ->
            checks.add(
                Check.warn(
                    label,
                    "its schedule is calculated, but no stream table reads it: it is refreshed by"
                        + " hand only",
                    "freshet alter " + streamTable.name() + " --schedule 1s"));
        case String state ->
            checks.add(
                Check.ok(
                    label,
                    streamTable.refreshClass().isEmpty()
                        ? state
                        : state + ", " + streamTable.refreshClass()));
      }
    }
  }

  private void staging(EngineStatus.StagedChanges staged) {
    if (staged.failure().isPresent()) {
      checks.add(
          Check.fail(
              "staging",
              "changes cannot be staged: " + staged.failure().get(),
              "see to the disk, or to the role's privileges in schema freshet; until then what does"
                  + " not fit into memory is refreshed in full"));
    } else if (staged.bytes() > 0) {
      checks.add(
          Check.ok(
              "staging",
              "%s of changes wait in freshet.staged_…".formatted(megabytes(staged.bytes()))));
    }
    if (staged.givenUp() > 0) {
      checks.add(
          Check.warn(
              "retained log",
              "exceeded cdc.max-retained-wal: %d refills since the start"
                  .formatted(staged.givenUp()),
              "make staging work (cdc.buffer.mode auto), or raise cdc.max-retained-wal"));
    }
  }

  private static Check lastIncident(Incident incident) {
    String detail =
        incident.at().truncatedTo(ChronoUnit.SECONDS)
            + ": "
            + incident.cause()
            + "; "
            + incident.outcome();
    return incident.at().isAfter(Instant.now().minus(RECENT))
        ? Check.warn("last incident", detail, "healed; see the engine's log for what led to it")
        : Check.ok("last incident", detail);
  }

  private String setting(String name) throws SQLException {
    return text("SELECT current_setting('" + name + "')");
  }

  private long milliseconds(String name) throws SQLException {
    return Long.parseLong(
        text("SELECT setting FROM pg_catalog.pg_settings WHERE name = '" + name + "'"));
  }

  private String text(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      if (!row.next()) {
        throw new SQLException("no row: " + query);
      }
      return row.getString(1);
    }
  }
}
