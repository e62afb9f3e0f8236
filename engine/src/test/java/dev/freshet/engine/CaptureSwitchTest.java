package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import dev.freshet.embedded.ShutdownMode;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.setup.Check;
import dev.freshet.engine.setup.Setup;
import dev.freshet.engine.workload.Writers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How changes are captured is changed while the engine runs. */
class CaptureSwitchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void toAndFroUnderWritersNothingIsLostAndNothingRefilled() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), Map.of("cdc.mode", "wal"))) {
      AlignmentRun.createStreamTables(freshet);
      freshet.engine().start();
      Engine engine = freshet.engine();
      try (Writers _ = Writers.start(freshet.database(), 4, seed)) {
        for (String mode : List.of("trigger", "wal", "trigger", "auto", "trigger", "configured")) {
          choose(freshet, mode);
          assertThat(engine.status().capture())
              .isEqualTo(mode.equals("trigger") ? "trigger" : "wal");
          followedWithoutRefill(freshet, seed, mode);
        }
        assertThat(freshet.rows("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'freshet_cap%'"))
            .isEmpty();
        choose(freshet, "trigger");
        assertThat(slots(freshet)).isEmpty();
        followedWithoutRefill(freshet, seed, "trigger");
      }
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
      assertThat(fullRefreshes(freshet)).as("seed %d", seed).isEmpty();
      assertThat(engine.status().service().reattachments()).as("nothing was healed").isZero();
    }
  }

  @Test
  void commandsOfOthersWaitWhileItChanges() throws Exception {
    try (Freshet freshet = small(Map.of("cdc.mode", "wal"))) {
      Thread switching =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (String mode : List.of("trigger", "wal", "trigger", "wal")) {
                      choose(freshet, mode);
                    }
                  });
      int refreshes = 0;
      while (switching.isAlive()) {
        freshet.sql("UPDATE src SET v = v + 1 WHERE id = 1");
        assertThat(freshet.refresh("st").mode()).isNotEqualTo(Mode.FULL);
        refreshes++;
      }
      assertThat(refreshes).isPositive();
      assertThat(freshet.engine().status().capture()).isEqualTo("wal");
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
  }

  @Test
  void anotherProcessChangesItWhetherAnEngineRunsOrNot() throws Exception {
    try (Freshet freshet = small(Map.of("cdc.mode", "wal"))) {
      freshet.engine().start();
      assertThat(chosenByClient(freshet, "trigger"))
          .isEqualTo(
              "changes are captured by trigger (freshet capture trigger, cdc.mode is wal); this"
                  + " outlives the engine's process, until cdc.mode is changed in the configuration"
                  + " or: freshet capture configured");
      assertThat(freshet.engine().status().capture()).isEqualTo("trigger");
      freshet.engine().close();
      assertThat(chosenByClient(freshet, "configured"))
          .isEqualTo("changes are captured by wal, as the configuration says");
      assertThat(slots(freshet)).hasSize(1);
      freshet.sql("INSERT INTO src VALUES (2, 1)");
      freshet.restartEngine();
      freshet.follow("st");
      assertThat(fullRefreshes(freshet)).isEmpty();
    }
  }

  private static String chosenByClient(Freshet freshet, String mode) {
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      return ((Reply.Done) client.execute(new Command.SwitchCapture(mode))).summary();
    }
  }

  @Test
  void choiceOutlivesTheProcessUntilTheConfigurationIsChanged() throws Exception {
    try (Freshet freshet = small(Map.of("cdc.mode", "wal"))) {
      choose(freshet, "trigger");
      assertThat(freshet.engine().status().captureReason())
          .startsWith("freshet capture trigger, cdc.mode is wal; wal until ");
      freshet.restartEngine();
      assertThat(freshet.engine().status().capture()).isEqualTo("trigger");
      assertThat(freshet.engine().status().captureReason())
          .isEqualTo("freshet capture trigger, cdc.mode is wal");

      freshet.restartEngine(Map.of("cdc.mode", "auto"));
      assertThat(freshet.engine().status().capture()).isEqualTo("wal");
      assertThat(freshet.engine().status().captureReason()).isEqualTo("cdc.mode: auto");
      freshet.restartEngine(Map.of("cdc.mode", "wal"));
      assertThat(freshet.engine().status().capture())
          .as("the choice is forgotten")
          .isEqualTo("wal");
      assertThat(freshet.engine().status().captureReason()).isEmpty();
      assertThat(fullRefreshes(freshet)).isEmpty();
    }
  }

  @Test
  void configuredTakesTheChoiceBack() throws Exception {
    try (Freshet freshet = small(Map.of("cdc.mode", "trigger"))) {
      choose(freshet, "wal");
      choose(freshet, "configured");
      freshet.restartEngine();
      assertThat(freshet.engine().status().capture()).isEqualTo("trigger");
      assertThat(freshet.engine().status().captureReason()).isEmpty();
    }
  }

  @Test
  void whatCannotBePreparedChangesNothing() throws Exception {
    try (Freshet freshet =
            small(Map.of("cdc.mode", "wal", "cdc.replica-identity-lock-timeout", "20ms"));
        Connection holder = freshet.database().connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("UPDATE src SET v = 7 WHERE id = 1");
      assertThatThrownBy(() -> choose(freshet, "trigger"))
          .isInstanceOf(FreshetException.class)
          .hasMessageContaining("cannot put triggers on")
          .hasMessageContaining("transactions keep it locked");
      assertThat(freshet.engine().status().capture()).isEqualTo("wal");
      assertThat(freshet.engine().status().captureReason()).isEmpty();
      holder.commit();
      freshet.follow("st");
      freshet.restartEngine();
      assertThat(freshet.engine().status().capture()).isEqualTo("wal");
    }
  }

  @Test
  void commandThatTakesLongIsNotCutOff() throws Exception {
    try (Freshet freshet = small(Map.of("cdc.mode", "wal"))) {
      freshet.sql(
          "CREATE FUNCTION nap(v int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS"
              + " 'BEGIN PERFORM pg_sleep(14); RETURN v; END'");
      Thread filling =
          Thread.ofVirtual().start(() -> freshet.create("slow", "SELECT id, nap(v) AS v FROM src"));
      await()
          .until(
              () ->
                  !freshet
                      .rows("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
                      .isEmpty());
      assertThatThrownBy(() -> choose(freshet, "trigger"))
          .isInstanceOf(FreshetException.class)
          .hasMessage("the engine goes on as before: a command that takes long is under way");
      filling.join();
      assertThat(freshet.engine().status().captureReason()).isEmpty();
      assertThat(freshet.rows("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'freshet_cap%'"))
          .as("nobody would read what they write")
          .isEmpty();
      freshet.sql("INSERT INTO src VALUES (2, 1)");
      freshet.follow("st");
    }
  }

  @Test
  void autoMovesToTheLogWhenTheServerComesBackWithIt() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (EmbeddedServer server = server("replica");
        Freshet freshet = Freshet.on((PostgresServer) server, Map.of("cdc.mode", "auto"))) {
      AlignmentRun.createStreamTables(freshet);
      freshet.engine().start();
      assertThat(freshet.engine().status().capture()).isEqualTo("trigger");
      assertThat(freshet.engine().status().captureReason())
          .isEqualTo("cdc.mode: auto, and wal_level = replica");
      assertThatThrownBy(() -> choose(freshet, "wal"))
          .isInstanceOf(FreshetException.class)
          .hasMessageContaining("the log cannot be read: wal_level = replica");
      try (Writers _ = Writers.start(freshet.database(), 3, seed)) {
        assertThat(freshet.audit()).as("seed %d", seed).allMatch(AuditReport::equal);
      }
      server.configure("wal_level", "logical");
      server.restart(ShutdownMode.FAST);
      try (Writers _ = Writers.start(freshet.database(), 3, seed + 1)) {
        awaitCapture(freshet, "wal");
        followedWithoutRefill(freshet, seed, "wal");
      }
      EngineStatus status = freshet.engine().status();
      assertThat(status.captureReason()).startsWith("cdc.mode: auto; trigger until ");
      assertThat(freshet.rows("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'freshet_cap%'"))
          .isEmpty();
      assertThat(freshet.rows("SELECT 1 FROM freshet.change_buffer")).isEmpty();
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
      assertThat(fullRefreshes(freshet)).as("seed %d", seed).isEmpty();
    }
  }

  /** PostgreSQL does not start without logical decoding while a logical slot exists. */
  @Test
  void autoGoesToTriggersWhenTheLogIsNotDecodedAnyMore() throws Exception {
    try (EmbeddedServer server = server("logical");
        Freshet freshet = on(server, Map.of("cdc.mode", "auto"))) {
      assertThat(freshet.engine().status().capture()).isEqualTo("wal");
      freshet.sql("CREATE TABLE other (id int)");
      server.stop(ShutdownMode.FAST);
      removeSlots(server);
      server.configure("wal_level", "replica");
      server.start();
      freshet.sql("INSERT INTO src VALUES (2, 1)");
      awaitCapture(freshet, "trigger");
      EngineStatus status = freshet.engine().status();
      assertThat(status.captureReason())
          .startsWith("cdc.mode: auto, and wal_level = replica; wal until ");
      assertThat(status.service().lastIncident().orElseThrow().cause())
          .contains("changes are captured by trigger from now on");
      assertThat(status.service().lastIncident().orElseThrow().outcome())
          .isEqualTo("1 of 1 stream tables are refilled");
      assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
      freshet.sql("INSERT INTO src VALUES (3, 1)");
      freshet.follow("st");
      assertThat(freshet.rows("SELECT n FROM st")).containsExactly("(3)");
    }
  }

  @Test
  void loweringTheLevelNeedsNoRefillWhenTriggersWereChosenBefore() throws Exception {
    try (EmbeddedServer server = server("logical");
        Freshet freshet = on(server, Map.of("cdc.mode", "auto"))) {
      choose(freshet, "trigger");
      freshet.sql("INSERT INTO src VALUES (2, 1)");
      server.configure("wal_level", "replica");
      server.restart(ShutdownMode.FAST);
      choose(freshet, "configured");
      freshet.sql("INSERT INTO src VALUES (3, 1)");
      freshet.follow("st");
      assertThat(freshet.engine().status().captureReason())
          .startsWith("cdc.mode: auto, and wal_level = replica");
      assertThat(fullRefreshes(freshet)).isEmpty();
    }
  }

  @Test
  void autoFollowsTheRightToReadTheLog() throws Exception {
    try (EmbeddedServer server = server("logical")) {
      var database = server.freshDatabase();
      database.execute(
          "CREATE ROLE keeper LOGIN REPLICATION",
          "GRANT CREATE ON DATABASE " + database.name() + " TO keeper",
          "GRANT ALL ON SCHEMA public TO keeper",
          "CREATE SCHEMA freshet AUTHORIZATION keeper",
          "CREATE TABLE src (id int PRIMARY KEY, v int)",
          "ALTER TABLE src OWNER TO keeper",
          "INSERT INTO src VALUES (1, 1)");
      var config =
          Freshet.configFor(database, Map.of("cdc.mode", "auto", "database.user", "keeper"));
      assertThat(Setup.init(config).checks()).noneMatch(check -> check.state() == Check.State.FAIL);
      try (Engine engine = Engine.open(config)) {
        engine.execute(
            new Command.Create(
                "st", "SELECT v, count(*) AS n FROM src GROUP BY v", Map.of(), false));
        database.execute(
            "ALTER ROLE keeper NOREPLICATION",
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots");
        await()
            .atMost(PATIENCE)
            .until(() -> engine.status().capture().equals("trigger") && engine.healthy());
        assertThat(engine.status().captureReason()).contains("has neither REPLICATION nor");
        database.execute("ALTER ROLE keeper REPLICATION");
        await()
            .atMost(PATIENCE)
            .until(() -> engine.status().capture().equals("wal") && engine.healthy());
        database.execute("INSERT INTO src VALUES (2, 1)");
        Reply.Audited audited = (Reply.Audited) engine.execute(new Command.Audit(List.of(), 5));
        assertThat(audited.reports()).isNotEmpty().allMatch(AuditReport::equal);
      }
    }
  }

  private static Freshet small(Map<String, String> settings) throws SQLException {
    return on(SharedServer.of(PgVersion.V18), settings);
  }

  private static Freshet on(PostgresServer server, Map<String, String> settings)
      throws SQLException {
    Freshet freshet = Freshet.on(server, settings);
    freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v int)", "INSERT INTO src VALUES (1, 1)");
    freshet.create(
        "st",
        "SELECT v, count(*) AS n FROM src GROUP BY v",
        Map.of("max-change-ratio", "1", "cost", "off"));
    return freshet;
  }

  private static EmbeddedServer server(String walLevel) {
    return EmbeddedServer.builder(PgVersion.V18)
        .setting("wal_level", walLevel)
        .setting("fsync", "off")
        .setting("shared_buffers", "32MB")
        .start();
  }

  private static void removeSlots(EmbeddedServer server) throws IOException {
    Path slots = server.dataDirectory().resolve("pg_replslot");
    try (Stream<Path> all = Files.walk(slots)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!path.equals(slots)) {
          Files.delete(path);
        }
      }
    }
  }

  private static void choose(Freshet freshet, String mode) {
    Reply reply = freshet.engine().execute(new Command.SwitchCapture(mode));
    assertThat(reply).isInstanceOf(Reply.Done.class);
  }

  private static void awaitCapture(Freshet freshet, String mode) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              EngineStatus status = freshet.engine().status();
              return status.capture().equals(mode) && status.source().equals("streaming");
            });
  }

  /** All refreshes since the stream tables were created, those of the change included. */
  private static void followedWithoutRefill(Freshet freshet, long seed, String mode)
      throws SQLException {
    assertThat(freshet.audit())
        .as("%s, seed %d", mode, seed)
        .isNotEmpty()
        .allMatch(AuditReport::equal)
        .noneMatch(audit -> audit.refresh().orElseThrow().mode() == Mode.FULL);
    assertThat(fullRefreshes(freshet)).as("%s, seed %d", mode, seed).isEmpty();
    assertThat(freshet.rows("SELECT 1 FROM freshet.frontier WHERE NOT valid")).isEmpty();
  }

  private static List<String> fullRefreshes(Freshet freshet) throws SQLException {
    return freshet.rows(
        "SELECT report FROM freshet.refresh_history WHERE upper(report ->> 'mode') = 'FULL'");
  }

  private static List<String> slots(Freshet freshet) throws SQLException {
    return freshet.rows(
        "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()");
  }
}
