package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A diamond under concurrent writers: inside each refresh every level equals its query, and no
 * reader sees two levels at different cuts.
 */
class GraphAlignmentTest {
  private static final Map<String, String> CONTINUOUS =
      Map.of("refresh.schedule", "continuous", "refresh.debounce", "1ms");

  /** Money moves between accounts and is never made: what each level sums up must agree. */
  private static void createDiamond(Freshet freshet) throws SQLException {
    freshet.sql(
        "CREATE TABLE account (id int PRIMARY KEY, branch int, balance numeric(12,2))",
        "INSERT INTO account SELECT i, i % 20, 100 FROM generate_series(1, 2000) i",
        "ANALYZE account");
    Map<String, String> incremental = Map.of("max-change-ratio", "1", "cost", "off");
    freshet.create("a", "SELECT id, branch, balance FROM account WHERE balance <> 0", incremental);
    freshet.create("b", "SELECT branch, sum(balance) AS total FROM a GROUP BY branch", incremental);
    freshet.create("c", "SELECT branch, count(*) AS n FROM a GROUP BY branch", incremental);
    freshet.create(
        "d", "SELECT b.branch, b.total, c.n FROM b JOIN c ON b.branch = c.branch", incremental);
  }

  private static final String DIFFERENT_CUTS =
      """
      SELECT (SELECT sum(balance) FROM a) IS DISTINCT FROM (SELECT sum(total) FROM d)
        OR (SELECT count(*) FROM a) IS DISTINCT FROM (SELECT sum(n) FROM d)
        OR EXISTS (SELECT branch, total FROM b EXCEPT SELECT branch, total FROM d)\
      """;

  @ParameterizedTest
  @EnumSource(
      value = PgVersion.class,
      names = {"V15", "V18"})
  void readersNeverSeeTwoCuts(PgVersion version) throws Exception {
    long seed = AlignmentRun.seed(getClass());
    int seconds = Integer.getInteger("freshet.alignment.seconds", 45) / 3;
    try (Freshet freshet = Freshet.on(SharedServer.of(version), Map.of());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      createDiamond(freshet);
      AtomicBoolean stop = new AtomicBoolean();
      List<Future<Long>> writers =
          List.of(
              threads.submit(() -> write(freshet, stop, seed)),
              threads.submit(() -> write(freshet, stop, seed + 1)),
              threads.submit(() -> write(freshet, stop, seed + 2)));
      Future<Long> readings = threads.submit(() -> read(freshet, stop));
      Instant end = Instant.now().plusSeconds(seconds);
      int refreshes = 0;
      try {
        while (Instant.now().isBefore(end)) {
          Reply.Audited audited =
              (Reply.Audited) freshet.engine().execute(new Command.Audit(List.of(), 5));
          assertThat(audited.reports())
              .as("PostgreSQL %s, seed %d, refresh %d", version, seed, refreshes)
              .hasSize(4)
              .allMatch(AuditReport::equal);
          assertThat(audited.reports())
              .extracting(AuditReport::snapshot)
              .containsOnly(audited.reports().getFirst().snapshot());
          refreshes++;
        }
      } finally {
        stop.set(true);
      }
      long written = 0;
      for (Future<Long> writer : writers) {
        written += writer.get();
      }
      System.out.printf(
          "PostgreSQL %s, seed %d: %d refreshes, %d transactions, %d readings%n",
          version, seed, refreshes, written, readings.get());
      assertThat(readings.get()).isPositive();
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
  }

  @Test
  void killedAtAnyMomentTheLevelsStayTogether() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    Random random = new Random(seed);
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), Map.of());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      createDiamond(freshet);
      freshet.engine().close();
      AtomicBoolean stop = new AtomicBoolean();
      Future<Long> writer = threads.submit(() -> write(freshet, stop, seed));
      Future<Long> readings = threads.submit(() -> read(freshet, stop));
      try {
        for (int round = 0; round < Integer.getInteger("freshet.crash.rounds", 4); round++) {
          EngineProcess process = EngineProcess.launch(freshet.database(), CONTINUOUS);
          process.awaitServing();
          LockSupport.parkNanos(Duration.ofMillis(random.nextInt(1000)).toNanos());
          process.kill();
          assertThat(freshet.rows("SELECT count(DISTINCT snapshot::text) FROM freshet.frontier"))
              .as("seed %d", seed)
              .containsExactly("(1)");
        }
      } finally {
        stop.set(true);
      }
      assertThat(writer.get()).isPositive();
      assertThat(readings.get()).isPositive();
      freshet.restartEngine();
      assertThat(freshet.audit())
          .as("continued, not refilled; seed %d", seed)
          .hasSize(4)
          .allMatch(AuditReport::equal)
          .noneMatch(audit -> audit.refresh().orElseThrow().mode() == Mode.FULL);
    }
  }

  @Test
  void dependentIsCreatedUnderLoad() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), Map.of());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      createDiamond(freshet);
      AtomicBoolean stop = new AtomicBoolean();
      Future<Long> writer = threads.submit(() -> write(freshet, stop, seed));
      Future<Long> readings = threads.submit(() -> read(freshet, stop));
      try {
        for (int i = 0; i < 5; i++) {
          freshet.create(
              "e" + i,
              "SELECT d.branch, d.total, account.id FROM d JOIN account ON account.branch ="
                  + " d.branch WHERE account.id % 7 = 0");
          assertThat(freshet.rows("SELECT count(DISTINCT snapshot::text) FROM freshet.frontier"))
              .containsExactly("(1)");
          assertThat(freshet.audit()).hasSize(5 + i).allMatch(AuditReport::equal);
        }
      } finally {
        stop.set(true);
      }
      assertThat(writer.get()).isPositive();
      assertThat(readings.get()).isPositive();
    }
  }

  private static long write(Freshet freshet, AtomicBoolean stop, long seed) throws SQLException {
    Random random = new Random(seed);
    long transactions = 0;
    try (Connection connection = freshet.database().connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!stop.get()) {
        int from = 1 + random.nextInt(1999);
        statement.execute("UPDATE account SET balance = balance - 1 WHERE id = %d".formatted(from));
        statement.execute(
            "UPDATE account SET balance = balance + 1, branch = %d WHERE id = %d"
                .formatted(random.nextInt(20), from + 1));
        if (random.nextInt(10) == 0) {
          connection.rollback();
        } else {
          connection.commit();
        }
        transactions++;
      }
      connection.rollback();
    }
    return transactions;
  }

  /** Reads all levels in one snapshot, again and again. */
  private static long read(Freshet freshet, AtomicBoolean stop) throws SQLException {
    long readings = 0;
    try (Connection connection = freshet.database().connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      while (!stop.get()) {
        try (ResultSet row = statement.executeQuery(DIFFERENT_CUTS)) {
          row.next();
          assertThat(row.getBoolean(1)).as("levels at different cuts").isFalse();
        }
        connection.commit();
        readings++;
      }
    }
    return readings;
  }
}
