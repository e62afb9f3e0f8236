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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A synchronous standby does not answer: commits are in the log, and decoded, long before they are
 * visible. Whoever does not ask for it ({@code synchronous_commit = local}) is not held up.
 */
class SilentStandbyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private EmbeddedServer server;

  @BeforeEach
  void startServer() {
    server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .setting("synchronous_commit", "local")
            .setting("synchronous_standby_names", "silent")
            .start();
  }

  @AfterEach
  void stopServer() {
    server.close();
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
  private List<AuditReport> aroundASilentStandby(Database database, Alignment alignment)
      throws Exception {
    database.execute(
        "CREATE TABLE a (id int PRIMARY KEY, k int)",
        "CREATE TABLE b (k int PRIMARY KEY, v text)",
        "INSERT INTO a VALUES (1, 1)",
        "INSERT INTO b VALUES (1, 'one'), (2, 'two')");
    try (Freshet freshet = Freshet.on(database, Map.of(), alignment)) {
      freshet.create("st", "SELECT a.id, b.v FROM a JOIN b ON a.k = b.k", Map.of("cost", "off"));
      Thread writer = Thread.ofVirtual().start(() -> writeSynchronously(database));
      await().atMost(PATIENCE).until(() -> freshet.status("st").pendingChanges() > 0);
      AuditReport early = freshet.audit().getFirst();
      release();
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

  /**
   * A transaction may be in the log before a new slot begins and yet not be visible: it waits for
   * its standby. Neither the slot nor the refill's snapshot has it.
   */
  @Test
  void commitBeforeANewSlotThatIsNotVisibleYetIsNotLost() throws Exception {
    try (Freshet own = Freshet.on(server, Map.of());
        Connection first = own.database().connect();
        Connection second = own.database().connect();
        Connection silent = own.database().connect()) {
      own.sql("CREATE TABLE a (id int PRIMARY KEY, v int)");
      own.create("st", "SELECT id, v FROM a");
      own.engine().close();
      SlotTest.drop(own, own.config().cdc().slotName());
      begin(first);
      Thread refill =
          Thread.ofVirtual()
              .start(
                  () -> {
                    own.restartEngine();
                    own.refresh("st");
                  });
      awaitSlotWaitingFor(own, first);
      begin(second);
      first.rollback();
      awaitSlotWaitingFor(own, second);
      Thread commit = Thread.ofVirtual().start(() -> commitSynchronously(silent));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  !own.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                      .isEmpty());
      second.rollback();
      refill.join(Duration.ofSeconds(3));
      release();
      refill.join();
      commit.join();
      assertThat(own.audit()).allMatch(AuditReport::equal);
      assertThat(own.rows("SELECT id FROM st")).containsExactly("(7)");
    }
  }

  @Test
  void engineClosesWithoutTheStandby() throws Exception {
    try (Freshet freshet = Freshet.on(server, Map.of())) {
      freshet.sql("CREATE TABLE a (id int PRIMARY KEY)");
      freshet.create("st", "SELECT id FROM a");
      freshet.engine().close();
      freshet.sql("ALTER DATABASE %s RESET ALL".formatted(freshet.database().name()));
      freshet.sql(
          "ALTER DATABASE %s SET synchronous_commit = on".formatted(freshet.database().name()));
      freshet.restartEngine();
      Thread closing = Thread.ofVirtual().start(freshet.engine()::close);
      assertThat(closing.join(PATIENCE)).isTrue();
    }
  }

  private void release() throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER SYSTEM SET synchronous_standby_names = ''");
      statement.execute("SELECT pg_reload_conf()");
    }
  }

  private static void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_current_xact_id()");
    }
  }

  private static void awaitSlotWaitingFor(Freshet own, Connection holder) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                !own.rows(
                        """
                        SELECT 1 FROM pg_stat_activity WHERE backend_type = 'walsender'
                          AND %d = ANY (pg_blocking_pids(pid))
                        """
                            .formatted(
                                holder.unwrap(org.postgresql.PGConnection.class).getBackendPID()))
                    .isEmpty());
  }

  private static void commitSynchronously(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = on");
      statement.execute("INSERT INTO a VALUES (7, 7)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
