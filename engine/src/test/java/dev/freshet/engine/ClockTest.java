package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Stream tables whose rows come and go because time passes. */
@ExtendWith(FreshetExtension.class)
class ClockTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String RECENT = "at > now() - interval '1500 milliseconds'";

  private final List<RefreshReport> reports = new CopyOnWriteArrayList<>();
  private Freshet freshet;

  @BeforeEach
  void createTables(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE device (id int PRIMARY KEY, name text)",
        "CREATE TABLE beat (id int PRIMARY KEY, device int, at timestamptz, v int)",
        "CREATE INDEX ON beat (at)",
        "INSERT INTO device VALUES (1, 'one'), (2, 'two')",
        "INSERT INTO beat SELECT i, i % 2 + 1, now() - interval '1 hour', i"
            + " FROM generate_series(1, 20) i");
    freshet.engine().addListener(reports::add);
  }

  private void beat(int id, String at) throws SQLException {
    freshet.sql("INSERT INTO beat VALUES (%d, %d, %s, %d)".formatted(id, id % 2 + 1, at, id));
  }

  private void awaitRows(String query, String... rows) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> freshet.rows(query).equals(List.of(rows)));
  }

  private void requireEqual() {
    assertThat(freshet.audit()).isNotEmpty().allMatch(AuditReport::equal);
  }

  /** Created, then a scheduled tick every 50 ms. */
  private void scheduled(String name, String query) {
    freshet.engine().start();
    freshet.create(name, query, Map.of("schedule", "50ms"));
    assertThat(freshet.status(name).refreshClass()).isNotEqualTo("full");
  }

  @Test
  void rowsLeaveWithoutAnyWrite() throws SQLException {
    scheduled("st", "SELECT id, v FROM beat WHERE " + RECENT);
    beat(100, "now()");
    awaitRows("SELECT id, v FROM st", "(100,100)");
    awaitRows("SELECT id, v FROM st");
    assertThat(reports.getLast().mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(reports.getLast().reason()).isEqualTo("time passed");
    requireEqual();
  }

  @Test
  void rowsWithoutAKeyAreCounted() throws SQLException {
    freshet.sql(
        "CREATE TABLE trace (v int, at timestamptz)",
        "INSERT INTO trace SELECT 1, now() + i * interval '700 milliseconds'"
            + " FROM generate_series(1, 3) i");
    scheduled("st", "SELECT v FROM trace WHERE at <= now()");
    awaitRows("SELECT v FROM st", "(1)", "(1)");
    requireEqual();
    awaitRows("SELECT v FROM st", "(1)", "(1)", "(1)");
  }

  @Test
  void keysAreEnoughWhereEverySourceHasOne() throws SQLException {
    String query =
        "SELECT d.name, b.id FROM device d JOIN beat b ON b.device = d.id AND b." + RECENT;
    freshet.create("st", query);
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      assertThat(client.explain(query).identities())
          .allMatch(identity -> identity.required().equals("default"));
    }
    beat(100, "now()");
    beat(101, "now() + interval '1 hour'");
    freshet.follow("st");
    freshet.sql("UPDATE device SET name = 'uno' WHERE id = 1", "DELETE FROM beat WHERE id = 101");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT name, id FROM st")).containsExactly("(uno,100)");
  }

  @Test
  void rowsOfTheFutureEnter() throws SQLException {
    scheduled("st", "SELECT id FROM beat WHERE at <= now() AND v > 20");
    beat(100, "now() + interval '1 second'");
    requireEqual();
    assertThat(freshet.rows("SELECT id FROM st")).isEmpty();
    awaitRows("SELECT id FROM st", "(100)");
    requireEqual();
  }

  @Test
  void groupsJoinsAndSubqueriesFollow() throws SQLException {
    freshet.engine().start();
    Map<String, String> often = Map.of("schedule", "50ms");
    freshet.create(
        "sums",
        "SELECT device, count(*) AS n, max(v) AS top FROM beat WHERE "
            + RECENT
            + " GROUP BY device",
        often);
    freshet.create(
        "silent",
        "SELECT d.id FROM device d WHERE NOT EXISTS (SELECT FROM beat b WHERE b.device = d.id AND"
            + " b."
            + RECENT
            + ")",
        often);
    freshet.create(
        "joined",
        "SELECT d.name, b.id FROM device d LEFT JOIN beat b ON b.device = d.id AND b." + RECENT,
        often);
    beat(100, "now()");
    beat(101, "now() + interval '1 second'");
    awaitRows("SELECT * FROM silent ORDER BY 1");
    awaitRows("SELECT name, id FROM joined ORDER BY 1, 2", "(one,100)", "(two,101)");
    requireEqual();
    awaitRows("SELECT id FROM silent ORDER BY 1", "(1)", "(2)");
    awaitRows("SELECT * FROM sums");
    awaitRows("SELECT name, id FROM joined ORDER BY 1, 2", "(one,)", "(two,)");
    requireEqual();
    assertThat(reports).noneMatch(report -> report.mode() == Mode.FULL);
  }

  @Test
  void viewsMayReadTheClock() throws SQLException {
    freshet.sql("CREATE VIEW fresh AS SELECT id, device FROM beat WHERE " + RECENT);
    scheduled("st", "SELECT d.name, f.id FROM device d JOIN fresh f ON f.device = d.id");
    beat(100, "now()");
    awaitRows("SELECT id FROM st", "(100)");
    awaitRows("SELECT id FROM st");
    requireEqual();
  }

  @Test
  void continuousWakesWhenRowsAreDue() throws SQLException {
    freshet.engine().start();
    freshet.create("st", "SELECT id FROM beat WHERE " + RECENT, Map.of("schedule", "continuous"));
    beat(100, "now()");
    awaitRows("SELECT id FROM st", "(100)");
    awaitRows("SELECT id FROM st");
  }

  @Test
  void ticksThatFindNothingDueRefreshNothing() throws SQLException {
    scheduled("st", "SELECT id FROM beat WHERE at > now() - interval '2 hours'");
    String frontier = freshet.status("st").frontierSnapshot();
    freshet.sql("CREATE TABLE other ()", "CREATE TABLE another ()");
    await()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(
            () ->
                reports.stream().noneMatch(r -> r.mode() != Mode.FULL)
                    && frontier.equals(freshet.status("st").frontierSnapshot()));
  }

  @Test
  void refreshAndAuditByHandAreOfThisMoment() throws Exception {
    freshet.create("st", "SELECT device, count(*) AS n FROM beat WHERE " + RECENT + " GROUP BY 1");
    beat(100, "now()");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT n FROM st")).containsExactly("(1)");
    awaitOutdated(100);
    requireEqual();
    assertThat(freshet.rows("SELECT n FROM st")).isEmpty();
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.NOOP);
  }

  @Test
  void restartKeepsTheTime() throws Exception {
    freshet.create("st", "SELECT id, v FROM beat WHERE " + RECENT);
    beat(100, "now()");
    beat(101, "now() + interval '1 second'");
    freshet.follow("st");
    freshet.restartEngine();
    awaitOutdated(100);
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).as(report.reason()).isEqualTo(Mode.INCREMENTAL);
    assertThat(report.reason()).isEqualTo("time passed");
    assertThat(freshet.rows("SELECT id FROM st")).containsExactly("(101)");
    requireEqual();
  }

  @Test
  void fullRefreshesAndRebuildsAreFollowedByDeltas() throws Exception {
    freshet.create("st", "SELECT id, v FROM beat WHERE " + RECENT, Map.of("full", "rebuild"));
    beat(100, "now()");
    freshet.refresh("st", Optional.of("full"));
    assertThat(freshet.rows("SELECT id FROM st")).containsExactly("(100)");
    awaitOutdated(100);
    beat(101, "now()");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT id FROM st")).containsExactly("(101)");
  }

  @Test
  void aGraphHasOneTime() throws SQLException {
    freshet.engine().start();
    freshet.create("recent", "SELECT id, device, at, v FROM beat WHERE " + RECENT);
    freshet.create("busy", "SELECT device, count(*) AS n FROM recent GROUP BY device");
    freshet.create(
        "pairs",
        "SELECT r.id, b.id AS other FROM recent r JOIN beat b ON b.device = r.device AND b."
            + RECENT,
        Map.of("schedule", "50ms"));
    beat(100, "now()");
    beat(102, "now() + interval '700 milliseconds'");
    awaitRows(
        "SELECT id, other FROM pairs ORDER BY 1, 2",
        "(100,100)",
        "(100,102)",
        "(102,100)",
        "(102,102)");
    assertThat(freshet.rows("SELECT n FROM busy")).containsExactly("(2)");
    requireEqual();
    awaitRows("SELECT id, other FROM pairs ORDER BY 1, 2", "(102,102)");
    requireEqual();
    awaitRows("SELECT id, other FROM pairs");
    assertThat(freshet.rows("SELECT n FROM busy")).isEmpty();
    requireEqual();
  }

  @Test
  void datesFollowThePinnedTimeZone() throws SQLException {
    freshet.sql(
        "ALTER DATABASE \"%s\" SET timezone = 'Pacific/Kiritimati'"
            .formatted(freshet.database().name()));
    freshet.create("st", "SELECT id FROM beat WHERE at::date = CURRENT_DATE AND v > 20");
    beat(100, "now()");
    beat(101, "now() - interval '1 day'");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT id FROM st")).containsExactly("(100)");
    assertThat(freshet.status("st").settings()).containsEntry("TimeZone", "Pacific/Kiritimati");
  }

  @Test
  void explainNamesTheIndexThatIsMissing() throws SQLException {
    String query = "SELECT id FROM beat WHERE " + RECENT;
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      assertThat(client.explain(query).clockIndexes().getFirst().index()).contains("beat_at_idx");
      freshet.sql("DROP INDEX beat_at_idx");
      assertThat(client.explain(query).clockIndexes().getFirst().sql())
          .isEqualTo("CREATE INDEX ON public.beat (\"at\");");
      assertThat(
              client
                  .explain("SELECT id FROM beat WHERE date_trunc('day', at) < now()")
                  .clockIndexes()
                  .getFirst()
                  .column())
          .isEmpty();
    }
  }

  @Test
  void whatIsNoFilterIsRefreshedInFullAndSaysSo() {
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      for (String query :
          List.of(
              "SELECT id, now() - at AS age FROM beat",
              "SELECT id, CASE WHEN at > now() THEN 'new' ELSE 'old' END AS s FROM beat",
              "SELECT device, max(at) AS last FROM beat GROUP BY 1 HAVING max(at) < now()",
              "SELECT b.id FROM beat b JOIN device d ON b.at + d.id * interval '1 day' < now()",
              "SELECT count(*) FILTER (WHERE at > now()) AS n FROM beat",
              "SELECT id FROM beat WHERE at > statement_timestamp()")) {
        var explained = client.explain(query).compiled().explain();
        assertThat(explained.refreshClass().label()).as(query).isEqualTo("full");
        assertThat(explained.reason()).as(query).containsAnyOf("the clock", "is STABLE");
      }
    }
  }

  @Test
  void pausedStaysWhereItIs() throws Exception {
    scheduled("st", "SELECT id FROM beat WHERE " + RECENT);
    beat(100, "now()");
    awaitRows("SELECT id FROM st", "(100)");
    freshet.engine().execute(new Command.Pause(List.of("st")));
    awaitOutdated(100);
    assertThat(freshet.rows("SELECT id FROM st")).containsExactly("(100)");
    freshet.engine().execute(new Command.Resume(List.of("st")));
    awaitRows("SELECT id FROM st");
  }

  /** Until the server's clock has left a row behind. */
  private void awaitOutdated(int id) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                freshet.rows("SELECT id FROM beat WHERE id = " + id + " AND " + RECENT).isEmpty());
  }
}
