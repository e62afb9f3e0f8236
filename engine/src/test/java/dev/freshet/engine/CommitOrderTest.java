package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.refresh.Alignment;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Commits enter the log in one order and become visible in another. A delta of "all commits before
 * this position" is therefore not what the joined tables show, and the comparison in {@link
 * AlignmentTest} does notice it.
 *
 * <p>The server lets 5 ms pass between a commit's record and its flush ({@code commit_delay}), as a
 * slow disk would; only then does the commit become visible.
 */
class CommitOrderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static EmbeddedServer server;

  @BeforeAll
  static void startServer() {
    server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("commit_delay", "5000")
            .setting("commit_siblings", "0")
            .start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void commitsBeforeAPositionAreNotWhatTheSnapshotSees() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    Database database = server.freshDatabase();
    try (CommitOrderAlignment commitOrder = new CommitOrderAlignment(database);
        Freshet freshet = Freshet.on(database, Map.of(), commitOrder)) {
      AlignmentRun.createStreamTables(freshet);
      AlignmentRun run = new AlignmentRun(freshet, seed).untilOneDiffers(PATIENCE, 8);
      assertThat(run.differences())
          .as("a rule that is known to be wrong was not found out by %s", run)
          .isPositive();
    }
  }

  @Test
  void snapshotsStandTheSameLoad() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (Freshet freshet = Freshet.on(server, Map.of())) {
      AlignmentRun.createStreamTables(freshet);
      AlignmentRun run = new AlignmentRun(freshet, seed).during(Duration.ofSeconds(5), 8);
      assertThat(run.differing()).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void commitThatWaitsForItsStandbyIsWrongByCommitOrder() throws Exception {
    Database database = server.freshDatabase();
    try (CommitOrderAlignment commitOrder = new CommitOrderAlignment(database)) {
      assertThat(aroundASilentStandby(database, commitOrder))
          .as("taken for seen while invisible, the change is wrong at once or never comes")
          .anyMatch(audit -> !audit.equal());
    }
  }

  @Test
  void commitThatWaitsForItsStandbyStaysBuffered() throws Exception {
    List<AuditReport> audits = aroundASilentStandby(server.freshDatabase(), Alignment.BY_SNAPSHOT);
    assertThat(audits).allMatch(AuditReport::equal);
    assertThat(audits).extracting(AuditReport::rows).containsExactly(1L, 2L);
  }

  /**
   * Compares while a commit is in the log, decoded and invisible; and when it has become visible.
   */
  private static List<AuditReport> aroundASilentStandby(Database database, Alignment alignment)
      throws Exception {
    database.execute(
        "CREATE TABLE a (id int PRIMARY KEY, k int)",
        "CREATE TABLE b (k int PRIMARY KEY, v text)",
        "INSERT INTO a VALUES (1, 1)",
        "INSERT INTO b VALUES (1, 'one'), (2, 'two')",
        "ALTER DATABASE %s SET synchronous_commit = local".formatted(database.name()));
    try (Freshet freshet = Freshet.on(database, Map.of(), alignment)) {
      freshet.create("st", "SELECT a.id, b.v FROM a JOIN b ON a.k = b.k", Map.of("cost", "off"));
      Thread writer;
      AuditReport early;
      synchronousStandby("nobody");
      try {
        writer = Thread.ofVirtual().start(() -> writeSynchronously(database));
        await()
            .atMost(PATIENCE)
            .until(() -> freshet.engine().status().streamTables().getFirst().pendingChanges() > 0);
        early = freshet.audit().getFirst();
      } finally {
        synchronousStandby("");
      }
      writer.join();
      return List.of(early, freshet.audit().getFirst());
    }
  }

  private static void writeSynchronously(Database database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = on");
      statement.execute(
          "WITH moved AS (UPDATE a SET k = 2 WHERE id = 1) INSERT INTO a VALUES (2, 1)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void synchronousStandby(String name) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = local");
      statement.execute("ALTER SYSTEM SET synchronous_standby_names = '" + name + "'");
      statement.execute("SELECT pg_reload_conf()");
    }
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try (Connection connection = server.connect("postgres");
                  Statement statement = connection.createStatement();
                  var row = statement.executeQuery("SHOW synchronous_standby_names")) {
                return row.next() && row.getString(1).equals(name);
              }
            });
  }
}
