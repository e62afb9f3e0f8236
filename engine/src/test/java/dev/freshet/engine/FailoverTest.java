package dev.freshet.engine;

import static dev.freshet.engine.Servers.awaitReplayed;
import static dev.freshet.engine.Servers.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.ShutdownMode;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Incident;
import dev.freshet.engine.refresh.Alignment;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The primary is lost and its standby promoted; the running engine, which knows both by name, goes
 * on there: without a refill where the slot was synchronised, and else with one that it tells.
 */
class FailoverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private EmbeddedServer primary;
  private EmbeddedServer standby;
  private Freshet freshet;
  private Database moved;

  @AfterEach
  void stopServers() {
    freshet.engine().close();
    standby.close();
    primary.close();
  }

  @Test
  void synchronisedSlotIsContinuedWithoutARefill() throws Exception {
    startBoth(PgVersion.V17, Map.of());
    awaitSynchronised();
    freshet.sql("UPDATE a SET v = v + 1 WHERE id < 5", "INSERT INTO b VALUES (7, 'seven')");
    awaitReplayed(primary, standby);
    failOver();
    Incident incident = freshet.engine().status().service().lastIncident().orElseThrow();
    assertThat(incident.cause()).contains("timeline changed from 1 to 2", "came along");
    assertThat(incident.outcome()).isEqualTo("no stream table has to be refilled");
    freshet.follow("st");
    moved.execute("INSERT INTO a SELECT i, i % 10 FROM generate_series(101, 120) i");
    freshet.follow("st");
  }

  @Test
  void slotThatStayedBehindIsMadeAnewAndEverythingRefilled() throws Exception {
    startBoth(PgVersion.V16, Map.of());
    freshet.sql("UPDATE a SET v = v + 1 WHERE id < 5");
    awaitReplayed(primary, standby);
    failOver();
    Incident incident = freshet.engine().status().service().lastIncident().orElseThrow();
    assertThat(incident.cause()).contains("was missing", "timeline changed from 1 to 2");
    assertThat(incident.outcome()).isEqualTo("1 of 1 stream tables are refilled");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    moved.execute("INSERT INTO a SELECT i, i % 10 FROM generate_series(101, 120) i");
    freshet.follow("st");
  }

  private void startBoth(PgVersion version, Map<String, String> settings) throws Exception {
    boolean synchronises = version.compareTo(PgVersion.V17) >= 0;
    primary =
        EmbeddedServer.builder(version)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .start();
    query(primary, "postgres", "SELECT pg_create_physical_replication_slot('standby', true)");
    if (synchronises) {
      primary.configure("synchronized_standby_slots", "standby");
    }
    primary.stop(ShutdownMode.FAST);
    var builder =
        EmbeddedServer.builder(version)
            .standbyOf(primary)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .setting("primary_slot_name", "standby")
            .setting("hot_standby_feedback", "on")
            .setting("wal_receiver_status_interval", "1");
    standby = (synchronises ? builder.setting("sync_replication_slots", "on") : builder).start();
    primary.start();
    Map<String, String> keys = new java.util.LinkedHashMap<>(settings);
    keys.put(
        "database.host", "127.0.0.1:%d,127.0.0.1:%d".formatted(primary.port(), standby.port()));
    keys.put("database.connect-timeout", "2s");
    keys.put("cdc.status-interval", "100ms");
    freshet = Freshet.on(primary.freshDatabase(), keys, Alignment.BY_SNAPSHOT);
    moved = new Database(standby, freshet.database().name());
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, v int)",
        "CREATE TABLE b (v int PRIMARY KEY, t text)",
        "INSERT INTO a SELECT i, i % 10 FROM generate_series(1, 100) i",
        "INSERT INTO b SELECT i, i::text FROM generate_series(0, 5) i");
    freshet.create("st", "SELECT a.id, b.t FROM a JOIN b USING (v)");
  }

  /**
   * The standby has the slot, and the limit that lets it trust the slot's position. A slot is
   * synchronised once it has moved on: that takes log, and the server's word on what is running.
   */
  private void awaitSynchronised() {
    String database = freshet.database().name();
    await()
        .ignoreExceptions()
        .atMost(PATIENCE)
        .until(
            () -> {
              freshet.sql(
                  "SELECT pg_logical_emit_message(false, 'x', repeat('x', 2000000))",
                  "SELECT pg_log_standby_snapshot()");
              return query(
                      standby,
                      database,
                      """
                      SELECT coalesce(bool_or(synced AND NOT temporary
                        AND confirmed_flush_lsn <= confirm_limit), false)
                      FROM pg_replication_slots, freshet.slot WHERE slot_name = name
                      """)
                  .equals("t");
            });
  }

  private void failOver() throws Exception {
    primary.crash();
    query(standby, "postgres", "SELECT pg_promote()");
    await().atMost(PATIENCE).until(() -> freshet.engine().status().service().reattachments() > 0);
    await().atMost(PATIENCE).until(freshet.engine()::healthy);
  }
}
