package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Stream tables on stream tables: one transaction, one cut, and what keeps one of them out. */
@ExtendWith(FreshetExtension.class)
class GraphTest {
  private Freshet freshet;

  @BeforeEach
  void makeSource(Freshet own) throws SQLException {
    freshet = own;
    freshet.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, region text, amount numeric)",
        "INSERT INTO orders SELECT i, 'r' || i % 10, i FROM generate_series(1, 1000) i",
        "ANALYZE orders");
  }

  /** Its deltas are never too large for an incremental refresh. */
  private void create(String name, String query) {
    freshet.create(name, query, Map.of("max-change-ratio", "1", "cost", "off"));
  }

  private void createChain() {
    create("a", "SELECT id, region, amount FROM orders WHERE amount > 0");
    create("b", "SELECT region, sum(amount) AS total, count(*) AS n FROM a GROUP BY region");
    create("c", "SELECT region, total FROM b WHERE total > 1000");
  }

  private void createDiamond() {
    create("a", "SELECT id, region, amount FROM orders WHERE amount > 0");
    create("b", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    create("c", "SELECT region, count(*) AS n FROM a GROUP BY region");
    create("d", "SELECT b.region, b.total, c.n FROM b JOIN c ON b.region = c.region");
  }

  private Map<String, RefreshReport> refreshAll() {
    return refresh(List.of());
  }

  private Map<String, RefreshReport> refresh(List<String> names) {
    Reply.Refreshed refreshed =
        (Reply.Refreshed) freshet.engine().execute(new Command.Refresh(names, Optional.empty()));
    return refreshed.reports().stream()
        .collect(Collectors.toMap(r -> r.name().replace("public.", ""), r -> r));
  }

  private void requireEqual() {
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  @Test
  void rowsThatOnlyGoReachTheDependents() throws SQLException {
    create("bag", "SELECT o.region, p.amount FROM orders o JOIN orders p ON p.id = o.id + 1");
    create("sums", "SELECT region, count(*) AS n FROM bag GROUP BY region");
    freshet.sql("DELETE FROM orders WHERE id = 700");
    refresh(List.of("sums"));
    requireEqual();
    create("distinct_regions", "SELECT DISTINCT region, amount % 3 AS m FROM orders");
    create("per_rest", "SELECT m, count(*) AS n FROM distinct_regions GROUP BY m");
    freshet.create(
        "listed",
        "SELECT string_agg(region, ',') AS l FROM distinct_regions",
        Map.of("mode", "full"));
    freshet.sql("DELETE FROM orders WHERE region = 'r3'");
    assertThat(refresh(List.of("per_rest")).get("listed").mode()).isEqualTo(Mode.FULL);
    requireEqual();
  }

  private List<String> frontiers() throws SQLException {
    return freshet.rows("SELECT DISTINCT snapshot::text FROM freshet.frontier");
  }

  @Test
  void chainOfThreeMovesInOneTransaction() throws SQLException {
    createChain();
    freshet.sql("UPDATE orders SET amount = amount + 5000 WHERE id = 17");
    Map<String, RefreshReport> reports = refresh(List.of("b"));
    assertThat(reports).containsOnlyKeys("a", "b", "c");
    assertThat(reports.values()).extracting(RefreshReport::mode).containsOnly(Mode.INCREMENTAL);
    assertThat(frontiers()).hasSize(1);
  }

  @Test
  void diamondSeesBothBranchesOnce() throws SQLException {
    createDiamond();
    freshet.sql("DELETE FROM orders WHERE id = 3", "INSERT INTO orders VALUES (3, 'r4', 8)");
    Map<String, RefreshReport> reports = refresh(List.of("d"));
    assertThat(reports.get("d").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(freshet.rows("SELECT n FROM d WHERE region = 'r4'")).containsExactly("(101)");
  }

  @Test
  void sourceThatIsAStreamTableIsNotCaptured() throws SQLException {
    createDiamond();
    assertThat(
            freshet.rows(
                freshet.usesTriggers()
                    ? "SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE tgname LIKE"
                        + " 'freshet_capture%'"
                    : "SELECT tablename FROM pg_publication_tables"))
        .containsExactly("(orders)");
    assertThat(freshet.rows("SELECT relreplident FROM pg_class WHERE relname IN ('a', 'b', 'c')"))
        .containsOnly("(d)");
  }

  @Test
  void rowsThatABagOnlyTakesAwayReachItsDependents() throws SQLException {
    create("bag", "SELECT DISTINCT ON (id) region FROM orders");
    create("n", "SELECT region, count(*) AS n FROM bag GROUP BY region");
    freshet.sql("DELETE FROM orders WHERE id = 3");
    refreshAll();
    assertThat(freshet.rows("SELECT n FROM n WHERE region = 'r3'")).containsExactly("(99)");
    requireEqual();
  }

  @Test
  void upstreamThatDoesNotChangeCostsItsDependentsNothing() throws SQLException {
    createChain();
    freshet.sql("INSERT INTO orders VALUES (5000, 'r1', -1)");
    Map<String, RefreshReport> reports = refreshAll();
    assertThat(reports.get("b").mode()).isEqualTo(Mode.NOOP);
    assertThat(reports.get("c").mode()).isEqualTo(Mode.NOOP);
    assertThat(frontiers()).hasSize(1);
  }

  @Test
  void changeThatADependentCannotSeeIsNoChangeForIt() throws SQLException {
    create("a", "SELECT id, region, amount FROM orders");
    create("b", "SELECT region, count(*) AS n FROM a GROUP BY region");
    freshet.sql("UPDATE orders SET amount = 1 WHERE id < 10");
    Map<String, RefreshReport> reports = refreshAll();
    assertThat(reports.get("a").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(reports.get("b").mode()).isEqualTo(Mode.NOOP);
  }

  @Test
  void dependentShowsValuesAsItsUpstreamHasThem() throws SQLException {
    create("a", "SELECT id, region, amount FROM orders");
    create("b", "SELECT id, amount::text AS shown FROM a");
    freshet.sql("UPDATE orders SET amount = 17.00 WHERE id = 17");
    refreshAll();
    assertThat(freshet.rows("SELECT amount::text FROM a WHERE id = 17"))
        .isEqualTo(freshet.rows("SELECT shown FROM b WHERE id = 17"));
  }

  @Test
  void fullRefreshOfAnUpstreamFeedsAnIncrementalDependent() throws SQLException {
    freshet.create("a", "SELECT id, region, amount FROM orders", Map.of("mode", "full"));
    create("b", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    freshet.sql("UPDATE orders SET amount = amount * 2 WHERE id = 5");
    Map<String, RefreshReport> reports = refreshAll();
    assertThat(reports.get("a").mode()).isEqualTo(Mode.FULL);
    assertThat(reports.get("b").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(reports.get("b").deltaRows()).isEqualTo(2);
  }

  @Test
  void rebuiltUpstreamRefreshesItsDependentsInFull() throws SQLException {
    freshet.create(
        "a", "SELECT id, region, amount FROM orders", Map.of("mode", "full", "full", "rebuild"));
    create("b", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    create("c", "SELECT region FROM b WHERE total > 10");
    freshet.sql("UPDATE orders SET amount = amount * 2 WHERE id = 5");
    Map<String, RefreshReport> reports = refreshAll();
    assertThat(reports.get("a").mode()).isEqualTo(Mode.REBUILD);
    assertThat(reports.get("b").reason()).isEqualTo("public.a was rebuilt");
    assertThat(reports.get("c").mode()).isIn(Mode.INCREMENTAL, Mode.NOOP);
    freshet.sql("UPDATE orders SET amount = amount * 2 WHERE id = 5");
    assertThat(refreshAll().get("b").reason()).isEqualTo("public.a was rebuilt");
  }

  @Test
  void dependentThatIsFullIsRefreshedOnlyWhenItsUpstreamChanges() throws SQLException {
    create("a", "SELECT id, region, amount FROM orders WHERE amount > 0");
    freshet.create(
        "b", "SELECT id, rank() OVER (ORDER BY amount) AS r FROM a", Map.of("mode", "full"));
    freshet.sql("INSERT INTO orders VALUES (5000, 'r1', -1)");
    assertThat(refreshAll().get("b").mode()).isEqualTo(Mode.NOOP);
    freshet.sql("INSERT INTO orders VALUES (5001, 'r1', 3)");
    assertThat(refreshAll().get("b").mode()).isEqualTo(Mode.FULL);
  }

  @Test
  void starOverAStreamTableHasNoHiddenColumns() throws SQLException {
    create("a", "SELECT region, sum(amount) AS total FROM orders GROUP BY region");
    assertThat(freshet.rows("SELECT * FROM a LIMIT 1").getFirst().split(",").length)
        .as("a has hidden columns")
        .isGreaterThan(2);
    create("b", "SELECT * FROM a WHERE total > 10");
    assertThat(
            freshet.rows(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'b'::regclass"
                    + " AND attnum > 0 AND attname NOT LIKE '\\_\\_freshet%'"))
        .containsExactly("(region)", "(total)");
    assertThatThrownBy(() -> create("c", "SELECT DISTINCT * FROM a"))
        .hasMessageContaining("hidden columns");
    freshet.sql("UPDATE orders SET amount = amount + 1 WHERE id = 1");
    assertThat(refreshAll().get("b").mode()).isEqualTo(Mode.INCREMENTAL);
  }

  @Test
  void failedMemberDoesNotStopItsSiblingAndItsDependentsWait() throws SQLException {
    create("a", "SELECT id, region, amount FROM orders");
    create("bad", "SELECT id, region, 100 / amount AS x FROM a");
    create("good", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    create("after", "SELECT bad.id, good.total FROM bad JOIN good ON bad.region = good.region");
    freshet.sql("UPDATE orders SET amount = 0 WHERE id = 8");
    Map<String, RefreshReport> reports = refresh(List.of("good"));
    assertThat(reports.get("good").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(reports).doesNotContainKeys("bad", "after");
    assertThat(freshet.status("bad").state()).isEqualTo("failed");
    assertThat(freshet.status("after").waitingFor())
        .hasValueSatisfying(
            reason -> assertThat(reason).startsWith("waits for public.bad, which has failed"));
    assertThatThrownBy(() -> freshet.refresh("after"))
        .hasMessageContaining("waits for public.bad, which has failed");

    freshet.sql("UPDATE orders SET amount = 4 WHERE id = 8");
    Map<String, RefreshReport> back = refresh(List.of("bad"));
    assertThat(back.get("bad").mode()).isEqualTo(Mode.FULL);
    assertThat(back.get("after").mode()).isEqualTo(Mode.FULL);
    assertThat(back.get("after").reason()).contains("waited for public.bad");
    assertThat(freshet.status("after").waitingFor()).isEmpty();
    assertThat(freshet.status("bad").state()).isEqualTo("active");
    freshet.sql("UPDATE orders SET amount = 5 WHERE id = 9");
    assertThat(refreshAll().values())
        .extracting(RefreshReport::mode)
        .containsOnly(Mode.INCREMENTAL);
  }

  @Test
  void lockedSourceOfOneKeepsOnlyItsDependentsBack() throws SQLException {
    freshet.sql("CREATE TABLE extra (region text)", "INSERT INTO extra VALUES ('r1')");
    create("a", "SELECT id, region, amount FROM orders");
    freshet.create(
        "blocked",
        "SELECT a.id FROM a JOIN extra ON a.region = extra.region",
        Map.of("lock-timeout", "10ms"));
    create("free", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    freshet.restartEngine(Map.of("refresh.lock-timeout", "20ms"));
    freshet.sql("UPDATE orders SET amount = 7 WHERE id = 8");
    try (Connection other = freshet.database().connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE extra IN ACCESS EXCLUSIVE MODE");
      assertThat(refresh(List.of("free")).get("free").mode()).isEqualTo(Mode.INCREMENTAL);
      other.rollback();
    }
    assertThat(refresh(List.of("free")).get("blocked").reason())
        .isEqualTo("caught up in full: it and public.a stood at different cuts");
  }

  @Test
  void pausedLeafIsLeftOutAndCaughtUpWhenResumed() throws SQLException {
    createChain();
    freshet.engine().execute(new Command.Pause(List.of("c")));
    freshet.sql("UPDATE orders SET amount = amount + 7 WHERE id = 3");
    assertThat(refresh(List.of("a"))).containsOnlyKeys("a", "b");
    freshet.engine().execute(new Command.Resume(List.of("c")));
    assertThat(refresh(List.of("a")).get("c").reason())
        .isEqualTo("caught up in full: it and public.b stood at different cuts");
  }

  @Test
  void pausedAncestorMakesItsDescendantsWait() throws SQLException {
    createChain();
    freshet.engine().execute(new Command.Pause(List.of("b")));
    freshet.sql("UPDATE orders SET amount = amount + 7 WHERE id = 3");
    assertThat(refresh(List.of("a"))).containsOnlyKeys("a");
    assertThat(freshet.status("c").waitingFor()).contains("waits for public.b, which is paused");
    freshet.engine().execute(new Command.Resume(List.of("b")));
    Map<String, RefreshReport> reports = refresh(List.of("a"));
    assertThat(reports.get("b").mode()).isEqualTo(Mode.FULL);
    assertThat(reports.get("c").mode()).as("it read nothing but b").isNotEqualTo(Mode.FULL);
  }

  @Test
  void dropIsRefusedWhileOthersReadIt() {
    createChain();
    assertThatThrownBy(() -> freshet.engine().execute(new Command.Drop("a", false)))
        .isInstanceOf(FreshetException.class)
        .hasMessage("public.a is read by public.b, public.c");
    assertThat(freshet.engine().status().streamTables()).hasSize(3);
  }

  @Test
  void cascadeDropsAllThatReadIt() throws SQLException {
    createChain();
    create("other", "SELECT id FROM a");
    Reply reply = freshet.engine().execute(new Command.Drop("b", false, true));
    assertThat(reply).isEqualTo(new Reply.Done("dropped stream table public.b, public.c"));
    assertThat(freshet.rows("SELECT to_regclass('b') IS NULL AND to_regclass('c') IS NULL"))
        .containsExactly("(t)");
    freshet.engine().execute(new Command.Drop("other", false));
    assertThat(
            freshet.rows(
                "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'freshet%'"
                    + " AND tgrelid = 'a'::regclass"))
        .as("nobody reads a any more")
        .isEmpty();
  }

  @Test
  void cycleIsRefusedWithItsPath() {
    createChain();
    assertThatThrownBy(
            () ->
                freshet
                    .engine()
                    .execute(
                        new Command.Alter(
                            "a",
                            Optional.of("SELECT 1 AS id, region, total AS amount FROM c"),
                            Map.of())))
        .hasMessage(
            "the query would make public.a read itself:"
                + " public.a → public.b → public.c → public.a");
  }

  @Test
  void alteringMayNotTakeColumnsThatOthersRead() {
    createChain();
    assertThatThrownBy(
            () ->
                freshet
                    .engine()
                    .execute(
                        new Command.Alter(
                            "a", Optional.of("SELECT id, region FROM orders"), Map.of())))
        .hasMessageContaining("amount (public.b)");
  }

  @Test
  void alteredUpstreamTakesItsDependentsAlong() throws SQLException {
    createChain();
    freshet
        .engine()
        .execute(
            new Command.Alter(
                "a",
                Optional.of("SELECT id, region, amount * 2 AS amount FROM orders WHERE amount > 0"),
                Map.of()));
    assertThat(frontiers()).as("all at the cut of the alteration").hasSize(1);
    assertThat(freshet.rows("SELECT sum(total) FROM b")).containsExactly("(1001000)");
    freshet
        .engine()
        .execute(
            new Command.Alter(
                "a",
                Optional.of("SELECT 1 AS one, id, region, amount FROM orders WHERE amount > 0"),
                Map.of()));
    assertThat(frontiers()).hasSize(1);
    assertThat(freshet.rows("SELECT sum(total) FROM b")).containsExactly("(500500)");
    requireEqual();
    freshet.sql("UPDATE orders SET amount = amount + 7 WHERE id = 3");
    refreshAll();
    requireEqual();
    freshet.sql("UPDATE orders SET amount = amount + 7 WHERE id = 3");
    assertThat(refreshAll().get("b").mode()).isEqualTo(Mode.INCREMENTAL);
  }

  @Test
  void restartContinuesFromTheDelta() throws SQLException {
    createDiamond();
    freshet.sql("UPDATE orders SET amount = amount + 1 WHERE id < 20");
    freshet.restartEngine();
    assertThat(refreshAll().values()).extracting(RefreshReport::mode).doesNotContain(Mode.FULL);
  }

  @Test
  void restartWithABrokenUpstreamLetsItsDependentWait() throws SQLException {
    freshet.sql(
        "CREATE FUNCTION twice(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql RETURN $1 * 2");
    create("a", "SELECT id, region, twice(amount) AS amount FROM orders");
    create("b", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    freshet.sql("DROP FUNCTION twice");
    freshet.restartEngine();
    assertThat(freshet.status("a").state()).isEqualTo("failed");
    assertThat(freshet.status("b").waitingFor()).isPresent();
    freshet.sql(
        "CREATE FUNCTION twice(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql RETURN $1 * 3",
        "INSERT INTO orders VALUES (9000, 'r1', 1)");
    Map<String, RefreshReport> reports = refresh(List.of("a"));
    assertThat(reports.get("b").mode()).isEqualTo(Mode.FULL);
  }

  @Test
  void missingTriggersAreNoticedAndMadeAnew() throws SQLException {
    createChain();
    freshet.sql(
        "DROP TRIGGER freshet_applied_insert ON a", "INSERT INTO orders VALUES (9000, 'r1', 1)");
    assertThat(refreshAll().get("b").mode()).isEqualTo(Mode.FULL);
    freshet.sql("INSERT INTO orders VALUES (9001, 'r1', 1)");
    assertThat(refreshAll().get("b").mode()).isEqualTo(Mode.INCREMENTAL);
  }

  @Test
  void writeByHandIntoAnUpstreamBreaksNothing() throws SQLException {
    createChain();
    freshet.sql(
        "UPDATE b SET total = total + 1 WHERE region = 'r1'",
        "UPDATE b SET total = total - 1 WHERE region = 'r1'");
    freshet.sql("INSERT INTO orders VALUES (9001, 'r1', 1)");
    assertThat(refreshAll().get("c").mode()).isEqualTo(Mode.INCREMENTAL);
  }

  @Test
  void viewOverAStreamTableIsFollowed() throws SQLException {
    create("a", "SELECT id, region, amount FROM orders");
    freshet.sql("CREATE VIEW v AS SELECT region, amount FROM a WHERE amount > 500");
    create("b", "SELECT region, sum(amount) AS total FROM v GROUP BY region");
    freshet.sql("UPDATE orders SET amount = amount + 1 WHERE id > 900");
    Map<String, RefreshReport> reports = refreshAll();
    assertThat(reports.get("b").mode()).isNotEqualTo(Mode.NOOP);
  }

  @Test
  void joinOfUpstreamAndBaseTableSeesOneCut() throws SQLException {
    create("a", "SELECT region, sum(amount) AS total FROM orders GROUP BY region");
    create("b", "SELECT o.id, o.amount, a.total FROM orders o JOIN a ON a.region = o.region");
    freshet.sql(
        "UPDATE orders SET amount = amount + 1 WHERE id = 1", "DELETE FROM orders WHERE id = 2");
    assertThat(freshet.refreshIncrementally("b").mode()).isEqualTo(Mode.INCREMENTAL);
  }

  @Test
  void calculatedTableComesAlongWithWhatReadsIt() throws SQLException {
    freshet.create("a", "SELECT id, region, amount FROM orders", Map.of("schedule", "calculated"));
    freshet.create(
        "b",
        "SELECT region, sum(amount) AS total FROM a GROUP BY region",
        Map.of("schedule", "continuous"));
    assertThat(freshet.status("a").place().cadence()).containsExactly("continuous");
    assertThat(freshet.status("b").place().level()).isEqualTo(1);
    freshet.engine().start();
    freshet.sql("INSERT INTO orders VALUES (9001, 'new', 1)");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !freshet.rows("SELECT FROM b WHERE region = 'new'").isEmpty());
    assertThat(freshet.rows("SELECT FROM a WHERE region = 'new'")).hasSize(1);
  }
}
