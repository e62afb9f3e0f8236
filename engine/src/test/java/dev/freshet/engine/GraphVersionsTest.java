package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A life of stream tables on stream tables, on every version of PostgreSQL. */
class GraphVersionsTest {
  private static final Map<String, String> INCREMENTAL =
      Map.of("max-change-ratio", "1", "cost", "off");

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void levelsStayTogether(PgVersion version) throws Exception {
    try (Freshet freshet = Freshet.on(SharedServer.of(version), Map.of())) {
      createDiamond(freshet);
      freshet.sql(
          "UPDATE orders SET amount = amount + 1000 WHERE id % 50 = 0",
          "DELETE FROM orders WHERE id % 97 = 0", "INSERT INTO orders VALUES (5000, 'new', 7)");
      assertThat(refreshAll(freshet).values())
          .extracting(RefreshReport::mode)
          .containsOnly(Mode.INCREMENTAL);
      requireOneCut(freshet);

      freshet.engine().execute(new Command.Pause(List.of("b")));
      freshet.sql("UPDATE orders SET region = 'r1' WHERE id < 20");
      freshet.refresh("a");
      assertThat(freshet.status("d").waitingFor()).contains("waits for public.b, which is paused");
      freshet.engine().execute(new Command.Resume(List.of("b")));
      refreshAll(freshet);
      assertThat(freshet.status("d").lastRefreshes())
          .anyMatch(report -> report.reason().startsWith("caught up in full"));
      requireOneCut(freshet);

      freshet.sql("TRUNCATE orders", "INSERT INTO orders VALUES (1, 'only', 3)");
      refreshAll(freshet);
      requireOneCut(freshet);
      assertThat(freshet.rows("SELECT region, total, n FROM d")).containsExactly("(only,3,1)");

      freshet.restartEngine();
      freshet.sql("INSERT INTO orders VALUES (2, 'only', 4)");
      assertThat(refreshAll(freshet).get("d").mode())
          .as("continued, not refilled")
          .isEqualTo(Mode.INCREMENTAL);
      requireOneCut(freshet);
      freshet.engine().execute(new Command.Drop("a", false, true));
      assertThat(freshet.rows("SELECT FROM freshet.stream_table")).isEmpty();
    }
  }

  private static void createDiamond(Freshet freshet) throws SQLException {
    freshet.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, region text, amount numeric)",
        "INSERT INTO orders SELECT i, 'r' || i % 10, i FROM generate_series(1, 500) i",
        "ANALYZE orders");
    freshet.create("a", "SELECT id, region, amount FROM orders WHERE amount > 0", INCREMENTAL);
    freshet.create("b", "SELECT region, sum(amount) AS total FROM a GROUP BY region", INCREMENTAL);
    freshet.create("c", "SELECT region, count(*) AS n FROM a GROUP BY region", INCREMENTAL);
    freshet.create(
        "d", "SELECT b.region, b.total, c.n FROM b JOIN c ON b.region = c.region", INCREMENTAL);
  }

  private static Map<String, RefreshReport> refreshAll(Freshet freshet) {
    Reply.Refreshed refreshed =
        (Reply.Refreshed)
            freshet.engine().execute(new Command.Refresh(List.of(), Optional.empty()));
    return refreshed.reports().stream()
        .collect(Collectors.toMap(r -> r.name().replace("public.", ""), r -> r));
  }

  private static void requireOneCut(Freshet freshet) throws SQLException {
    assertThat(freshet.rows("SELECT DISTINCT snapshot::text FROM freshet.frontier")).hasSize(1);
    assertThat(freshet.audit()).hasSize(4).allMatch(AuditReport::equal);
  }
}
