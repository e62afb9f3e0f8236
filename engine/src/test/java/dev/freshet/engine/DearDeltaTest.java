package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A delta that is dearer than a full refresh: each row that it looks at takes 20 milliseconds. It
 * stands for a plan that is bad; a function that asks which statement it is called from makes it
 * certain.
 */
@ExtendWith(FreshetExtension.class)
class DearDeltaTest {
  private static final String QUERY = "SELECT id, dear(v) + (SELECT max(v) FROM a) AS w FROM a";
  private static final String GIVEN_UP = "given up";

  private Freshet freshet;
  private int top = 1000;

  @BeforeEach
  void makeSource(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE FUNCTION dear(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$BEGIN"
            + " IF current_query() LIKE '%unnest(%' THEN PERFORM pg_sleep(0.02); END IF;"
            + " RETURN $1; END$$",
        "CREATE TABLE a (id int PRIMARY KEY, v int)",
        "INSERT INTO a SELECT i, i FROM generate_series(1, 50) i",
        "ANALYZE a");
  }

  /** Refreshes when the change has been received: what was not is not foreseen. */
  private RefreshReport refreshAfterAChange() throws SQLException {
    freshet.sql("UPDATE a SET v = %d WHERE id = 7".formatted(++top));
    await()
        .pollInterval(Duration.ofMillis(5))
        .atMost(Duration.ofSeconds(10))
        .until(() -> freshet.status("st").pendingChanges() > 0);
    return freshet.refresh("st");
  }

  private List<RefreshReport> refreshes(int count) throws SQLException {
    List<RefreshReport> reports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      reports.add(refreshAfterAChange());
    }
    return reports;
  }

  private static boolean wasGivenUp(RefreshReport report) {
    return report.phases().containsKey(GIVEN_UP);
  }

  /** Eight refreshes cost ten full ones at the most: the first, and one trial, cost two. */
  @Test
  void isGivenUpAndSeldomTriedAgain() throws SQLException {
    freshet.create("st", QUERY);
    List<RefreshReport> reports = refreshes(8);
    assertThat(reports).extracting(RefreshReport::mode).containsOnly(Mode.FULL);
    assertThat(reports.getFirst().phases()).containsKey(GIVEN_UP);
    assertThat(reports.getFirst().reason()).contains("given up after").contains("expected");
    assertThat(reports).filteredOn(DearDeltaTest::wasGivenUp).hasSizeBetween(1, 2);
    assertThat(reports)
        .as("the delta is not even made")
        .anyMatch(report -> report.reason().startsWith("foreseen"));
  }

  @Test
  void isNeverGivenUpInModeIncremental() throws SQLException {
    freshet.create("st", QUERY, Map.of("mode", "incremental"));
    assertThat(refreshes(2))
        .noneMatch(DearDeltaTest::wasGivenUp)
        .extracting(RefreshReport::mode)
        .containsOnly(Mode.INCREMENTAL);
  }

  @Test
  void isTriedAgainAndKeptOnceItIsCheap() throws SQLException {
    freshet.create("st", QUERY);
    assertThat(refreshAfterAChange().mode()).isEqualTo(Mode.FULL);
    freshet.sql(
        "CREATE OR REPLACE FUNCTION dear(int) RETURNS int IMMUTABLE LANGUAGE sql AS"
            + " 'SELECT $1'");
    List<RefreshReport> reports = refreshes(6);
    assertThat(reports).extracting(RefreshReport::mode).contains(Mode.INCREMENTAL);
  }

  /** Nothing is known after a restart: a full refresh is tried, for as long as the delta took. */
  @Test
  void isNoticedAfterARestart() throws Exception {
    freshet.create("st", QUERY);
    freshet.restartEngine();
    assertThat(refreshAfterAChange().mode()).isEqualTo(Mode.INCREMENTAL);
    RefreshReport tried = refreshAfterAChange();
    assertThat(tried.reason()).contains("full to be tried");
    assertThat(tried.mode()).isEqualTo(Mode.FULL);
    assertThat(refreshAfterAChange().mode()).isEqualTo(Mode.FULL);
  }

  @Test
  void fullRefreshThatTakesLongerThanTheDeltaIsGivenUpToo() throws Exception {
    freshet.sql(
        "CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$BEGIN"
            + " PERFORM pg_sleep(0.02); RETURN $1; END$$");
    freshet.create("st", "SELECT id, slow(v) AS w FROM a");
    freshet.restartEngine();
    String change = "UPDATE a SET v = v + 1000 WHERE id <= 5";
    freshet.sql(change);
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.INCREMENTAL);
    freshet.sql(change);
    RefreshReport tried = freshet.refresh("st");
    assertThat(tried.mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(tried.reason()).contains("a full refresh was tried and given up");
    freshet.sql(change);
    assertThat(freshet.refresh("st")).matches(report -> !wasGivenUp(report));
  }

  @Test
  void timeoutOfADeltaTeachesToo() throws Exception {
    freshet.create("st", QUERY);
    freshet
        .engine()
        .execute(new Command.Alter("st", Optional.empty(), Map.of("statement-timeout", "550ms")));
    freshet.restartEngine();
    RefreshReport first = refreshAfterAChange();
    assertThat(first.mode()).isEqualTo(Mode.FULL);
    assertThat(first.phases()).containsKey(GIVEN_UP);
    assertThat(refreshAfterAChange()).matches(report -> !wasGivenUp(report));
  }

  @Test
  void isGivenUpInAGraphToo() throws SQLException {
    freshet.create("st", QUERY);
    freshet.create("total", "SELECT sum(w) AS w FROM st");
    List<RefreshReport> reports = refreshes(4);
    assertThat(reports).extracting(RefreshReport::mode).containsOnly(Mode.FULL);
    assertThat(reports.getFirst().phases()).containsKey(GIVEN_UP);
    assertThat(freshet.status("total").lastRefreshes())
        .as("its delta is what the full refresh wrote")
        .anyMatch(report -> report.mode() == Mode.INCREMENTAL);
  }
}
