package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The slot is lost, replaced or invalidated: what it no longer holds is refilled, and that is said.
 */
@ExtendWith(FreshetExtension.class)
class SlotTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Freshet freshet;
  private String slot;

  @BeforeEach
  void makeStreamTable(Freshet given) throws SQLException {
    freshet = given;
    slot = freshet.config().cdc().slotName();
    freshet.sql("CREATE TABLE a (id int PRIMARY KEY, v int)", "INSERT INTO a VALUES (1, 1)");
    freshet.create("st", "SELECT id, v FROM a");
  }

  @Test
  void restartContinuesFromTheSlot() throws SQLException {
    freshet.engine().close();
    freshet.sql("UPDATE a SET v = 2", "INSERT INTO a VALUES (2, 2)");
    freshet.restartEngine();
    freshet.follow("st");
    assertThat(refillReason()).isEmpty();
  }

  @Test
  void slotDroppedWhileNoEngineRanIsMadeAnewAndSaid() throws SQLException {
    freshet.engine().close();
    freshet.sql("UPDATE a SET v = 2");
    drop(freshet, slot);
    freshet.sql("UPDATE a SET v = 3");
    freshet.restartEngine();
    refilled("was missing");
  }

  @Test
  void slotRecreatedBySomebodyIsNoticed() throws SQLException {
    freshet.engine().close();
    freshet.sql("UPDATE a SET v = 2");
    drop(freshet, slot);
    freshet.sql("SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));
    freshet.restartEngine();
    refilled("recreated");
  }

  @Test
  void slotAdvancedBySomebodyIsNoticed() throws SQLException {
    freshet.engine().close();
    freshet.sql("UPDATE a SET v = 2");
    awaitReleased(freshet, slot);
    freshet.sql("SELECT pg_replication_slot_advance('%s', pg_current_wal_lsn())".formatted(slot));
    freshet.restartEngine();
    refilled("beyond");
  }

  @Test
  void anotherSlotThanBeforeIsNotTrusted() throws SQLException {
    freshet.engine().close();
    freshet.sql(
        "UPDATE a SET v = 2",
        "SELECT pg_create_logical_replication_slot('%s_b', 'pgoutput')".formatted(slot));
    freshet.restartEngine(Map.of("cdc.slot-name", slot + "_b"));
    refilled("first time");
  }

  @Test
  void slotRecreatedUnderARunningEngineIsHealedByIt() throws SQLException {
    replaceSlotWithAWriteBetween();
    freshet.sql("INSERT INTO a VALUES (3, 3)");
    await().atMost(PATIENCE).until(() -> freshet.engine().status().service().reattachments() > 0);
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    refilled("recreated");
  }

  /**
   * The engine connects again at once: a wait between the end of its walsender and the drop loses.
   */
  private void replaceSlotWithAWriteBetween() throws SQLException {
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
        END $$
        """
            .formatted(slot),
        "UPDATE a SET v = 2",
        "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));
  }

  @Test
  void slotThatLostItsLogIsReplaced() throws Exception {
    try (EmbeddedServer server =
            EmbeddedServer.builder(PgVersion.V18)
                .setting("fsync", "off")
                .setting("max_slot_wal_keep_size", "1MB")
                .setting("max_wal_size", "32MB")
                .setting("min_wal_size", "32MB")
                .start();
        Freshet own = Freshet.on(server, Map.of())) {
      own.sql("CREATE TABLE a (id int PRIMARY KEY, v int)", "INSERT INTO a VALUES (1, 1)");
      own.create("st", "SELECT id, v FROM a");
      own.engine().close();
      own.sql("UPDATE a SET v = 2");
      for (int i = 0; i < 4; i++) {
        own.sql("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))");
        own.sql("SELECT pg_switch_wal()", "CHECKPOINT");
      }
      assertThat(own.rows("SELECT wal_status FROM pg_replication_slots")).containsExactly("(lost)");
      own.restartEngine();
      assertThat(own.rows("SELECT value FROM freshet.meta WHERE key = 'last_refill_reason'"))
          .singleElement()
          .asString()
          .contains("invalidated");
      assertThat(own.refresh("st").mode()).isEqualTo(Mode.FULL);
      assertThat(own.rows("SELECT v FROM st")).containsExactly("(2)");
      own.sql("UPDATE a SET v = 3");
      own.follow("st");
    }
  }

  @Test
  void databaseOnAnotherTimelineIsNotTrustedIfTheSlotWasNotSynchronised() throws SQLException {
    freshet.engine().close();
    drop(freshet, slot);
    freshet.restartEngine(Map.of("cdc.failover", "off"));
    freshet.refresh("st");
    freshet.engine().close();
    freshet.sql("UPDATE freshet.slot SET timeline = timeline - 1", "UPDATE a SET v = 2");
    freshet.restartEngine();
    refilled("timeline");
  }

  @Test
  void synchronisedSlotIsTrustedOnAnotherTimeline() throws SQLException {
    freshet.engine().close();
    freshet.sql("UPDATE freshet.slot SET timeline = timeline - 1", "UPDATE a SET v = 2");
    freshet.restartEngine();
    assertThat(refillReason()).isEmpty();
    freshet.follow("st");
    assertThat(freshet.engine().status().service().lastIncident().orElseThrow().cause())
        .contains("timeline changed from 0 to 1", "came along");
  }

  @Test
  void catalogOfALaterTimeIsNotTrusted() throws SQLException {
    freshet.engine().close();
    freshet.sql(
        "UPDATE freshet.slot SET confirm_limit = pg_current_wal_insert_lsn() + 1000000000",
        "UPDATE a SET v = 2");
    freshet.restartEngine();
    refilled("ahead of the server");
  }

  @Test
  void slotRecreatedWithTwoPhaseIsReplaced() throws SQLException {
    freshet.engine().close();
    drop(freshet, slot);
    freshet.sql(
        "SELECT pg_create_logical_replication_slot('%s', 'pgoutput', false, true)".formatted(slot),
        "UPDATE a SET v = 2");
    freshet.restartEngine();
    refilled("two_phase");
  }

  @Test
  void databaseRestoredOnAnotherServerIsNotTrusted() throws SQLException {
    freshet.engine().close();
    freshet.sql("UPDATE freshet.slot SET system_identifier = '1'", "UPDATE a SET v = 2");
    freshet.restartEngine();
    refilled("system identifier");
  }

  @Test
  void frontierThatSomebodyMovedIsNotTrusted() throws SQLException {
    freshet.sql(
        "UPDATE a SET v = 2", "UPDATE freshet.frontier SET snapshot = pg_current_snapshot()");
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).isEqualTo(Mode.FULL);
    assertThat(report.reason()).contains("frontier");
    assertThat(freshet.rows("SELECT v FROM st")).containsExactly("(2)");
  }

  static void drop(Freshet freshet, String slot) throws SQLException {
    awaitReleased(freshet, slot);
    freshet.sql("SELECT pg_drop_replication_slot('%s')".formatted(slot));
  }

  /** The server notices a little later that its client has gone. */
  private static void awaitReleased(Freshet freshet, String slot) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                freshet
                    .rows(
                        "SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = '%s'"
                            .formatted(slot))
                    .isEmpty());
  }

  private void refilled(String reason) throws SQLException {
    assertThat(refillReason()).contains(reason);
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql("UPDATE a SET v = v + 10");
    freshet.follow("st");
  }

  private String refillReason() throws SQLException {
    return String.join(
        "", freshet.rows("SELECT value FROM freshet.meta WHERE key = 'last_refill_reason'"));
  }
}
