package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.refresh.Alignment;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With a real PgBouncer in front of the server; skipped where none is installed. */
class PgBouncerTest {
  private static final int SESSIONS = 20;

  /** Between two restarts of the pooler. */
  private static final int REFRESHES = 8;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @BeforeAll
  static void requireProgram() {
    assumeTrue(PgBouncer.program().isPresent(), "no pgbouncer on PATH: install it to run these");
  }

  @ParameterizedTest
  @CsvSource({"session,V18", "session,V15", "transaction,V18", "transaction,V15"})
  void followsUnderLoadWhilePgBouncerIsRestarted(String mode, PgVersion version) throws Exception {
    try (Database database = SharedServer.of(version).freshDatabase();
        PgBouncer pooler = PgBouncer.start(database.server().port(), mode, SESSIONS)) {
      database.execute(
          "CREATE TABLE account (id int PRIMARY KEY, owner int, balance numeric(12,2))",
          "INSERT INTO account SELECT i, i % 50, 100 FROM generate_series(1, 2000) i",
          "CREATE TABLE owner (id int PRIMARY KEY, region text)",
          "INSERT INTO owner SELECT i, 'r' || i % 7 FROM generate_series(0, 49) i");
      Map<String, String> settings = new LinkedHashMap<>(through(pooler, database));
      settings.put("refresh.schedule", "100ms");
      try (Freshet freshet = Freshet.on(database, settings, Alignment.BY_SNAPSHOT)) {
        freshet.create(
            "per_owner",
            "SELECT owner, count(*) AS n, sum(balance) AS total FROM account GROUP BY owner");
        freshet.create(
            "rich",
            "SELECT a.id, o.region, a.balance FROM account a JOIN owner o ON o.id = a.owner"
                + " WHERE a.balance > 100");
        freshet.create("per_region", "SELECT region, count(*) AS n FROM rich GROUP BY region");
        freshet.engine().start();
        load(
            database,
            () -> {
              for (int round = 0; round < 3; round++) {
                awaitRefreshes(freshet);
                pooler.restart();
              }
              awaitRefreshes(freshet);
            });
        assertThat(auditOnceItWorks(freshet)).hasSize(3).allMatch(AuditReport::equal);
        assertThat(freshet.engine().status().service().pooler())
            .startsWith("127.0.0.1:" + pooler.port() + ", " + mode + " pooling")
            .contains("(database.direct-url)");
        assertThat(freshet.engine().status().service().reattachments()).isZero();
        assertThat(Route.find(freshet.config()).refreshes().port())
            .isEqualTo(mode.equals("session") ? pooler.port() : database.server().port());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"session", "transaction"})
  void commandsReachTheEngineThroughIt(String mode) throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        PgBouncer pooler = PgBouncer.start(database.server().port(), mode, SESSIONS);
        Freshet freshet = Freshet.on(database, through(pooler, database), Alignment.BY_SNAPSHOT)) {
      freshet.engine().start();
      database.execute("CREATE TABLE t (id int PRIMARY KEY, v text)");
      // The commands of a machine from which only the pooler can be reached.
      Map<String, String> poolerOnly = Map.of("database.port", Integer.toString(pooler.port()));
      try (EngineClient client = EngineClient.connect(Freshet.configFor(database, poolerOnly))) {
        client.execute(new Command.Create("live", "SELECT id, v FROM t", Map.of(), false));
        database.execute("INSERT INTO t SELECT i, 'x' FROM generate_series(1, 100) i");
        for (int time = 0; time < 8; time++) { // beyond the driver's threshold for preparing
          assertThat(client.execute(new Command.Audit(List.of(), 5)))
              .isInstanceOfSatisfying(
                  Reply.Audited.class,
                  audited -> assertThat(audited.reports()).allMatch(AuditReport::equal));
        }
        assertThat(client.explain("SELECT v, count(*) FROM t GROUP BY v")).isNotNull();
      }
    }
  }

  @Test
  void triggersNeedNoOtherAddressBehindSessions() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        PgBouncer pooler = PgBouncer.start(database.server().port(), "session", SESSIONS)) {
      database.execute("CREATE TABLE t (id int PRIMARY KEY, v int)");
      Map<String, String> settings =
          Map.of("database.port", Integer.toString(pooler.port()), "cdc.mode", "trigger");
      try (Freshet freshet = Freshet.on(database, settings, Alignment.BY_SNAPSHOT)) {
        freshet.create("live", "SELECT v, count(*) AS n FROM t GROUP BY v");
        database.execute("INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 100) i");
        freshet.follow("live");
        pooler.restart();
        database.execute("UPDATE t SET v = 7 WHERE id < 10");
        assertThat(auditOnceItWorks(freshet)).allMatch(AuditReport::equal);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "session,it does not replicate",
    "transaction,it lends its sessions for single transactions",
    "statement,it lends its sessions for single transactions"
  })
  void logWithoutAnotherAddressIsRefusedWithTheKey(String mode, String symptom) throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        PgBouncer pooler = PgBouncer.start(database.server().port(), mode, SESSIONS)) {
      assumeFalse(mode.equals("session") && PgBouncer.replicates(), "it replicates");
      Freshet.install(database, Freshet.configFor(database, Map.of()));
      Map<String, String> settings = Map.of("database.port", Integer.toString(pooler.port()));
      assertThatThrownBy(() -> Engine.open(Freshet.configFor(database, settings)))
          .isInstanceOf(FreshetException.class)
          .hasMessageContaining("127.0.0.1:" + pooler.port() + " is a connection pooler")
          .hasMessageContaining(symptom)
          .satisfies(
              e ->
                  assertThat(((FreshetException) e).remedy())
                      .contains("database.direct-url: postgresql://HOST:5432"));
      assertThat(sessionLocks(database)).isZero();
    }
  }

  @Test
  void logIsReadThroughAPoolerThatReplicates() throws Exception {
    assumeTrue(PgBouncer.replicates(), "PgBouncer replicates from 1.23 on");
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        PgBouncer pooler = PgBouncer.start(database.server().port(), "session", SESSIONS)) {
      Map<String, String> settings = Map.of("database.port", Integer.toString(pooler.port()));
      Freshet freshet = Freshet.on(database, settings, Alignment.BY_SNAPSHOT);
      freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v int)", "INSERT INTO src VALUES (1, 1)");
      freshet.create("s", "SELECT v, count(*) AS n FROM src GROUP BY v");
      freshet.sql("UPDATE src SET v = 2", "INSERT INTO src VALUES (2, 2)");
      freshet.follow("s");
      pooler.restart();
      freshet.sql("DELETE FROM src WHERE id = 1");
      await().atMost(PATIENCE).until(freshet.engine()::healthy);
      freshet.follow("s");
      freshet.engine().close();
    }
  }

  @Test
  void poolerOfOneSessionIsToldHowManyItNeeds() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        PgBouncer pooler = PgBouncer.start(database.server().port(), "session", 1)) {
      Map<String, String> settings = new LinkedHashMap<>(through(pooler, database));
      settings.put("database.connect-timeout", "2s");
      Freshet.install(database, Freshet.configFor(database, Map.of()));
      assertThatThrownBy(() -> Engine.open(Freshet.configFor(database, settings)))
          .hasMessageContaining("lends no second session within 2 s")
          .satisfies(
              e -> assertThat(((FreshetException) e).remedy()).contains("default_pool_size"));
    }
  }

  private static Map<String, String> through(PgBouncer pooler, Database database) {
    return Map.of(
        "database.port",
        Integer.toString(pooler.port()),
        "database.direct-url",
        "postgresql://127.0.0.1:" + database.server().port());
  }

  private interface Meanwhile {
    void run() throws Exception;
  }

  /** Until the schedule has refreshed through the pooler again and again. */
  private static void awaitRefreshes(Freshet freshet) {
    for (int i = 0; i < REFRESHES; i++) {
      String before = freshet.status("per_owner").frontierSnapshot();
      await()
          .atMost(PATIENCE)
          .until(() -> !freshet.status("per_owner").frontierSnapshot().equals(before));
    }
  }

  private static void load(Database database, Meanwhile meanwhile) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong transactions = new AtomicLong();
    List<Thread> writers =
        IntStream.range(0, 3)
            .mapToObj(_ -> Thread.ofVirtual().start(() -> write(database, over, transactions)))
            .toList();
    try {
      meanwhile.run();
    } finally {
      over.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
    }
    assertThat(transactions).hasValueGreaterThan(100);
  }

  private static void write(Database database, AtomicBoolean over, AtomicLong transactions) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      while (!over.get()) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        statement.execute(
            "UPDATE account SET balance = balance + %d, owner = %d WHERE id %% 500 = %d"
                .formatted(random.nextInt(-9, 10), random.nextInt(50), random.nextInt(500)));
        transactions.incrementAndGet();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<AuditReport> auditOnceItWorks(Freshet freshet) {
    return await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(FreshetException.class)
        .until(freshet::audit, _ -> true);
  }

  /** Locks of sessions: one that a pooler lends would stay with somebody else. */
  private static int sessionLocks(Database database) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
                    + " WHERE locktype = 'advisory' AND datname = current_database()")) {
      row.next();
      return row.getInt(1);
    }
  }
}
