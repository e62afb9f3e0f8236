package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** When refreshes happen without anybody asking. */
@ExtendWith(FreshetExtension.class)
class SchedulesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<RefreshReport> reports = new CopyOnWriteArrayList<>();
  private Freshet freshet;

  @BeforeEach
  void start(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, v int)",
        "INSERT INTO a VALUES (1, 0)",
        "CREATE TABLE b (id int PRIMARY KEY)");
    freshet.engine().addListener(reports::add);
    freshet.engine().start();
  }

  private void create(String schedule, String... more) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("schedule", schedule);
    settings.put("cost", "off");
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    freshet.create("st", "SELECT id, v FROM a", settings);
  }

  private void awaitValue(int v) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> freshet.rows("SELECT v FROM st WHERE id = 1").equals(List.of("(" + v + ")")));
  }

  @Test
  void intervalFollowsWithoutBeingAsked() throws SQLException {
    create("20ms");
    for (int v = 1; v <= 5; v++) {
      freshet.sql("UPDATE a SET v = " + v);
      awaitValue(v);
    }
  }

  @Test
  void idleTicksAskTheServerNothing() throws SQLException {
    create("5ms");
    freshet.sql("UPDATE a SET v = 1");
    awaitValue(1);
    int before = reports.size();
    await()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(() -> reports.size() <= before + 1);
  }

  @Test
  void cronIsKeptAndCanBeReplaced() throws SQLException {
    create("* * * * *");
    freshet.sql("UPDATE a SET v = 1");
    assertThat(freshet.status("st").schedule()).contains("* * * * *");
    freshet.engine().execute(new Command.Alter("st", Optional.empty(), Map.of("schedule", "10ms")));
    awaitValue(1);
  }

  @Test
  void continuousFollowsAtOnceAndGathersForItsDebounce() throws SQLException {
    create("continuous", "debounce", "100ms");
    freshet.sql("UPDATE a SET v = 1");
    awaitValue(1);
    int before = reports.size();
    for (int v = 2; v <= 10; v++) {
      freshet.sql("UPDATE a SET v = " + v);
    }
    awaitValue(10);
    assertThat(reports.size() - before).as("refreshes for nine commits").isLessThan(9);
  }

  @Test
  void continuousSeesACommitThatItsFirstSnapshotMissed() throws SQLException {
    create("continuous", "debounce", "0");
    for (int v = 1; v <= 50; v++) {
      freshet.sql("SET synchronous_commit = off", "UPDATE a SET v = " + v);
    }
    awaitValue(50);
  }

  @Test
  void manualWaitsForTheCommand() throws SQLException {
    create("manual");
    freshet.create("marker", "SELECT id FROM a", Map.of("schedule", "5ms"));
    freshet.sql("UPDATE a SET v = 1", "INSERT INTO a VALUES (2, 2)");
    await().atMost(PATIENCE).until(() -> freshet.rows("SELECT * FROM marker").size() == 2);
    assertThat(freshet.rows("SELECT * FROM st")).containsExactly("(1,0)");
    freshet.refresh("st");
    assertThat(freshet.rows("SELECT * FROM st")).hasSize(2);
  }

  @Test
  void changedScheduleTakesEffectAtOnce() throws SQLException {
    create("365d");
    freshet.sql("UPDATE a SET v = 1");
    freshet
        .engine()
        .execute(new Command.Alter("st", Optional.empty(), Map.of("schedule", "continuous")));
    awaitValue(1);
    freshet.sql("UPDATE a SET v = 2");
    awaitValue(2);
  }

  @Test
  void commitsElsewhereDoNotRefresh() throws SQLException {
    create("continuous", "debounce", "0");
    freshet.create("of_b", "SELECT id FROM b", Map.of("schedule", "continuous"));
    freshet.sql("INSERT INTO b SELECT generate_series(1, 10)");
    await().atMost(PATIENCE).until(() -> freshet.rows("SELECT * FROM of_b").size() == 10);
    assertThat(reports).noneMatch(report -> report.name().equals("public.st"));
  }

  @Test
  void failedRefreshIsTriedAgain() throws Exception {
    freshet.sql("INSERT INTO b VALUES (1)");
    freshet.create(
        "st",
        "SELECT a.id, a.v FROM a JOIN b ON a.id = b.id",
        Map.of("schedule", "20ms", "lock-timeout", "20ms"));
    try (var locker = freshet.database().connect();
        var statement = locker.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("LOCK TABLE b IN ACCESS EXCLUSIVE MODE");
      freshet.sql("UPDATE a SET v = 7");
      await()
          .atMost(PATIENCE)
          .until(() -> reports.stream().anyMatch(report -> report.mode() == Mode.FAILED));
      statement.execute("COMMIT");
    }
    awaitValue(7);
    assertThat(freshet.status("st").state()).isEqualTo("active");
  }

  @Test
  void fullOnlyQueryRunsOnlyWhenASourceChanged() throws SQLException {
    freshet.create(
        "st",
        "SELECT DISTINCT ON (v % 2) id, v FROM a ORDER BY v % 2, id",
        Map.of("schedule", "5ms"));
    freshet.sql("INSERT INTO a VALUES (2, 2), (3, 3)");
    await().atMost(PATIENCE).until(() -> freshet.rows("SELECT * FROM st").size() == 2);
    long full = reports.stream().filter(report -> report.mode() == Mode.FULL).count();
    await()
        .during(Duration.ofMillis(300))
        .atMost(PATIENCE)
        .until(() -> reports.stream().filter(report -> report.mode() == Mode.FULL).count() == full);
  }
}
