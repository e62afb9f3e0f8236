package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.refresh.Alignment;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the role may see changes: row-level security, privileges, schemas. */
class RoleTest {
  private Database database;
  private String role;
  private Freshet freshet;
  private Answers answer;

  @BeforeEach
  void make() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    role = "role_" + database.name();
    database.execute(
        "CREATE ROLE " + role + " LOGIN REPLICATION",
        "CREATE SCHEMA freshet AUTHORIZATION " + role,
        "CREATE SCHEMA live AUTHORIZATION " + role,
        "CREATE SCHEMA shop",
        "GRANT USAGE ON SCHEMA shop TO " + role,
        "CREATE TABLE shop.a (id int PRIMARY KEY, v int)",
        "CREATE TABLE b (id int PRIMARY KEY, v int)",
        "INSERT INTO shop.a SELECT i, i FROM generate_series(1, 30) i",
        "INSERT INTO b SELECT i, i FROM generate_series(1, 30) i",
        "GRANT SELECT ON shop.a, b TO " + role,
        "ALTER TABLE shop.a REPLICA IDENTITY FULL",
        "CREATE POLICY few ON shop.a USING (id < 10)");
    try (Connection own = database.server().connect(database.name(), role, "")) {
      CatalogSchema.install(own);
    }
    freshet =
        Freshet.on(
            database,
            Map.of(
                "database.user",
                role,
                "cdc.manage-publication",
                "false",
                "cdc.manage-replica-identity",
                "false"),
            Alignment.BY_SNAPSHOT);
    database.execute("ALTER PUBLICATION freshet ADD TABLE shop.a, b");
    answer = new Answers(freshet);
  }

  @AfterEach
  void drop() throws SQLException {
    freshet.engine().close();
    database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role);
    database.close();
  }

  private void createAll() {
    answer.create("live.rows", "SELECT id, v FROM shop.a");
    answer.create("live.total", "SELECT sum(v) AS v FROM shop.a");
    answer.create("live.others", "SELECT id, v FROM b");
  }

  @Test
  void rowLevelSecurityThatMayHideRowsIsNotOverlooked() throws SQLException {
    createAll();
    String cause =
        "failed: row-level security of shop.a may hide rows from the role %s, while changes of all rows come from the log"
            .formatted(role);
    assertThat(answer.to("ALTER TABLE shop.a ENABLE ROW LEVEL SECURITY"))
        .containsExactly("live.rows: " + cause, "live.total: " + cause);
    assertThat(freshet.status("live.rows").stateReason())
        .contains("hint: let the role see every row: ALTER ROLE \"%s\" BYPASSRLS".formatted(role));
    assertThatThrownBy(() -> answer.create("live.more", "SELECT count(*) FROM shop.a"))
        .isInstanceOf(FreshetException.class)
        .hasMessageContaining("row-level security of shop.a")
        .extracting(e -> ((FreshetException) e).kind())
        .isEqualTo(Kind.MISSING_PRIVILEGE);
    assertThat(
            answer.to(
                "UPDATE shop.a SET v = 1 WHERE id = 20", "ALTER ROLE %s BYPASSRLS".formatted(role)))
        .containsExactly("live.rows: full", "live.total: full");
    assertThat(answer.to("UPDATE shop.a SET v = 2 WHERE id = 20")).isEmpty();
    assertThat(answer.to("ALTER TABLE shop.a DISABLE ROW LEVEL SECURITY")).isEmpty();
  }

  @Test
  void revokedSelectStopsWhatNeedsItUntilItIsGranted() throws SQLException {
    createAll();
    String cause = "failed: the role %s may not read shop.a".formatted(role);
    assertThat(
            answer.to(
                "REVOKE SELECT ON shop.a FROM " + role, "UPDATE shop.a SET v = 7 WHERE id = 1"))
        .containsExactly("live.rows: " + cause, "live.total: " + cause);
    assertThat(freshet.status("live.rows").stateReason())
        .contains("hint: run: GRANT SELECT ON \"shop\".\"a\" TO \"%s\";".formatted(role));
    assertThat(answer.to("GRANT SELECT ON shop.a TO " + role))
        .containsExactly("live.rows: full", "live.total: full");
    assertThat(answer.to("REVOKE USAGE ON SCHEMA shop FROM " + role))
        .containsExactly(
            "live.rows: failed: cannot analyse the defining query: permission denied for schema"
                + " shop",
            "live.total: failed: cannot analyse the defining query: permission denied for schema"
                + " shop");
    assertThat(answer.to("GRANT USAGE ON SCHEMA shop TO " + role))
        .containsExactly("live.rows: full", "live.total: full");
  }

  @Test
  void membersOfOneGraphFailAlone() throws SQLException {
    createAll();
    answer.create(
        "live.both", "SELECT r.id, r.v + o.v AS v FROM live.rows r JOIN live.others o USING (id)");
    assertThat(
            answer.to(
                "REVOKE SELECT ON shop.a FROM " + role,
                "UPDATE shop.a SET v = 7 WHERE id = 1",
                "UPDATE b SET v = 8 WHERE id = 1"))
        .filteredOn(line -> line.startsWith("live.others"))
        .isEmpty();
    assertThat(freshet.status("live.others").state()).isEqualTo("active");
    assertThat(freshet.status("live.both").state()).isEqualTo("waiting");
    freshet.sql("GRANT SELECT ON shop.a TO " + role);
    answer.to();
    assertThat(answer.to("UPDATE shop.a SET v = 9 WHERE id = 1")).isEmpty();
    assertThat(freshet.status("live.both").state()).isEqualTo("active");
  }

  /** Different causes at once, all gone: the engine finds out by itself. */
  @Test
  void allGoOnByThemselvesWhenTheCausesAreGone() throws SQLException {
    createAll();
    freshet.restartEngine(
        Map.of(
            "database.user", role,
            "cdc.manage-publication", "false",
            "cdc.manage-replica-identity", "false",
            "refresh.schedule", "20ms"));
    freshet.engine().start();
    freshet.sql(
        "REVOKE SELECT ON shop.a FROM " + role,
        "ALTER PUBLICATION freshet DROP TABLE b",
        "UPDATE shop.a SET v = 0 WHERE id = 1",
        "UPDATE b SET v = 0 WHERE id = 1");
    untilStatesAre("failed", "failed", "failed");
    freshet.sql("GRANT SELECT ON shop.a TO " + role, "ALTER PUBLICATION freshet ADD TABLE b");
    untilStatesAre("active", "active", "active");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> freshet.rows("SELECT v FROM live.others WHERE id = 1").equals(List.of("(0)")));
    assertThat(freshet.rows("SELECT v FROM live.rows WHERE id = 1")).containsExactly("(0)");
  }

  /** Without a single row event: writers would be refused until it is set right. */
  @Test
  void lostReplicaIdentityIsToldBeforeAnybodyWrites() throws SQLException {
    createAll();
    freshet.restartEngine(
        Map.of(
            "database.user", role,
            "cdc.manage-publication", "false",
            "cdc.manage-replica-identity", "false",
            "refresh.schedule", "20ms"));
    freshet.engine().start();
    freshet.sql("ALTER TABLE shop.a REPLICA IDENTITY NOTHING");
    untilStatesAre("active", "failed", "failed");
    assertThat(freshet.status("live.total").stateReason())
        .contains("replica identity of shop.a is NOTHING")
        .contains("ALTER TABLE \"shop\".\"a\" REPLICA IDENTITY FULL;");
    freshet.sql("ALTER TABLE shop.a REPLICA IDENTITY FULL");
    untilStatesAre("active", "active", "active");
  }

  private void untilStatesAre(String others, String rows, String total) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        List.of(
                            freshet.status("live.others").state(),
                            freshet.status("live.rows").state(),
                            freshet.status("live.total").state()))
                    .isEqualTo(List.of(others, rows, total)));
  }
}
