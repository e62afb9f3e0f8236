package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Delta or full: the threshold, the cost model, and the end of the buffer's memory. */
@ExtendWith(FreshetExtension.class)
class DecisionsTest {
  private Freshet freshet;

  @BeforeEach
  void makeSource(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, v int, t text)",
        "INSERT INTO a SELECT i, i, 'some text ' || i FROM generate_series(1, 1000) i",
        "ANALYZE a");
  }

  @Test
  void aboveTheThresholdItIsFull() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a", Map.of("cost", "off", "max-change-ratio", "0.1"));
    freshet.sql("UPDATE a SET v = v + 1 WHERE id <= 90");
    RefreshReport small = freshet.refresh("st");
    assertThat(small.mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(small.reason()).contains("90 rows");
    freshet.sql("UPDATE a SET v = v + 1 WHERE id <= 110");
    RefreshReport large = freshet.refresh("st");
    assertThat(large.mode()).isEqualTo(Mode.FULL);
    assertThat(large.reason()).contains("max-change-ratio").contains("0.11");
    assertThat(large.rowsWritten()).as("only the differences").isEqualTo(110);
  }

  @Test
  void changesThatCancelDoNotCount() throws SQLException {
    freshet.create(
        "st",
        "SELECT t, sum(v) AS v FROM a GROUP BY t",
        Map.of("cost", "off", "max-change-ratio", "0.1"));
    freshet.sql(
        "INSERT INTO a SELECT i, i, 'brief' FROM generate_series(2000, 5000) i",
        "DELETE FROM a WHERE id >= 2000",
        "UPDATE a SET v = 0 WHERE id = 1");
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(report.changes()).isEqualTo(6003);
    assertThat(report.deltaRows()).isEqualTo(1);
  }

  /** EXISTS finds its answer in the first row and never unpacks the second. */
  @Test
  void aValueThatOnlyTheDeltaEvaluatesMakesItFull() throws SQLException {
    freshet.sql(
        "CREATE TABLE doc (id int PRIMARY KEY, body jsonb)",
        "INSERT INTO doc VALUES (1, NULL), (2, '3')");
    freshet.create(
        "st",
        "SELECT id FROM doc WHERE EXISTS (SELECT FROM doc AS d"
            + " LEFT JOIN LATERAL jsonb_array_elements(d.body) AS e ON TRUE)",
        Map.of("cost", "off", "max-change-ratio", "1"));
    freshet.sql("DELETE FROM doc WHERE id = 2");
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).isEqualTo(Mode.FULL);
    assertThat(report.reason()).contains("could not be evaluated", "cannot extract elements");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql("INSERT INTO doc VALUES (3, '[]')");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.INCREMENTAL);
  }

  @Test
  void costModelLearnsAndSaysWhatItExpected() throws SQLException {
    freshet.create("st", "SELECT v % 10 AS g, sum(v) AS v FROM a GROUP BY 1");
    for (int i = 0; i < 4; i++) {
      freshet.sql("UPDATE a SET v = v + 1 WHERE id = " + (i + 1));
      freshet.refresh("st");
    }
    freshet.refresh("st", Optional.of("full"));
    freshet.sql("UPDATE a SET v = v + 1 WHERE id = 50");
    RefreshReport report = freshet.refresh("st");
    assertThat(report.expectedMilliseconds()).isPresent();
    assertThat(report.reason()).contains("expected");
    freshet.sql("UPDATE a SET v = v + 1");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  @Test
  void foreseenFullRefreshWaitsForNoMarkerAndMakesNoDelta() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a");
    freshet.sql("UPDATE a SET v = v + 1 WHERE id = 1");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.INCREMENTAL);
    freshet.sql("UPDATE a SET v = v + 1");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> freshet.status("st").pendingChanges() == 1000);
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).isEqualTo(Mode.FULL);
    assertThat(report.reason()).startsWith("foreseen delta 1000 rows");
    assertThat(report.phases()).containsOnlyKeys("snapshot", "apply");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  @Test
  void foreseenFullRefreshNoticesThatASourceWasMadeAnew() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a");
    freshet.sql("UPDATE a SET v = v + 1 WHERE id = 1");
    freshet.refresh("st");
    freshet.sql("UPDATE a SET v = v + 1");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> freshet.status("st").pendingChanges() == 1000);
    freshet.sql(
        "ALTER TABLE a RENAME TO former", "CREATE TABLE a (id int PRIMARY KEY, v int, t text)");
    freshet.refresh("st");
    freshet.sql("INSERT INTO a VALUES (7, 7, 'seven')");
    freshet.follow("st");
  }

  @Test
  void modesAreObeyed() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a", Map.of("mode", "full"));
    freshet.sql("UPDATE a SET v = 0 WHERE id = 1");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    freshet.create("inc", "SELECT id, v FROM a", Map.of("mode", "incremental"));
    freshet.sql("UPDATE a SET v = v + 1");
    assertThat(freshet.refresh("inc").mode()).isEqualTo(Mode.INCREMENTAL);
  }

  @Test
  void changesBeyondTheBuffersMemoryAreRefreshedInFullAndThatIsSaid() throws Exception {
    try (Freshet small =
        Freshet.on(
            SharedServer.of(PgVersion.V18),
            Map.of("cdc.buffer.mode", "memory", "cdc.buffer.max-memory", "1MB"))) {
      small.sql(
          "CREATE TABLE a (id int PRIMARY KEY, t text)", "CREATE TABLE b (id int PRIMARY KEY)");
      small.create("st", "SELECT id, t FROM a", Map.of("mode", "incremental"));
      small.create("calm", "SELECT id FROM b");
      small.sql(
          "INSERT INTO a SELECT i, repeat('x', 200) FROM generate_series(1, 20000) i",
          "INSERT INTO b VALUES (1)");
      RefreshReport report = small.refresh("st");
      assertThat(report.mode()).isEqualTo(Mode.FULL);
      assertThat(report.reason()).contains("cdc.buffer.max-memory");
      assertThat(small.refreshIncrementally("calm").mode()).isEqualTo(Mode.INCREMENTAL);
      assertThat(small.audit()).allMatch(AuditReport::equal);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> small.engine().status().bufferedBytes() < 1 << 20);
      small.sql("UPDATE a SET t = 'y' WHERE id = 1");
      small.follow("st");
    }
  }

  @Test
  void timeoutsOfAStreamTableAreItsOwn() throws Exception {
    freshet.create("st", "SELECT id, v FROM a", Map.of("lock-timeout", "30ms"));
    freshet.create("slow", "SELECT max(v) AS v FROM a", Map.of("statement-timeout", "1ms"));
    freshet.sql("INSERT INTO a SELECT i, i FROM generate_series(10000, 80000) i");
    assertThatThrownBy(() -> freshet.refresh("slow", Optional.of("full")))
        .isInstanceOfSatisfying(
            FreshetException.class, e -> assertThat(e.sqlState()).contains("57014"));
    freshet
        .engine()
        .execute(new Command.Alter("slow", Optional.empty(), Map.of("statement-timeout", "")));
    freshet.refresh("slow");
    try (var locker = freshet.database().connect();
        var statement = locker.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("LOCK TABLE a");
      long begin = System.nanoTime();
      assertThatThrownBy(() -> freshet.refresh("st"))
          .isInstanceOfSatisfying(
              FreshetException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BUSY));
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("five attempts")
          .isLessThan(freshet.config().refresh().lockTimeout());
      statement.execute("ROLLBACK");
    }
    freshet.refresh("st");
  }

  @Test
  void largeDeltasTravelByCopy() throws SQLException {
    freshet.create("st", "SELECT id, v, t FROM a", Map.of("copy-threshold", "5"));
    freshet.create(
        "sums",
        "SELECT v % 7 AS g, count(*) AS n FROM a GROUP BY 1",
        Map.of("copy-threshold", "0"));
    freshet.sql(
        "UPDATE a SET v = v + 1, t = NULL WHERE id <= 300",
        "DELETE FROM a WHERE id > 950",
        "INSERT INTO a VALUES (5000, 1, E'tab\\tand\\nline')");
    freshet.follow("st");
    freshet.follow("sums");
  }

  @Test
  void longRunOfSmallRefreshesStaysRight() throws SQLException {
    freshet.create("st", "SELECT v % 5 AS g, sum(v) AS v, count(*) AS n FROM a GROUP BY 1");
    for (int i = 0; i < 60; i++) {
      freshet.sql("UPDATE a SET v = v + %d WHERE id %% 17 = %d".formatted(i, i % 17));
      freshet.refreshIncrementally("st");
    }
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }
}
