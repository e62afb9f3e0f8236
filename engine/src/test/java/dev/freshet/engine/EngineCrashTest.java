package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.Lsn;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.workload.Shop;
import dev.freshet.engine.workload.Writers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The engine is killed at any instant, and what it left continues where the durable frontiers
 * stand: nothing lost, nothing applied twice, nothing refilled.
 */
class EngineCrashTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Map<String, String> CONTINUOUS =
      Map.of("refresh.schedule", "continuous", "refresh.debounce", "1ms");

  private Database database;
  private Freshet freshet;

  private Map<String, String> mode = Map.of();

  @BeforeEach
  void makeDatabase() throws Exception {
    freshet = Freshet.on(SharedServer.of(PgVersion.V18), Map.of());
    database = freshet.database();
  }

  private Map<String, String> continuous() {
    Map<String, String> settings = new HashMap<>(CONTINUOUS);
    settings.putAll(mode);
    return settings;
  }

  @AfterEach
  void dropDatabase() throws Exception {
    freshet.close();
  }

  @Test
  void killedAtRandomMomentsItLosesNothing() throws Exception {
    killedAtRandomMoments();
  }

  @Test
  void norDoesOneWithTriggers() throws Exception {
    mode = Map.of("cdc.mode", "trigger");
    freshet.restartEngine(mode);
    killedAtRandomMoments();
  }

  private void killedAtRandomMoments() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    Random random = new Random(seed);
    Shop.open(database);
    for (Map.Entry<String, String> view : Shop.queries().entrySet()) {
      freshet.create(
          view.getKey(), view.getValue(), Map.of("max-change-ratio", "1", "cost", "off"));
    }
    freshet.engine().close();
    String created = freshet.rows("SELECT clock_timestamp()").getFirst();
    int rounds = Integer.getInteger("freshet.crash.rounds", 5);
    try (Writers _ = Writers.start(database, 4, seed)) {
      for (int round = 0; round < rounds; round++) {
        EngineProcess process = EngineProcess.launch(database, continuous());
        if (round % 3 != 2) {
          process.awaitServing();
        }
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(1500)).toNanos());
        process.kill();
      }
    }
    String refreshed =
        "SELECT 1 FROM freshet.frontier WHERE refreshed_at > trim('()\"' from '%s')::timestamptz";
    assertThat(freshet.rows(refreshed.formatted(created)))
        .as("the killed engines did refresh")
        .isNotEmpty();
    freshet.restartEngine();
    List<AuditReport> audits = freshet.audit();
    assertThat(audits).hasSize(Shop.queries().size()).allMatch(AuditReport::equal);
    assertThat(audits)
        .as("continued from the log, not refilled; seed %d", seed)
        .noneMatch(audit -> audit.refresh().orElseThrow().mode() == Mode.FULL);
    assertThat(freshet.rows("SELECT * FROM freshet.meta WHERE key = 'last_refill_reason'"))
        .isEmpty();
  }

  @Test
  void killedWhileFillingItLeavesNoHalfTable() throws Exception {
    freshet.sql(
        "CREATE TABLE src (id int PRIMARY KEY, g int, v int)",
        "INSERT INTO src SELECT i, i % 1000, i FROM generate_series(1, 300000) i");
    freshet.engine().close();
    String query = "SELECT a.id, a.v + b.v AS v FROM src a JOIN src b ON a.id = b.id";
    EngineProcess process = EngineProcess.launch(database, CONTINUOUS).awaitServing();
    Thread client =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (EngineClient asking = EngineClient.connect(freshet.config())) {
                    asking.execute(new Command.Create("st", query, Map.of(), false));
                  } catch (FreshetException e) {
                    assertThat(e.kind()).isNotNull();
                  }
                });
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () ->
                !freshet
                    .rows(
                        """
                        SELECT pid FROM pg_stat_activity WHERE state = 'active'
                          AND datname = current_database() AND application_name = 'freshet'
                          AND query ~ 'INSERT INTO "?public"?."?st'
                        """)
                    .isEmpty());
    process.kill();
    client.join();
    freshet.restartEngine();
    List<AuditReport> audits = freshet.audit();
    assertThat(audits).allMatch(AuditReport::equal);
    if (audits.isEmpty()) {
      assertThat(freshet.rows("SELECT to_regclass('public.st')")).containsExactly("()");
      freshet.create("st", query);
    }
    assertThat(freshet.audit()).singleElement().matches(audit -> audit.rows() == 300_000);
  }

  @Test
  void slotIsNotConfirmedPastWhatAFrontierNeeds() throws Exception {
    freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v text)", "CREATE TABLE other (v text)");
    freshet.create("st", "SELECT id, v FROM src");
    Lsn before = insertPosition();
    freshet.sql(
        "INSERT INTO other SELECT repeat('x', 1000) FROM generate_series(1, 3000)",
        "INSERT INTO src VALUES (1, 'needed')");
    Lsn needed = insertPosition();
    freshet.sql("INSERT INTO other SELECT repeat('x', 1000) FROM generate_series(1, 3000)");
    awaitConfirmedBeyond(before);
    await().atMost(PATIENCE).until(() -> freshet.status("st").lagBytes() > 3_000_000);
    assertThat(confirmed()).isLessThan(needed);

    EngineProcess process = EngineProcess.launch(database, Map.of());
    freshet.engine().close();
    process.awaitServing().kill();
    freshet.restartEngine();
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(freshet.rows("SELECT * FROM st")).containsExactly("(1,needed)");
    freshet.sql("INSERT INTO other SELECT repeat('x', 1000) FROM generate_series(1, 3000)");
    awaitConfirmedBeyond(needed);
  }

  private void awaitConfirmedBeyond(Lsn position) {
    await().atMost(PATIENCE).until(() -> confirmed().isAfter(position));
  }

  private Lsn insertPosition() throws Exception {
    return Lsn.parse(unwrap(freshet.rows("SELECT pg_current_wal_insert_lsn()")));
  }

  private Lsn confirmed() throws Exception {
    return Lsn.parse(
        unwrap(
            freshet.rows(
                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '%s'"
                    .formatted(freshet.config().cdc().slotName()))));
  }

  private static String unwrap(List<String> row) {
    return row.getFirst().substring(1, row.getFirst().length() - 1);
  }

  @Test
  void stoppedAmidRefreshesItContinues() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    AlignmentRun.createStreamTables(freshet);
    List<String> names = List.copyOf(Shop.queries().keySet());
    try (Writers _ = Writers.start(database, 4, seed)) {
      for (int round = 0; round < 4; round++) {
        Engine engine = freshet.engine();
        List<Thread> refreshing = new ArrayList<>();
        for (String name : names.subList(0, 4)) {
          refreshing.add(Thread.ofVirtual().start(() -> refreshUntilClosed(engine, name)));
        }
        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        freshet.restartEngine();
        for (Thread thread : refreshing) {
          thread.join();
        }
      }
    }
    assertThat(freshet.audit())
        .allMatch(AuditReport::equal)
        .noneMatch(audit -> audit.refresh().orElseThrow().mode() == Mode.FULL);
  }

  private static void refreshUntilClosed(Engine engine, String name) {
    try {
      while (true) {
        engine.execute(new Command.Refresh(List.of(name), Optional.empty()));
      }
    } catch (FreshetException e) {
      assertThat(e.kind()).isNotNull();
    }
  }
}
