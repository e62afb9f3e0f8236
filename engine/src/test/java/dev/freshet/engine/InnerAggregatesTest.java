package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Aggregates within queries, kept in tables beside the stream table and followed from the log. */
@ExtendWith(FreshetExtension.class)
class InnerAggregatesTest {
  private static final String DEAR =
      "SELECT id, price FROM item WHERE price > (SELECT avg(price) FROM item AS o)";
  private static final String BEST =
      """
      WITH revenue AS (SELECT shop, sum(price * n) AS total FROM item GROUP BY shop)
      SELECT s.id, s.name, r.total FROM shop s JOIN revenue r ON r.shop = s.id
      WHERE r.total = (SELECT max(total) FROM revenue)\
      """;
  private static final String LARGE =
      "SELECT name, count(*) AS n FROM shop WHERE id IN (SELECT shop FROM item GROUP BY shop HAVING"
          + " sum(n) > 30) GROUP BY name";
  private static final String HIDDEN =
      "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '%freshet_state%'"
          + " ORDER BY 1";

  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE shop (id int PRIMARY KEY, name text NOT NULL)",
        "CREATE TABLE item (id int PRIMARY KEY, shop int NOT NULL, price numeric(10,2) NOT NULL, n"
            + " int NOT NULL)",
        "CREATE INDEX ON item (shop)",
        "INSERT INTO shop SELECT i, 'shop' || i % 7 FROM generate_series(1, 20) i",
        "INSERT INTO item SELECT i, 1 + i % 20, i % 37 + 0.5, i % 5 FROM generate_series(1, 300) i",
        "ANALYZE");
  }

  private void create(String name, String query) {
    freshet.create(name, query, Map.of("max-change-ratio", "1", "cost", "off"));
  }

  private void audit() {
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  private List<String> hidden() throws SQLException {
    return freshet.rows(HIDDEN);
  }

  /** Values that move, groups that come and go, changes that add up to nothing. */
  private void followItems(String name) throws SQLException {
    freshet.sql("INSERT INTO item VALUES (1000, 3, 90, 40)");
    freshet.follow(name);
    freshet.sql("UPDATE item SET price = price + 1, n = n + 1 WHERE id IN (1, 2, 1000)");
    freshet.follow(name);
    freshet.sql("DELETE FROM item WHERE shop = 3", "INSERT INTO item VALUES (1001, 77, 1, 100)");
    freshet.follow(name);
    freshet.sql(
        "UPDATE item SET price = price + 5, n = n + 2 WHERE id = 10",
        "UPDATE item SET price = price - 5, n = n - 2 WHERE id = 30",
        "UPDATE item SET n = n + 1 WHERE id = 12",
        "INSERT INTO shop VALUES (77, 'new')");
    freshet.follow(name);
    freshet.sql("DELETE FROM item WHERE id >= 1000", "INSERT INTO item VALUES (301, 3, 2.5, 9)");
    freshet.follow(name);
  }

  @Test
  void valueOfAllRowsIsKept() throws SQLException {
    create("st", DEAR);
    assertThat(hidden()).containsExactly("(st_freshet_state1)");
    followItems("st");
  }

  @Test
  void greatestOfTheGroupsIsKept() throws SQLException {
    create("st", BEST);
    assertThat(hidden()).containsExactly("(st_freshet_state1)", "(st_freshet_state2)");
    followItems("st");
  }

  @Test
  void groupsOfASubQueryAreKept() throws SQLException {
    create("st", LARGE);
    assertThat(hidden()).containsExactly("(st_freshet_state1)");
    followItems("st");
  }

  @Test
  void firstGroupsAreKeptWithTheOthers() throws SQLException {
    create("st", "SELECT shop, sum(n) AS n FROM item GROUP BY shop ORDER BY n DESC, shop LIMIT 3");
    assertThat(hidden()).containsExactly("(st_freshet_state1)");
    followItems("st");
  }

  @Test
  void fullRefreshAndRebuildMoveAllTables() throws SQLException {
    create("st", BEST);
    freshet.sql("UPDATE item SET n = n + 100 WHERE id = 4");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.FULL);
    audit();
    freshet.engine().execute(new Command.Alter("st", Optional.empty(), Map.of("full", "rebuild")));
    freshet.sql("UPDATE item SET n = n + 200 WHERE id = 5");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.REBUILD);
    audit();
    followItems("st");
  }

  @Test
  void truncatedSourceIsRefilled() throws SQLException {
    create("st", BEST);
    freshet.sql("TRUNCATE item", "INSERT INTO item VALUES (1, 2, 3, 4), (2, 3, 3, 4)");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    audit();
    followItems("st");
  }

  @Test
  void dropTakesTheHiddenTablesAlong() throws SQLException {
    create("st", BEST);
    freshet.engine().execute(new Command.Drop("st", false));
    assertThat(hidden()).isEmpty();
  }

  @Test
  void otherQueryGetsOtherHiddenTables() throws SQLException {
    create("st", DEAR);
    for (String query :
        List.of(
            DEAR.replace("avg", "max"),
            BEST.replace("s.id, s.name, r.total", "s.id, r.total AS price"),
            "SELECT id, price FROM item WHERE n > 3")) {
      freshet.engine().execute(new Command.Alter("st", Optional.of(query), Map.of()));
      audit();
      freshet.sql("UPDATE item SET price = price + 3 WHERE id % 50 IN (7, 9)");
      assertThat(freshet.refreshIncrementally("st").mode()).isEqualTo(Mode.INCREMENTAL);
      audit();
    }
    assertThat(hidden()).isEmpty();
  }

  @Test
  void engineThatComesBackGoesOn() throws SQLException {
    create("st", BEST);
    freshet.sql("UPDATE item SET n = n + 100 WHERE id = 4");
    freshet.restartEngine();
    assertThat(freshet.refreshIncrementally("st").mode()).isEqualTo(Mode.INCREMENTAL);
    audit();
  }

  @Test
  void missingHiddenTableIsMadeAgain() throws SQLException {
    create("st", BEST);
    freshet.engine().close();
    freshet.sql("DROP TABLE st_freshet_state1", "UPDATE item SET n = n + 100 WHERE id = 4");
    freshet.restartEngine();
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    audit();
    assertThat(hidden()).containsExactly("(st_freshet_state1)", "(st_freshet_state2)");
    followItems("st");
  }

  @Test
  void wrongHiddenTableIsTold() throws SQLException {
    create("st", LARGE);
    freshet.sql("UPDATE st_freshet_state1 SET v1 = v1 + 1 WHERE k1 = 7");
    List<AuditReport> reports = freshet.audit();
    assertThat(reports).noneMatch(AuditReport::equal);
    assertThat(reports.getFirst().differences())
        .anyMatch(d -> d.row().startsWith("st_freshet_state1: (7,"));
    freshet.refresh("st", Optional.of("full"));
    audit();
  }

  @Test
  void standsInAGraphBelowAndAbove() throws SQLException {
    create("base", "SELECT id, shop, price, n FROM item WHERE n > 0");
    create("best", BEST.replace("FROM item", "FROM base"));
    create("names", "SELECT name, count(*) AS n FROM best GROUP BY name");
    for (String change :
        List.of(
            "UPDATE item SET n = n + 100 WHERE id = 4",
            "DELETE FROM item WHERE id = 4",
            "INSERT INTO item VALUES (400, 2, 1000, 9), (401, 9, 1000, 9)")) {
      freshet.sql(change);
      freshet.followGraph("names");
    }
  }

  @Test
  void equalsItsQueryUnderWriters() throws Exception {
    Map<String, String> queries = Map.of("dear", DEAR, "best", BEST, "large", LARGE);
    queries.forEach(this::create);
    AuditedWriters.write(
        freshet,
        AlignmentRun.seed(InnerAggregatesTest.class),
        Duration.ofSeconds(8),
        queries.keySet(),
        InnerAggregatesTest::change);
  }

  private static String change(Random random) {
    int id = random.nextInt(1, 400);
    int shop = random.nextInt(1, 25);
    return switch (random.nextInt(5)) {
      case 0 -> "INSERT INTO item VALUES (%d, %d, %d, 3)".formatted(id, shop, id % 50);
      case 1 -> "UPDATE item SET price = %d WHERE id = %d".formatted(random.nextInt(60), id);
      case 2 -> "DELETE FROM item WHERE id = " + id;
      case 3 -> "UPDATE item SET n = %d, shop = %d WHERE id = %d".formatted(id % 9, shop, id);
      default -> "UPDATE shop SET name = 'shop%d' WHERE id = %d".formatted(id % 7, shop);
    };
  }
}
