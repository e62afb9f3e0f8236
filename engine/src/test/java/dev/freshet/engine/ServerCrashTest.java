package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.ShutdownMode;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.workload.Shop;
import dev.freshet.engine.workload.Writers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL goes away under a running engine, as a whole or by connections, and comes back. */
class ServerCrashTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private EmbeddedServer server;
  private Freshet freshet;
  private long seed;
  private Random random;

  @BeforeEach
  void startServer() throws Exception {
    seed = AlignmentRun.seed(getClass());
    random = new Random(seed);
    server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .start();
    freshet =
        Freshet.on(server, Map.of("refresh.schedule", "20ms", "database.connect-timeout", "2s"));
    AlignmentRun.createStreamTables(freshet);
    freshet.engine().start();
  }

  @AfterEach
  void stopServer() throws Exception {
    try {
      freshet.engine().close();
    } finally {
      server.close();
    }
  }

  @Test
  void survivesRestartsOfTheServer() throws Exception {
    try (Writers _ = Writers.start(freshet.database(), 4, seed)) {
      pause();
      server.restart(ShutdownMode.FAST);
      pause();
      server.restart(ShutdownMode.IMMEDIATE);
      pause();
      server.crash();
      pause();
      server.start();
      pause();
    }
    everythingIsEqual();
  }

  @Test
  void survivesACrashThatTakesItsOwnCommits() throws Exception {
    execute(
        "ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM SET wal_writer_delay = '2s'");
    execute("SELECT pg_reload_conf()");
    for (int round = 0; round < 2; round++) {
      try (Writers _ = Writers.start(freshet.database(), 4, seed + round)) {
        pause();
        server.crash();
        server.start();
      }
      everythingIsEqual();
    }
  }

  @Test
  void survivesTheLossOfAnyConnection() throws Exception {
    try (Writers _ = Writers.start(freshet.database(), 4, seed)) {
      for (int round = 0; round < 12; round++) {
        LockSupport.parkNanos(Duration.ofMillis(50 + random.nextInt(250)).toNanos());
        execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'freshet' AND datname = '%s' AND (%s)
            """
                .formatted(
                    freshet.database().name(),
                    switch (round % 3) {
                      case 0 -> "backend_type = 'walsender'";
                      case 1 -> "backend_type = 'client backend' AND random() < 0.5";
                      default -> "true";
                    }));
      }
    }
    everythingIsEqual();
  }

  /**
   * A refresh that was undone is not durable, however far the log has moved since. Were the slot
   * confirmed past it, nobody would notice after a restart of the engine.
   */
  @Test
  void slotIsNotConfirmedPastAFrontierThatTheCrashUndid() throws Exception {
    freshet.engine().close();
    server.stop(ShutdownMode.FAST);
    server.configure("wal_writer_delay", "10s");
    server.configure("wal_writer_flush_after", "1GB");
    server.start();
    freshet.restartEngine(Map.of("refresh.schedule", "manual"));
    freshet.sql(
        "CREATE TABLE src (id int PRIMARY KEY)",
        "CREATE TABLE filler (v text)",
        "CREATE PUBLICATION fillers FOR TABLE filler");
    freshet.create("st", "SELECT id FROM src");
    int rows = 0;
    do {
      await().atMost(PATIENCE).until(freshet.engine()::healthy);
      freshet.sql("INSERT INTO src VALUES (%d)".formatted(++rows));
      freshet.refresh("st");
      server.crash();
      server.start();
    } while (freshet.rows("SELECT id FROM st").size() == rows);
    String undone = freshet.rows("SELECT pg_current_wal_insert_lsn()").getFirst();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              freshet.sql(
                  "INSERT INTO filler SELECT repeat('x', 900) FROM generate_series(1, 900)");
              return freshet
                  .rows(
                      """
                      SELECT confirmed_flush_lsn > '%s'::pg_lsn
                        OR EXISTS (SELECT FROM freshet.frontier WHERE NOT valid)
                      FROM pg_replication_slots WHERE slot_name = '%s'
                      """
                          .formatted(
                              undone.substring(1, undone.length() - 1),
                              freshet.config().cdc().slotName()))
                  .contains("(t)");
            });
    freshet.restartEngine();
    assertThat(audit("st").differences()).isEmpty();
  }

  private void pause() {
    LockSupport.parkNanos(Duration.ofMillis(500 + random.nextInt(700)).toNanos());
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Once the engine has come back; a difference fails at once, an unreachable server does not. */
  private void everythingIsEqual() {
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    for (String name : Shop.queries().keySet()) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                AuditReport report = audit(name);
                assertThat(report.differences()).as("%s, seed %d", name, seed).isEmpty();
                assertThat(report.error()).isEmpty();
              });
    }
  }

  private AuditReport audit(String name) {
    return ((Reply.Audited) freshet.engine().execute(new Command.Audit(List.of(name), 3)))
        .reports()
        .getFirst();
  }
}
