package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Of the changes of a source those are shipped that the query can notice. */
@ExtendWith(FreshetExtension.class)
class DeltaFilterTest {
  private static final int STEPS = 25;

  private Freshet freshet;

  @BeforeEach
  void makeSource(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, g int, v int, amount numeric, due date, t text)",
        "INSERT INTO a SELECT i, i % 5, i, i, date '2024-01-01' + i, 'some text ' || i"
            + " FROM generate_series(1, 1000) i",
        "ANALYZE a");
  }

  @Test
  void signedRowsThatPassAreShipped() throws SQLException {
    freshet.create("st", "SELECT g, sum(v * 2) AS v FROM a WHERE amount > 95 GROUP BY g");
    freshet.sql("UPDATE a SET v = v + 1 WHERE id <= 100");
    RefreshReport report = freshet.follow("st");
    assertThat(report.changes()).isEqualTo(100);
    assertThat(report.deltaRows()).as("old and new rows of 96 to 100").isEqualTo(10);
  }

  @Test
  void ofARowThatMovesInOrOutOneImageIsShipped() throws SQLException {
    freshet.create("st", "SELECT g, sum(v * 2) AS v FROM a WHERE amount > 100 GROUP BY g");
    freshet.sql("UPDATE a SET amount = amount + 50 WHERE id BETWEEN 61 AND 70");
    assertThat(freshet.follow("st").deltaRows()).isEqualTo(10);
    freshet.sql("UPDATE a SET amount = -amount WHERE id BETWEEN 61 AND 80");
    assertThat(freshet.follow("st").deltaRows()).isEqualTo(10);
  }

  @Test
  void groupsAreReducedFromRowsThatPass() throws SQLException {
    freshet.create("st", "SELECT g, sum(v) AS v FROM a WHERE due >= '2025-01-01' GROUP BY g");
    freshet.sql("UPDATE a SET v = v + 1 WHERE id <= 370");
    RefreshReport report = freshet.follow("st");
    assertThat(report.deltaRows()).as("days 366 to 370, by day and group").isEqualTo(5);
  }

  @Test
  void changesThatNoneCanNoticeAreNone() throws SQLException {
    freshet.create("st", "SELECT g, sum(v * 2) AS v FROM a WHERE amount > 5000 GROUP BY g");
    freshet.sql("UPDATE a SET v = v + 1", "DELETE FROM a WHERE id < 10");
    RefreshReport report = freshet.refreshIncrementally("st");
    assertThat(report.mode()).isEqualTo(Mode.NOOP);
    assertThat(report.deltaRows()).isZero();
  }

  @Test
  void insertedRowsThatFailAreNotShippedByKey() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a WHERE amount > 5000");
    freshet.sql(
        "INSERT INTO a SELECT i, 1, i, CASE WHEN i % 10 = 0 THEN 6000 ELSE 1 END"
            + " FROM generate_series(2001, 2100) i");
    assertThat(freshet.follow("st").deltaRows()).isEqualTo(10);
    freshet.sql("INSERT INTO a VALUES (3001, 1, 1, 1)", "UPDATE a SET v = 2 WHERE id = 3001");
    assertThat(freshet.refreshIncrementally("st").mode()).isEqualTo(Mode.NOOP);
    freshet.sql(
        "INSERT INTO a VALUES (3002, 1, 1, 1)", "UPDATE a SET amount = 9e9 WHERE id > 3000");
    assertThat(freshet.follow("st").deltaRows()).isEqualTo(2);
  }

  /** Under the default identity the log does not tell what the row was before. */
  @Test
  void aKeyWhoseOldRowIsNotKnownIsShipped() throws SQLException {
    assumeThat(freshet.usesTriggers()).isFalse();
    freshet.create("st", "SELECT id, v FROM a WHERE amount > 500");
    freshet.sql(
        "UPDATE a SET amount = 1 WHERE id BETWEEN 496 AND 505", "DELETE FROM a WHERE id = 400");
    assertThat(freshet.follow("st").deltaRows()).isEqualTo(11);
  }

  @Test
  void aKeyWhoseOldRowFailedTooIsNotShipped() throws SQLException {
    freshet.sql("ALTER TABLE a REPLICA IDENTITY FULL");
    freshet.create("st", "SELECT id, v FROM a WHERE amount > 500");
    freshet.sql(
        "UPDATE a SET amount = 1 WHERE id BETWEEN 496 AND 505",
        "DELETE FROM a WHERE id IN (400, 600)",
        "UPDATE a SET id = id + 10000 WHERE id IN (300, 700)");
    assertThat(freshet.follow("st").deltaRows()).as("501 to 505, 600, 700, 10700").isEqualTo(8);
  }

  @Test
  void theThresholdLooksAtWhatIsShipped() throws SQLException {
    freshet.create(
        "st",
        "SELECT g, sum(v * 2) AS v FROM a WHERE amount > 995 GROUP BY g",
        Map.of("cost", "off", "max-change-ratio", "0.1"));
    freshet.sql("UPDATE a SET v = v + 1");
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(report.reason()).contains("delta 10 rows");
  }

  @Test
  void eachStreamTableHasAFilterOfItsOwn() throws SQLException {
    freshet.create("low", "SELECT g, sum(v * 2) AS v FROM a WHERE amount <= 10 GROUP BY g");
    freshet.create("high", "SELECT g, sum(v * 2) AS v FROM a WHERE amount > 10 GROUP BY g");
    freshet.create("whole", "SELECT g, sum(v * 2) AS v FROM a GROUP BY g");
    freshet.sql("UPDATE a SET v = v + 1 WHERE id <= 100");
    assertThat(freshet.follow("low").deltaRows()).isEqualTo(20);
    assertThat(freshet.follow("high").deltaRows()).isEqualTo(180);
    assertThat(freshet.follow("whole").deltaRows()).isEqualTo(200);
  }

  /** A value that is not in the log may be any. */
  @Test
  void anUnchangedToastedValueIsNotTakenForNone() throws SQLException {
    freshet.sql(
        "ALTER TABLE a ALTER t SET STORAGE EXTERNAL",
        "UPDATE a SET t = repeat('x', 10000) WHERE id = 1");
    freshet.create("st", "SELECT id, v FROM a WHERE t LIKE 'x%'");
    freshet.sql("UPDATE a SET v = 77 WHERE id = 1");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT v FROM st")).containsExactly("(77)");
  }

  @Test
  void randomChangesUnderManyConditions() throws SQLException {
    long seed = Long.getLong("freshet.filter.seed", System.nanoTime() % 1_000_000);
    System.out.printf("DeltaFilterTest: -Dfreshet.filter.seed=%d%n", seed);
    Random random = new Random(seed);
    freshet.sql("CREATE TABLE d (id int PRIMARY KEY, g int, w numeric)");
    List<String> queries =
        List.of(
            "SELECT id, v FROM a WHERE amount > 5 AND v <> 3",
            "SELECT g, sum(v) AS s FROM a WHERE amount BETWEEN 2 AND 6 GROUP BY g",
            "SELECT g, max(amount) AS m FROM a WHERE due < date '2024-01-05' - 1 GROUP BY g",
            "SELECT g, v FROM a WHERE t IN ('x1', 'x2') OR amount IS NULL",
            "SELECT a.id, d.w FROM a JOIN d ON d.g = a.g AND d.w > 3 WHERE a.v < 5",
            "SELECT a.id, a.v, d.id AS o FROM a LEFT JOIN d ON d.g = a.g AND d.w > 3 WHERE a.v < 5",
            "SELECT id FROM a WHERE amount > 2 AND NOT EXISTS (SELECT FROM d WHERE d.g = a.g AND w"
                + " < 4)",
            "SELECT DISTINCT g FROM a WHERE NOT (v > 4 OR amount = 'NaN')",
            "SELECT l.id, r.id AS o FROM a l JOIN a r ON l.v = r.g WHERE l.amount > 6 AND r.amount"
                + " < 3");
    for (int i = 0; i < queries.size(); i++) {
      freshet.create("st" + i, queries.get(i), Map.of("mode", "incremental"));
    }
    freshet.sql("DELETE FROM a WHERE id > 12");
    for (int step = 0; step < STEPS; step++) {
      for (int change = random.nextInt(4); change >= 0; change--) {
        freshet.sql(randomChange(random));
      }
      assertThat(freshet.audit()).as("seed %d, step %d", seed, step).allMatch(AuditReport::equal);
    }
  }

  private static String randomChange(Random random) {
    int id = random.nextInt(16);
    List<String> amounts = List.of("NULL", "'NaN'", "1", "2.00", "5", "6.5", "7", "'-Infinity'");
    String amount = amounts.get(random.nextInt(amounts.size()));
    int v = random.nextInt(8);
    return switch (random.nextInt(8)) {
      case 0 -> "DELETE FROM a WHERE id = " + id;
      case 1 ->
          "INSERT INTO a VALUES (%d, %d, %d, %s, date '2024-01-01' + %d, 'x%d') ON CONFLICT DO NOTHING"
              .formatted(id, v % 3, v, amount, v, v);
      case 2 -> "UPDATE a SET amount = %s WHERE id = %d".formatted(amount, id);
      case 3 -> "UPDATE a SET v = %d, t = 'x%d' WHERE g = %d".formatted(v, v, id % 5);
      case 4 ->
          ("UPDATE a SET id = id + 100 WHERE id = %1$d"
                  + " AND NOT EXISTS (SELECT FROM a AS o WHERE o.id = %1$d + 100)")
              .formatted(id);
      case 5 -> "INSERT INTO d VALUES (%d, %d, %d) ON CONFLICT DO NOTHING".formatted(id, v % 5, v);
      case 6 -> "UPDATE d SET w = %d WHERE id = %d".formatted(v, id);
      default -> "DELETE FROM d WHERE id = " + id;
    };
  }
}
