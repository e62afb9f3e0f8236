package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Service;
import dev.freshet.engine.workload.Writers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two engines on one database: one serves, the other stands by and takes over, never both. */
@ExtendWith(FreshetExtension.class)
class StandbyTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /** "Within seconds", on a machine that runs other tests too. */
  private static final Duration TAKEOVER = Duration.ofSeconds(10);

  private static final String FRESHET_LOCKS =
      """
      locktype = 'advisory' AND classid = hashtext('freshet.engine')::oid AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database()) AND\s\
      """;

  private static final String ENGINE_LOCK =
      " FROM pg_locks WHERE " + FRESHET_LOCKS + "objid = 0 AND ";

  private Freshet freshet;

  @BeforeEach
  void makeStreamTable(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v int)", "INSERT INTO src VALUES (1, 1)");
    freshet.create("s", "SELECT id, v FROM src");
  }

  @Test
  void standbySaysSoAndTakesOverWithoutARefill() throws SQLException {
    try (Engine second = Engine.standBy(freshet.config())) {
      second.start();
      assertThat(second.status().service().state()).isEqualTo(Service.STANDING_BY);
      assertThat(second.status().service().cause())
          .contains("another Freshet engine serves database", "freshet (pid ");
      assertThatThrownBy(() -> refreshOn(second)).hasMessageContaining("another Freshet engine");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(freshet.engine().status().service().standbys())
                      .singleElement()
                      .asString()
                      .startsWith("freshet (pid "));
      freshet.sql("UPDATE src SET v = 2");
      freshet.engine().close();
      await().atMost(TAKEOVER).until(second::healthy);
      assertThat(refreshOn(second)).isEqualTo(Mode.INCREMENTAL);
      assertThat(freshet.rows("SELECT v FROM s")).containsExactly("(2)");
    }
    freshet.restartEngine();
  }

  private static Mode refreshOn(Engine engine) {
    return ((dev.freshet.engine.control.Reply.Refreshed)
            engine.execute(
                new dev.freshet.engine.control.Command.Refresh(
                    List.of("s"), java.util.Optional.of("incremental"))))
        .reports()
        .getFirst()
        .mode();
  }

  @Test
  void engineOfAnEarlierEpochMayNotRefresh() throws SQLException {
    freshet.sql("UPDATE src SET v = 2", "UPDATE freshet.engine SET epoch = epoch + 1");
    assertThatThrownBy(() -> freshet.refresh("s")).hasMessageContaining("another engine has taken");
    assertThatThrownBy(() -> freshet.create("t", "SELECT id FROM src"))
        .hasMessageContaining("another engine has taken");
    assertThat(freshet.rows("SELECT v FROM s")).containsExactly("(1)");
    freshet.restartEngine();
  }

  /**
   * The sessions of the locks are cut again and again, until the engines have changed places four
   * times while refreshes are under way. Frontiers are written by one epoch after the other, never
   * by two in turn.
   */
  @Test
  void twoEnginesNeverRefreshAtOnce() throws Exception {
    freshet.engine().close();
    AlignmentRun.createStreamTables(reopened(Map.of()));
    freshet.sql(
        "CREATE TABLE trace (n bigint GENERATED ALWAYS AS IDENTITY, epoch bigint)",
        """
        CREATE FUNCTION trace() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          INSERT INTO public.trace (epoch) VALUES (current_setting('freshet.epoch')::bigint);
          RETURN NULL;
        END $$
        """,
        "CREATE TRIGGER trace AFTER UPDATE ON freshet.frontier EXECUTE FUNCTION trace()");
    Map<String, String> eager = Map.of("refresh.schedule", "20ms");
    freshet.restartEngine(eager);
    freshet.engine().start();
    try (Engine second = Engine.standBy(Freshet.configFor(freshet.database(), eager));
        Writers _ = Writers.start(freshet.database(), 2, AlignmentRun.seed(getClass()))) {
      second.start();
      Engine serving = freshet.engine();
      for (int takeovers = 0; takeovers < 4; takeovers++) {
        Engine next = serving == second ? freshet.engine() : second;
        await()
            .atMost(PATIENCE)
            .until(
                () -> {
                  letBothAskForTheLock();
                  await().until(() -> freshet.engine().healthy() || second.healthy());
                  return next.healthy();
                });
        serving = next;
        String refreshed = "SELECT 1 FROM trace WHERE epoch >= " + epoch();
        await().atMost(PATIENCE).until(() -> !freshet.rows(refreshed).isEmpty());
      }
    }
    assertThat(
            freshet.rows(
                "SELECT n FROM (SELECT n, epoch < lag(epoch) OVER (ORDER BY n) AS back FROM trace)"
                    + " t WHERE back"))
        .as("a refresh of an earlier epoch after one of a later")
        .isEmpty();
    freshet.sql("DROP TRIGGER trace ON freshet.frontier");
    freshet.restartEngine();
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  private Freshet reopened(Map<String, String> settings) {
    freshet.restartEngine(settings);
    return freshet;
  }

  private long epoch() throws SQLException {
    return Long.parseLong(
        freshet.rows("SELECT epoch FROM freshet.engine").getFirst().replaceAll("[()]", ""));
  }

  /**
   * Cuts the session of the lock while a third one waits for it. The third one lets it go when both
   * engines have found it taken; then it is chance which of them has it.
   */
  private void letBothAskForTheLock() throws Exception {
    try (Connection third = freshet.database().connect();
        Statement statement = third.createStatement()) {
      FutureTask<Boolean> taking =
          new FutureTask<>(
              () -> statement.execute("SELECT pg_advisory_lock(hashtext('freshet.engine'), 0)"));
      Thread.startVirtualThread(taking);
      await().until(() -> !freshet.rows("SELECT 1" + ENGINE_LOCK + "NOT granted").isEmpty());
      freshet.sql("SELECT pg_terminate_backend(pid, 1000)" + ENGINE_LOCK + "granted");
      taking.get();
      await().until(() -> standingBy() == 2);
    }
    await().until(() -> standingBy() == 1);
  }

  private int standingBy() throws SQLException {
    return freshet
        .rows("SELECT 1 FROM pg_locks WHERE " + FRESHET_LOCKS + "objid = 1 AND granted")
        .size();
  }

  @Test
  void killedEngineIsFollowedWithinSeconds() throws Exception {
    freshet.engine().close();
    try (EngineProcess first = EngineProcess.launch(freshet.database(), Map.of()).awaitServing();
        Engine second = Engine.standBy(freshet.config())) {
      second.start();
      assertThat(second.healthy()).isFalse();
      freshet.sql("UPDATE src SET v = 2");
      first.kill();
      await().atMost(TAKEOVER).until(second::healthy);
      assertThat(refreshOn(second)).isEqualTo(Mode.INCREMENTAL);
    }
    freshet.restartEngine();
  }

  /** A stopped process keeps its connections: its sessions are ended by the one that stands by. */
  @Test
  void hungEngineIsEndedAndMayNotRefreshWhenItWakes() throws Exception {
    freshet.engine().close();
    Map<String, String> eager = Map.of("refresh.schedule", "20ms", "engine.takeover-after", "2s");
    try (EngineProcess first = EngineProcess.launch(freshet.database(), eager).awaitServing();
        Engine second = Engine.standBy(Freshet.configFor(freshet.database(), eager))) {
      second.start();
      first.pause();
      freshet.sql("UPDATE src SET v = 2");
      await().atMost(Duration.ofSeconds(2).plus(TAKEOVER)).until(second::healthy);
      long epoch = epoch();
      first.resume();
      await().atMost(PATIENCE).until(() -> second.status().service().standbys().size() == 1);
      freshet.sql("UPDATE src SET v = 3");
      await().atMost(PATIENCE).until(() -> freshet.rows("SELECT v FROM s").contains("(3)"));
      assertThat(epoch()).as("the one that woke stands by").isEqualTo(epoch);
      assertThat(second.healthy()).isTrue();
    }
    freshet.restartEngine();
  }
}
