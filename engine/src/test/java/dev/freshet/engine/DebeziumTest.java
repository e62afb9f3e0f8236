package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code cdc.mode: debezium}: the same stream tables, as exact as from the log itself. */
class DebeziumTest {
  private static final Map<String, String> SETTINGS =
      Map.of("cdc.mode", "debezium", "engine.refresh-workers", "4");

  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("freshet.debezium.seconds", 6));

  private static final int WRITERS = 4;

  @Test
  void everyRefreshEqualsItsQueryAtItsSnapshot() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), SETTINGS)) {
      AlignmentRun.createStreamTables(freshet);
      AlignmentRun run = new AlignmentRun(freshet, seed).during(DURATION, WRITERS);
      assertThat(run.differing()).as("seed %d", seed).isEmpty();
      assertThat(run.incrementalShare()).as("share of incremental refreshes").isGreaterThan(0.9);
      assertThat(run.count(Mode.INCREMENTAL)).as("incremental refreshes").isGreaterThan(20);
      freshet.restartEngine();
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
      freshet.sql("UPDATE orders SET amount = amount + 1 WHERE id % 7 = 0");
      freshet.restartEngine(Map.of("cdc.mode", "wal"));
      freshet.follow("order_customer");
      freshet.sql("UPDATE orders SET amount = amount - 1 WHERE id % 7 = 0");
      freshet.restartEngine(SETTINGS);
      freshet.follow("order_customer");
    }
  }

  @Test
  void columnsThatWouldLoseSomethingAreRefusedByName() throws Exception {
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), SETTINGS)) {
      freshet.sql(
          "CREATE TABLE t (id int PRIMARY KEY, pause interval, tags text[], price money, n int)",
          "INSERT INTO t VALUES (1, '1 day', '{a}', 2, 3)");
      assertThatThrownBy(() -> freshet.create("sums", "SELECT pause, count(*) FROM t GROUP BY 1"))
          .isInstanceOf(FreshetException.class)
          .hasMessageContaining("column pause of public.t is of type interval")
          .extracting(error -> ((FreshetException) error).remedy())
          .asString()
          .contains("cdc.mode: wal");
      assertThatThrownBy(() -> freshet.create("tags", "SELECT tags, count(*) FROM t GROUP BY 1"))
          .hasMessageContaining("column tags of public.t is of type text[]");
      freshet.create("counts", "SELECT n, count(*) AS rows FROM t GROUP BY n");
      freshet.sql("INSERT INTO t VALUES (2, '1 mon', '{b}', 2, 3), (3, NULL, NULL, NULL, 4)");
      freshet.follow("counts");
      assertThat(freshet.rows("SELECT * FROM counts")).containsExactlyInAnyOrder("(3,2)", "(4,1)");
    }
  }
}
