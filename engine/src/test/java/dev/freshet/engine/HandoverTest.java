package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import dev.freshet.embedded.ShutdownMode;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.workload.Writers;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From the log to triggers and back: {@code cdc.mode} changed, the engine started again. */
class HandoverTest {
  private static final Map<String, String> WAL = Map.of("cdc.mode", "wal");
  private static final Map<String, String> TRIGGER = Map.of("cdc.mode", "trigger");

  @Test
  void underLoadNothingIsLostAndNothingRefilled() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), WAL)) {
      AlignmentRun.createStreamTables(freshet);
      try (Writers _ = Writers.start(freshet.database(), 4, seed)) {
        freshet.restartEngine(TRIGGER);
        followedWithoutRefill(freshet, seed);
        assertThat(slots(freshet)).as("nobody reads the slot any more").isEmpty();
        assertThat(freshet.rows("SELECT tablename FROM pg_publication_tables")).isEmpty();

        freshet.restartEngine(WAL);
        followedWithoutRefill(freshet, seed);
        assertThat(slots(freshet)).hasSize(1);
        assertThat(captureTriggers(freshet)).isEmpty();
        assertThat(freshet.rows("SELECT 1 FROM freshet.change_buffer")).isEmpty();

        freshet.restartEngine(TRIGGER);
        followedWithoutRefill(freshet, seed);
      }
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
  }

  /** All refreshes since the stream tables were created, those of the change-over included. */
  private static void followedWithoutRefill(Freshet freshet, long seed) throws SQLException {
    List<AuditReport> audits = freshet.audit();
    assertThat(audits)
        .as("seed %d", seed)
        .isNotEmpty()
        .allMatch(AuditReport::equal)
        .noneMatch(audit -> audit.refresh().orElseThrow().mode() == Mode.FULL);
    assertThat(
            freshet.rows(
                "SELECT report FROM freshet.refresh_history WHERE upper(report ->> 'mode') ="
                    + " 'FULL'"))
        .as("seed %d", seed)
        .isEmpty();
    assertThat(freshet.rows("SELECT 1 FROM freshet.frontier WHERE NOT valid")).isEmpty();
  }

  @Test
  void pausedOneIsTakenOverToo() throws Exception {
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), WAL)) {
      freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v int)", "INSERT INTO src VALUES (1, 1)");
      freshet.create("st", "SELECT v, count(*) AS n FROM src GROUP BY v");
      freshet.engine().execute(new Command.Pause(List.of("st")));
      freshet.sql("INSERT INTO src VALUES (2, 1)");
      freshet.restartEngine(TRIGGER);
      freshet.sql("INSERT INTO src VALUES (3, 2)", "DELETE FROM src WHERE id = 1");
      assertThat(freshet.follow("st").changes()).isEqualTo(2);
      assertThat(freshet.rows("SELECT * FROM st ORDER BY v")).containsExactly("(1,1)", "(2,1)");
    }
  }

  @Test
  void lostSlotMeansARefillAndTriggersFollowFromThere() throws Exception {
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), WAL)) {
      freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v int)");
      freshet.create("st", "SELECT id, v FROM src");
      freshet.engine().close();
      freshet.sql(
          "SELECT pg_drop_replication_slot('" + freshet.config().cdc().slotName() + "')",
          "INSERT INTO src VALUES (1, 1)");
      freshet.restartEngine(TRIGGER);
      assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
      freshet.sql("INSERT INTO src VALUES (2, 2)");
      freshet.follow("st");
      assertThat(freshet.rows("SELECT id FROM st ORDER BY id")).containsExactly("(1)", "(2)");
    }
  }

  @Test
  void autoTakesTheLogAsSoonAsTheServerDecodesIt() throws Exception {
    try (EmbeddedServer server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("wal_level", "replica")
            .setting("fsync", "off")
            .start()) {
      try (Freshet freshet = Freshet.on((PostgresServer) server, Map.of("cdc.mode", "auto"))) {
        freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v int)");
        freshet.create("st", "SELECT v, count(*) AS n FROM src GROUP BY v");
        freshet.sql("INSERT INTO src VALUES (1, 1)");
        assertThat(freshet.engine().status().capture()).isEqualTo("trigger");
        freshet.follow("st");
        freshet.engine().close();
        freshet.sql("INSERT INTO src VALUES (2, 1)");
        server.configure("wal_level", "logical");
        server.restart(ShutdownMode.FAST);
        freshet.restartEngine();
        assertThat(freshet.engine().status().capture()).isEqualTo("wal");
        assertThat(captureTriggers(freshet)).isEmpty();
        freshet.sql("INSERT INTO src VALUES (3, 1)");
        freshet.follow("st");
        assertThat(freshet.rows("SELECT n FROM st")).containsExactly("(3)");
      }
    }
  }

  private static List<String> slots(Freshet freshet) throws SQLException {
    return freshet.rows(
        "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()");
  }

  private static List<String> captureTriggers(Freshet freshet) throws SQLException {
    return freshet.rows("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'freshet_capture%'");
  }
}
