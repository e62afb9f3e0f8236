package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.cdc.wal.WalChangeSource;
import dev.freshet.cdc.wal.WalOptions;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.ShutdownMode;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Service;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Something happens to the slot under a running engine: it heals that by itself, or says what it
 * waits for and goes on when that is gone.
 */
class SlotHealingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private static EmbeddedServer server;
  private Freshet freshet;
  private String slot;

  @BeforeAll
  static void startServer() {
    server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .setting("max_replication_slots", "2")
            .setting("max_slot_wal_keep_size", "1MB")
            .setting("max_wal_size", "32MB")
            .setting("min_wal_size", "32MB")
            .start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void makeStreamTables() throws SQLException {
    freshet = Freshet.on(server, Map.of("database.connect-timeout", "2s"));
    slot = freshet.config().cdc().slotName();
    freshet.sql("CREATE TABLE a (id int PRIMARY KEY, v int)", "INSERT INTO a VALUES (1, 1)");
    freshet.create("st", "SELECT id, v FROM a");
  }

  @AfterEach
  void everyStreamTableEqualsItsQuery() throws SQLException {
    try (Freshet _ = freshet) {
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
  }

  @Test
  void slotDroppedWhileRunningIsMadeAnewAndWhatItFedIsRefilled() throws SQLException {
    freshet.create("constant", "SELECT g AS id FROM generate_series(1, 3) g");
    freshet.create("above", "SELECT count(*) AS n FROM st");
    freshet.sql("UPDATE a SET v = 2");
    dropUnderTheEngine();
    freshet.sql("UPDATE a SET v = 3", "INSERT INTO a VALUES (2, 2)");
    healed("was missing", "1 of 3 stream tables are refilled");
    assertThat(freshet.rows("SELECT v FROM st")).as("served until refilled").containsExactly("(1)");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    assertThat(freshet.rows("SELECT n FROM above")).containsExactly("(2)");
  }

  @Test
  void slotInvalidatedWhileRunningIsReplaced() throws SQLException {
    freshet.sql("UPDATE a SET v = 2");
    for (int i = 0; i < 4; i++) {
      freshet.sql("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))");
      freshet.sql("SELECT pg_switch_wal()", "CHECKPOINT");
    }
    healed("was invalidated (wal_removed)", "1 of 1 stream tables are refilled");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    freshet.sql("UPDATE a SET v = 3");
    freshet.follow("st");
  }

  @Test
  void slotTakenByAnotherProcessIsNamedAndWaitedFor() throws Exception {
    Properties intruder = new Properties();
    intruder.setProperty("ApplicationName", "intruder");
    try (WalChangeSource other =
        new WalChangeSource(
            ReplicationConnections.of(freshet.database().jdbcUrl(), intruder),
            WalOptions.of(slot, "freshet"))) {
      Thread taking = Thread.ofVirtual().start(other::start);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                freshet.sql(
                    """
                    SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
                    JOIN pg_stat_activity ON pid = active_pid
                    WHERE slot_name = '%s' AND application_name <> 'intruder'
                    """
                        .formatted(slot));
                return freshet.engine().status().source().contains("in use by intruder (pid ");
              });
      taking.join();
      freshet.sql("UPDATE a SET v = 2");
      assertThat(freshet.engine().healthy()).isFalse();
    }
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    freshet.follow("st");
  }

  @Test
  void physicalSlotOfTheNameIsNotTouchedAndWaitedOut() throws SQLException {
    dropUnderTheEngine(
        "SELECT pg_create_physical_replication_slot('%s')".formatted(slot), "UPDATE a SET v = 2");
    waits("is a physical one");
    freshet.sql("SELECT pg_drop_replication_slot('%s')".formatted(slot));
    healed("was missing", "1 of 1");
  }

  @Test
  void slotIsMadeAsSoonAsTheServerHasOneFree() throws SQLException {
    dropUnderTheEngine(
        "SELECT pg_create_physical_replication_slot('x1'),"
            + " pg_create_physical_replication_slot('x2')",
        "UPDATE a SET v = 2");
    waits("all replication slots are in use");
    assertThat(freshet.rows("SELECT v FROM st")).containsExactly("(1)");
    freshet.sql("SELECT pg_drop_replication_slot('x1'), pg_drop_replication_slot('x2')");
    healed("was missing", "");
  }

  @Test
  void replicationPrivilegeThatWasRevokedIsWaitedFor() throws SQLException {
    String role = "engine_" + slot;
    freshet.sql("CREATE ROLE %s SUPERUSER LOGIN REPLICATION".formatted(role), "UPDATE a SET v = 2");
    freshet.restartEngine(Map.of("database.user", role));
    freshet.sql("ALTER ROLE %s NOSUPERUSER NOREPLICATION".formatted(role));
    freshet.sql("GRANT ALL ON SCHEMA freshet TO %s".formatted(role));
    freshet.sql("GRANT ALL ON ALL TABLES IN SCHEMA freshet, public TO %s".formatted(role));
    freshet.sql(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '%s'"
            .formatted(slot));
    waits("permission denied to start WAL sender");
    freshet.sql("ALTER ROLE %s SUPERUSER REPLICATION".formatted(role));
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    freshet.follow("st");
    freshet.restartEngine(Map.of());
    freshet.sql("DROP OWNED BY %s".formatted(role), "DROP ROLE %s".formatted(role));
  }

  @Test
  void logicalDecodingThatWasSwitchedOffIsWaitedFor() throws SQLException {
    dropUnderTheEngine("SELECT pg_create_physical_replication_slot('%s')".formatted(slot));
    restartServerWith("replica");
    freshet.sql("SELECT pg_drop_replication_slot('%s')".formatted(slot));
    waits("wal_level");
    freshet.sql("UPDATE a SET v = 2");
    restartServerWith("logical");
    healed("was missing", "");
  }

  private static void restartServerWith(String walLevel) {
    server.stop(ShutdownMode.IMMEDIATE);
    server.configure("wal_level", walLevel);
    server.start();
  }

  private void waits(String cause) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Service service = freshet.engine().status().service();
              assertThat(service.state()).isEqualTo(Service.WAITING);
              assertThat(service.cause()).contains(cause);
              assertThat(service.remedy()).isNotEmpty();
            });
    assertThat(freshet.engine().healthy()).isFalse();
  }

  private void healed(String cause, String outcome) {
    await().atMost(PATIENCE).until(() -> freshet.engine().status().service().reattachments() > 0);
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    var incident = freshet.engine().status().service().lastIncident().orElseThrow();
    assertThat(incident.cause()).contains(cause);
    assertThat(incident.outcome()).contains(outcome);
  }

  /**
   * In one transaction of its own: the engine connects again at once, and makes the slot again.
   *
   * @param then runs before the engine can make another slot
   */
  private void dropUnderTheEngine(String... then) throws SQLException {
    StringBuilder more = new StringBuilder();
    for (String statement : then) {
      more.append("EXECUTE $x$").append(statement).append("$x$;");
    }
    freshet.sql(
        """
        DO $$ BEGIN
          LOOP
            PERFORM pg_terminate_backend(active_pid)
              FROM pg_replication_slots WHERE slot_name = '%1$s';
            BEGIN
              PERFORM pg_drop_replication_slot('%1$s');
              EXIT;
            EXCEPTION WHEN object_in_use THEN
              PERFORM pg_sleep(0.001);
            END;
          END LOOP;
          %2$s
        END $$
        """
            .formatted(slot, more));
  }
}
