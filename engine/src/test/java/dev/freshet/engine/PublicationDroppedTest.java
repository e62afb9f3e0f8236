package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Incident;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Service;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The publication goes away under a running engine. Before 18 the server cannot decode what was
 * written meanwhile, so the slot is of no more use even when the publication is there again.
 */
class PublicationDroppedTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String CREATE =
      "CREATE PUBLICATION freshet FOR TABLE a WITH (publish_via_partition_root = true)";

  private interface Script {
    void run(Freshet freshet) throws Exception;
  }

  private static void on(PgVersion version, Map<String, String> settings, Script script)
      throws Exception {
    try (Freshet freshet = Freshet.on(SharedServer.of(version), settings)) {
      freshet.sql(
          "CREATE TABLE a (id int PRIMARY KEY, v int)",
          "INSERT INTO a SELECT i, i FROM generate_series(1, 30) i");
      if (!freshet.config().cdc().managePublication()) {
        freshet.sql("ALTER PUBLICATION freshet ADD TABLE a");
      }
      freshet.create("st", "SELECT id, v FROM a");
      freshet.create("constant", "SELECT g AS id FROM generate_series(1, 3) g");
      script.run(freshet);
      freshet.refresh("st"); // with what is to be refilled
      freshet.sql("UPDATE a SET v = 1000 WHERE id = 3");
      freshet.follow("st");
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"V15", "V16", "V17"})
  void publicationAndSlotAreMadeAnewAndWhatTheyFedIsRefilled(PgVersion version) throws Exception {
    on(
        version,
        Map.of(),
        freshet -> {
          freshet.sql("DROP PUBLICATION freshet", "UPDATE a SET v = 100 WHERE id = 1");
          healed(freshet);
          assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
        });
  }

  @Test
  void serverThatSkipsWhatWasNotPublishedKeepsItsSlot() throws Exception {
    on(
        PgVersion.V18,
        Map.of(),
        freshet -> {
          freshet.sql("DROP PUBLICATION freshet", "UPDATE a SET v = 100 WHERE id = 1");
          assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
          assertThat(freshet.engine().status().service().reattachments()).isZero();
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"V15", "V17"})
  void publicationThatSomebodyMadeAgainAtOnce(PgVersion version) throws Exception {
    on(
        version,
        Map.of(),
        freshet -> {
          freshet.sql("DROP PUBLICATION freshet", "UPDATE a SET v = 100 WHERE id = 1", CREATE);
          healed(freshet);
        });
  }

  @Test
  void publicationThatWasRenamedForAMoment() throws Exception {
    on(
        PgVersion.V15,
        Map.of(),
        freshet -> {
          freshet.sql(
              "ALTER PUBLICATION freshet RENAME TO other",
              "UPDATE a SET v = 100 WHERE id = 1",
              "ALTER PUBLICATION other RENAME TO freshet");
          healed(freshet);
        });
  }

  @Test
  void whileTheEngineWasDown() throws Exception {
    on(
        PgVersion.V15,
        Map.of(),
        freshet -> {
          freshet.engine().close();
          freshet.sql("DROP PUBLICATION freshet", "UPDATE a SET v = 100 WHERE id = 1", CREATE);
          freshet.restartEngine();
          healed(freshet);
        });
  }

  @Test
  void whereItIsNotManagedTheStatementIsTold() throws Exception {
    on(
        PgVersion.V15,
        Map.of("cdc.manage-publication", "false"),
        freshet -> {
          freshet.sql("DROP PUBLICATION freshet", "UPDATE a SET v = 100 WHERE id = 1");
          waits(
              freshet,
              "publication freshet does not exist (cdc.manage-publication is false)",
              "CREATE PUBLICATION \"freshet\" FOR TABLE \"public\".\"a\""
                  + " WITH (publish_via_partition_root = true);");
          freshet.sql(CREATE);
          healed(freshet);
        });
  }

  @Test
  void roleThatMayNotMakeItIsToldWhatItNeeds() throws Exception {
    on(
        PgVersion.V15,
        Map.of(),
        freshet -> {
          String database = freshet.database().name();
          String role = "engine_" + database;
          freshet.sql(
              "CREATE ROLE %s SUPERUSER LOGIN REPLICATION".formatted(role),
              "GRANT ALL ON SCHEMA freshet, public TO %s".formatted(role),
              "GRANT ALL ON ALL TABLES IN SCHEMA freshet, public TO %s".formatted(role));
          freshet.restartEngine(Map.of("database.user", role));
          freshet.sql(
              "DROP PUBLICATION freshet",
              "ALTER ROLE %s NOSUPERUSER".formatted(role),
              "UPDATE a SET v = 100 WHERE id = 1");
          waits(
              freshet,
              "publication freshet does not exist, and role " + role + " may not create it",
              "GRANT CREATE ON DATABASE \"%s\" TO \"%s\"".formatted(database, role));
          freshet.sql("ALTER ROLE %s SUPERUSER".formatted(role));
          healed(freshet);
          freshet.restartEngine(Map.of());
          freshet.sql("DROP OWNED BY %s CASCADE".formatted(role), "DROP ROLE %s".formatted(role));
          freshet.sql(CREATE);
          freshet.restartEngine();
        });
  }

  private static void waits(Freshet freshet, String cause, String remedy) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Service service = freshet.engine().status().service();
              assertThat(service.state()).isEqualTo(Service.WAITING);
              assertThat(service.cause()).contains(cause);
              assertThat(service.remedy()).contains(remedy);
            });
  }

  private static void healed(Freshet freshet) throws SQLException {
    await().atMost(PATIENCE).until(() -> freshet.engine().status().service().reattachments() > 0);
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    Incident incident = freshet.engine().status().service().lastIncident().orElseThrow();
    assertThat(incident.cause()).contains("publication").containsAnyOf("was not there", "missing");
    assertThat(incident.outcome()).isEqualTo("1 of 2 stream tables are refilled");
  }
}
