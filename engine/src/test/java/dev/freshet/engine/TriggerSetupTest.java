package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.setup.Check;
import dev.freshet.engine.setup.Doctor;
import dev.freshet.engine.setup.Setup;
import dev.freshet.engine.setup.SetupReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Set-up, status, doctor and removal where changes come from triggers. */
class TriggerSetupTest {
  private Freshet freshet;

  @BeforeEach
  void makeStreamTable() throws Exception {
    freshet = Freshet.on(SharedServer.of(PgVersion.V18), Map.of("cdc.mode", "trigger"));
    freshet.sql(
        "CREATE TABLE src (id int PRIMARY KEY, v int, note text)",
        "INSERT INTO src VALUES (1, 1), (2, 2)");
    freshet.create("st", "SELECT v, count(*) AS n FROM src GROUP BY v");
  }

  @AfterEach
  void drop() throws Exception {
    freshet.close();
  }

  @Test
  void initMakesTheSchemaAloneAndNeedsNoLog() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase()) {
      SetupReport report = Setup.init(Freshet.configFor(database, Map.of("cdc.mode", "trigger")));
      assertThat(report.ready()).isTrue();
      assertThat(report.checks())
          .extracting(Check::name)
          .containsExactly("version", "capture", "schema freshet");
    }
  }

  @Test
  void doctorAndStatusSpeakOfTriggers() {
    EngineStatus status = freshet.engine().status();
    assertThat(status.capture()).isEqualTo("trigger");
    assertThat(status.source()).isEqualTo("streaming");
    assertThat(status.slot()).isEmpty();
    assertThat(status.publication()).isEmpty();
    freshet.engine().start();
    List<Check> checks = Doctor.examine(freshet.config()).checks();
    assertThat(checks).noneMatch(check -> check.state() == Check.State.FAIL);
    assertThat(checks)
        .extracting(check -> check.name() + ": " + check.detail())
        .contains("source public.src: readable, captured by triggers")
        .noneMatch(text -> text.contains("replica identity") || text.contains("walsender"));
  }

  @Test
  void keyThatMeansNothingIsNamed() throws Exception {
    assertThat(
            UnusedKeys.of(
                Freshet.configFor(
                    freshet.database(),
                    Map.of("cdc.mode", "trigger", "cdc.manage-replica-identity", "false"))))
        .containsExactly("cdc.manage-replica-identity has no effect with cdc.mode: trigger");
    assertThat(UnusedKeys.of(freshet.config())).isEmpty();
  }

  @Test
  void disabledTriggerIsNoticedAndHealedByARefill() throws Exception {
    freshet.sql(
        "ALTER TABLE src DISABLE TRIGGER ALL",
        "INSERT INTO src VALUES (3, 3)",
        "ALTER TABLE src ENABLE TRIGGER ALL");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql("INSERT INTO src VALUES (4, 3)");
    freshet.follow("st");
  }

  @Test
  void columnNeededByAnotherStreamTableIsCapturedToo() throws Exception {
    freshet.sql("UPDATE src SET v = 5 WHERE id = 1");
    freshet.create("wide", "SELECT id, note FROM src");
    freshet.sql("UPDATE src SET note = 'x', v = 6 WHERE id = 2");
    freshet.follow("wide");
    freshet.follow("st");
    freshet.engine().execute(new Command.Drop("wide", false));
    freshet.sql("DELETE FROM src WHERE id = 2");
    freshet.follow("st");
  }

  @Test
  void renamedColumnFailsNoWriterAndOnlyWhoNeedsIt() throws Exception {
    freshet.create("ids", "SELECT id FROM src");
    freshet.sql("ALTER TABLE src RENAME v TO w", "INSERT INTO src VALUES (7, 7)");
    assertThatThrownBy(() -> freshet.refresh("st")).isInstanceOf(FreshetException.class);
    freshet.follow("ids");
    freshet.sql("ALTER TABLE src RENAME w TO v", "INSERT INTO src VALUES (8, 7)");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql("INSERT INTO src VALUES (9, 7)");
    freshet.follow("st");
  }

  @Test
  void lastStreamTableTakesTriggersAndBuffersAlong() throws Exception {
    freshet.engine().execute(new Command.Drop("st", false));
    assertThat(
            freshet.rows(
                """
                SELECT tgname::text FROM pg_trigger WHERE tgname LIKE 'freshet%'
                UNION ALL SELECT relname FROM pg_class WHERE relname LIKE 'changes\\_%'
                UNION ALL SELECT proname FROM pg_proc WHERE proname LIKE 'capture\\_%'\
                """))
        .isEmpty();
    freshet.sql("INSERT INTO src VALUES (10, 10)");
  }

  @Test
  void roleThatDoesNotOwnTheSourceIsToldWhatToRun() throws Exception {
    String role = "tr_" + freshet.database().name();
    freshet.sql(
        "CREATE ROLE " + role + " LOGIN",
        "GRANT CREATE ON DATABASE " + freshet.database().name() + " TO " + role,
        "GRANT CREATE ON SCHEMA public TO " + role,
        "GRANT SELECT ON src TO " + role,
        "GRANT ALL ON SCHEMA freshet TO " + role,
        "GRANT ALL ON ALL TABLES IN SCHEMA freshet TO " + role);
    try {
      freshet.engine().execute(new Command.Drop("st", false));
      freshet.restartEngine(Map.of("database.user", role));
      assertThatThrownBy(() -> freshet.create("mine", "SELECT id, v FROM src"))
          .isInstanceOfSatisfying(
              FreshetException.class,
              refusal ->
                  assertThat(refusal.remedy())
                      .contains("GRANT <owner of the source>")
                      .contains("ENABLE ALWAYS TRIGGER freshet_capture_insert"));
    } finally {
      freshet.engine().close();
      freshet.restartEngine(Map.of());
      freshet.sql("DROP OWNED BY " + role, "DROP ROLE " + role);
    }
  }
}
