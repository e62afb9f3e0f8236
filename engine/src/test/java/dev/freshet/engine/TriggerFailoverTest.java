package dev.freshet.engine;

import static dev.freshet.engine.Servers.awaitReplayed;
import static dev.freshet.engine.Servers.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.EmbeddedServerBuilder;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.ShutdownMode;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.refresh.Alignment;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The primary is lost while triggers capture changes: the buffers are ordinary tables, so they are
 * on the standby as far as its log goes, and so are the frontiers.
 */
class TriggerFailoverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private EmbeddedServer primary;
  private EmbeddedServer standby;
  private Freshet freshet;
  private Database moved;

  @BeforeEach
  void startBoth() throws Exception {
    primary = builder().setting("wal_level", "replica").start();
    query(primary, "postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
    primary.stop(ShutdownMode.FAST);
    standby =
        builder()
            .standbyOf(primary)
            .setting("wal_level", "replica")
            .setting("primary_slot_name", "standby")
            .setting("hot_standby_feedback", "on")
            .start();
    primary.start();
    freshet = Freshet.on(primary.freshDatabase(), settings(), Alignment.BY_SNAPSHOT);
    moved = new Database(standby, freshet.database().name());
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, v int)",
        "CREATE TABLE b (v int PRIMARY KEY, t text)",
        "INSERT INTO a SELECT i, i % 10 FROM generate_series(1, 100) i",
        "INSERT INTO b SELECT i, i::text FROM generate_series(0, 5) i");
    freshet.create("st", "SELECT a.id, b.t FROM a JOIN b USING (v)");
    freshet.create("counts", "SELECT v, count(*) AS n, sum(id) AS s FROM a GROUP BY v");
  }

  private static EmbeddedServerBuilder builder() {
    return EmbeddedServer.builder(PgVersion.V16)
        .setting("fsync", "off")
        .setting("shared_buffers", "32MB");
  }

  private Map<String, String> settings() {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("cdc.mode", "trigger");
    keys.put("refresh.cost", "off");
    keys.put("refresh.max-change-ratio", "1");
    keys.put(
        "database.host", "127.0.0.1:%d,127.0.0.1:%d".formatted(primary.port(), standby.port()));
    keys.put("database.connect-timeout", "2s");
    return keys;
  }

  @AfterEach
  void stopServers() {
    freshet.engine().close();
    standby.close();
    primary.close();
  }

  @Test
  void runningEngineGoesOnAtTheNewPrimaryWithoutARefill() throws Exception {
    freshet.sql("UPDATE a SET v = v + 1 WHERE id < 5", "INSERT INTO b VALUES (7, 'seven')");
    freshet.follow("st");
    freshet.sql("UPDATE a SET v = v + 1 WHERE id < 3");
    awaitReplayed(primary, standby);
    primary.crash();
    promote();
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    moved.execute("INSERT INTO a SELECT i, i % 10 FROM generate_series(101, 120) i");
    freshet.follow("st");
    freshet.follow("counts");
    assertThat(fullRefreshes()).isEmpty();
  }

  @Test
  void serverThatIsAwayForAWhileIsWaitedFor() throws Exception {
    awaitReplayed(primary, standby);
    freshet.engine().start();
    primary.stop(ShutdownMode.FAST);
    await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> !freshet.engine().healthy());
    primary.start();
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    freshet.sql("UPDATE a SET v = v + 1 WHERE id < 5");
    freshet.follow("st");
    freshet.follow("counts");
    assertThat(freshet.engine().status().service().reattachments()).isZero();
    assertThat(fullRefreshes()).isEmpty();
  }

  /** Transaction ids of what was lost are given again to others. */
  @Test
  void standbyThatWasBehindIsServedRightly() throws Exception {
    fallBehindAndPromote();
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
    moved.execute(
        "UPDATE a SET v = v + 2 WHERE id % 7 = 0",
        "DELETE FROM a WHERE id = 50",
        "INSERT INTO a SELECT i, i % 10 FROM generate_series(301, 320) i");
    assertThat(freshet.audit()).hasSize(2).allMatch(AuditReport::equal);
    moved.execute("UPDATE a SET v = v + 3 WHERE id % 5 = 0");
    freshet.follow("st");
    freshet.follow("counts");
  }

  /** A server restored to an earlier moment is the same to an engine that starts there. */
  @Test
  void engineThatStartsOnAnOlderCopyContinuesWithoutARefill() throws Exception {
    fallBehindAndPromote();
    freshet.engine().close();
    moved.execute(
        "UPDATE a SET v = v + 2 WHERE id % 7 = 0",
        "INSERT INTO a SELECT i, i % 10 FROM generate_series(301, 320) i");
    try (Engine engine = Engine.open(Freshet.configFor(freshet.database(), settings()))) {
      Reply.Audited audited = (Reply.Audited) engine.execute(new Command.Audit(List.of(), 5));
      assertThat(audited.reports()).hasSize(2).allMatch(AuditReport::equal);
    }
    assertThat(fullRefreshes()).isEmpty();
  }

  /** The standby lacks the last changes, and the last refreshes too. */
  private void fallBehindAndPromote() throws Exception {
    freshet.sql("UPDATE a SET v = v + 1 WHERE id < 5");
    awaitReplayed(primary, standby);
    standby.stop(ShutdownMode.FAST);
    for (int i = 0; i < 20; i++) {
      freshet.sql(
          "INSERT INTO a VALUES (%d, %d)".formatted(201 + i, i % 6),
          "UPDATE a SET v = v + 1 WHERE id = %d".formatted(20 + i));
    }
    freshet.follow("st");
    freshet.follow("counts");
    primary.crash();
    standby.start();
    promote();
  }

  private void promote() throws SQLException {
    query(standby, "postgres", "SELECT pg_promote()");
  }

  private String fullRefreshes() throws SQLException {
    return query(
        standby,
        moved.name(),
        "SELECT coalesce(string_agg(report::text, ' '), '') FROM freshet.refresh_history"
            + " WHERE upper(report ->> 'mode') = 'FULL'");
  }
}
