package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.admin.EngineMetrics;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.setup.Check;
import dev.freshet.engine.setup.Doctor;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What status, explain, doctor and the metrics tell of stream tables that read each other. */
@ExtendWith(FreshetExtension.class)
class GraphStatusTest {
  private Freshet freshet;

  @BeforeEach
  void makeGraph(Freshet own) throws SQLException {
    freshet = own;
    freshet.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, region text, amount int)",
        "INSERT INTO orders SELECT i, 'r' || i % 10, i FROM generate_series(1, 100) i");
    freshet.create("a", "SELECT id, region, amount FROM orders", Map.of("schedule", "calculated"));
    freshet.create("b", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    freshet.create("c", "SELECT region FROM b WHERE total > 500", Map.of("schedule", "5m"));
    freshet.create("other", "SELECT id FROM orders", Map.of("schedule", "7s"));
  }

  private Map<String, StreamTableStatus> statusWithoutEngine() {
    freshet.engine().close();
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      EngineStatus status = ((Reply.StatusOf) client.execute(new Command.Status())).status();
      assertThat(status.running()).isFalse();
      return status.streamTables().stream()
          .collect(Collectors.toMap(table -> table.name().replace("public.", ""), table -> table));
    } finally {
      freshet.restartEngine();
    }
  }

  @Test
  void withoutAnEngineTheCatalogTellsTheGraph() {
    Map<String, StreamTableStatus> attached =
        freshet.engine().status().streamTables().stream()
            .collect(
                Collectors.toMap(table -> table.name().replace("public.", ""), table -> table));
    Map<String, StreamTableStatus> status = statusWithoutEngine();
    for (String name : List.of("a", "b", "c", "other")) {
      assertThat(status.get(name).place()).as(name).isEqualTo(attached.get(name).place());
      assertThat(status.get(name).state()).isEqualTo("active");
    }
    assertThat(status.get("c").place())
        .isEqualTo(
            new EngineStatus.Place("public.a", 2, List.of("public.b"), List.of(), List.of("5m")));
  }

  @Test
  void withoutAnEngineTheCatalogTellsWhoWaits() {
    freshet.engine().execute(new Command.Pause(List.of("a")));
    Map<String, StreamTableStatus> status = statusWithoutEngine();
    assertThat(status.get("a").state()).isEqualTo("paused");
    assertThat(status.get("b").waitingFor()).contains("waits for public.a, which is paused");
    assertThat(status.get("c").waitingFor()).contains("waits for public.a, which is paused");
    assertThat(status.get("other").waitingFor()).isEmpty();
    freshet.engine().execute(new Command.Resume(List.of("a")));
  }

  @Test
  void withoutAnEngineTheCatalogTellsWhatFailed() throws SQLException {
    freshet.sql("UPDATE freshet.stream_table SET state = 'failed' WHERE table_name = 'b'");
    Map<String, StreamTableStatus> status = statusWithoutEngine();
    assertThat(status.get("a").state()).isEqualTo("active");
    assertThat(status.get("c").waitingFor()).contains("waits for public.b, which has failed");
    freshet.engine().execute(new Command.Resume(List.of("b")));
  }

  @Test
  void metricsTellLevelGraphAndWhoWaits() {
    freshet.engine().execute(new Command.Pause(List.of("b")));
    try (EngineMetrics metrics = new EngineMetrics(() -> freshet.engine().status())) {
      assertThat(metrics.scrape())
          .contains("freshet_stream_table_level{stream_table=\"public.a\"} 0.0")
          .contains("freshet_stream_table_level{stream_table=\"public.c\"} 2.0")
          .contains("freshet_stream_table_state{state=\"paused\",stream_table=\"public.b\"} 1.0")
          .contains("freshet_stream_table_state{state=\"waiting\",stream_table=\"public.c\"} 1.0")
          .contains("freshet_stream_table_state{state=\"waiting\",stream_table=\"public.a\"} 0.0")
          .containsPattern("freshet_stream_table_info\\{.*graph=\"public.a\".*=\"public.c\"\\} 1")
          .containsPattern("freshet_stream_table_info\\{.*graph=\"public.other\"");
    }
    freshet.engine().execute(new Command.Resume(List.of("b")));
  }

  @Test
  void explainTellsLevelsAndNoReplicaIdentityForAnUpstream() {
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      Explanation explanation = client.explain("c");
      assertThat(explanation.upstreams())
          .singleElement()
          .satisfies(
              upstream -> {
                assertThat(upstream.name().table()).isEqualTo("b");
                assertThat(upstream.level()).isEqualTo(1);
              });
      assertThat(explanation.identities()).isEmpty();
    }
  }

  @Test
  void doctorTellsWhoWaitsAndWhoIsNeverRefreshed() {
    freshet.engine().execute(new Command.Pause(List.of("a")));
    freshet.create("lonely", "SELECT id FROM orders", Map.of("schedule", "calculated"));
    freshet.engine().close();
    try {
      List<Check> checks = Doctor.examine(freshet.config()).checks();
      assertThat(detail(checks, "public.a")).contains("is paused");
      assertThat(detail(checks, "public.b")).isEqualTo("waits for public.a, which is paused");
      assertThat(detail(checks, "public.c")).isEqualTo("waits for public.a, which is paused");
      assertThat(detail(checks, "public.lonely")).contains("no stream table reads it");
    } finally {
      freshet.restartEngine();
    }
    freshet.engine().execute(new Command.Resume(List.of("a")));
  }

  private static String detail(List<Check> checks, String streamTable) {
    Optional<Check> found =
        checks.stream()
            .filter(check -> check.name().equals("stream table " + streamTable))
            .findFirst();
    return found.map(Check::detail).orElse("");
  }
}
