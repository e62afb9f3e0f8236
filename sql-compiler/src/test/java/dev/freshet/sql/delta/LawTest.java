package dev.freshet.sql.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.Rig;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Q(new) = Q(old) + ΔQ for each rule by itself: the smallest queries of an operator over two small
 * tables with duplicates and NULLs, under random deltas. {@code -Dfreshet.seed=N} repeats a run.
 */
class LawTest {
  private static final int DELTAS = 24;
  private static final long SEED = Long.getLong("freshet.seed", System.nanoTime());

  private final RandomGenerator random = new Random(SEED);
  private boolean inTime;
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE a (k int, x int)",
        "CREATE TABLE b (k int, y int)",
        "INSERT INTO a VALUES (1, 1), (1, 1), (1, 2), (2, NULL), (NULL, 3)",
        "INSERT INTO b VALUES (1, 1), (1, NULL), (3, 2), (3, 2), (NULL, 1)");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  private void holds(String... queries) throws Exception {
    for (String query : queries) {
      try (var rig = new Rig(connection, query)) {
        assertThat(rig.compiled.refreshClass())
            .as("%s: %s", query, rig.compiled.explain().reason())
            .isNotEqualTo(RefreshClass.FULL);
        for (int i = 0; i < DELTAS; i++) {
          String[] changes = changes();
          try {
            rig.after(transport(), changes);
          } catch (AssertionError | Exception e) {
            throw new AssertionError("seed " + SEED + ": " + e.getMessage(), e);
          }
        }
      }
    }
  }

  private Transport transport() {
    return Transport.values()[random.nextInt(Transport.values().length)];
  }

  /** One to three changes of one table or of both. */
  private String[] changes() {
    List<String> changes = new ArrayList<>();
    if (inTime) {
      changes.add(changeInTime());
    }
    int count = inTime ? random.nextInt(2) : random.nextInt(1, 4);
    for (int i = 0; i < count; i++) {
      String table = random.nextBoolean() ? "a" : "b";
      String value = table.equals("a") ? "x" : "y";
      String one =
          table
              + " WHERE ctid = (SELECT ctid FROM "
              + table
              + " ORDER BY k, "
              + value
              + " OFFSET "
              + random.nextInt(6)
              + " LIMIT 1)";
      changes.add(
          switch (random.nextInt(6)) {
            case 0, 1, 2 -> "INSERT INTO %s VALUES (%s, %s)".formatted(table, number(), number());
            case 3 -> "DELETE FROM " + one;
            case 4 -> "DELETE FROM %s WHERE %s = %s".formatted(table, value, number());
            default ->
                "UPDATE %s SET %s = %s WHERE k = %s"
                    .formatted(table, random.nextBoolean() ? value : "k", number(), number());
          });
    }
    return changes.toArray(String[]::new);
  }

  private String changeInTime() {
    return switch (random.nextInt(6)) {
      case 0, 1 ->
          "INSERT INTO c SELECT %s, timestamptz '2024-01-01 10:00+00' + interval '1 minute' * %d"
              .formatted(number(), random.nextInt(-90, 3000));
      case 2 -> "DELETE FROM c WHERE k = " + number() + " AND d > '2024-01-01 11:00+00'";
      case 3 -> "UPDATE c SET d = d + interval '45 minutes' WHERE k = " + number();
      default -> "SELECT 1"; // time alone passes
    };
  }

  private String number() {
    return random.nextInt(5) == 0 ? "NULL" : String.valueOf(random.nextInt(1, 5));
  }

  @Test
  void filterOfTheDelta() throws Exception {
    holds("SELECT k, x FROM a WHERE x > 1", "SELECT k, x FROM a WHERE (x > 1) IS NOT TRUE");
  }

  @Test
  void clockMovesRowsInAndOut() throws Exception {
    holdsInTime(
        "SELECT k, d FROM c WHERE d > now()",
        "SELECT k, d FROM c WHERE d <= now() AND d > now() - interval '1 hour'",
        "SELECT k, d FROM c WHERE d::date = CURRENT_DATE",
        "SELECT k, d FROM c WHERE d BETWEEN now() - interval '1 mon' AND now()",
        "SELECT k, d FROM c WHERE d + interval '1 day' > LOCALTIMESTAMP",
        "SELECT k, d FROM c WHERE now() - d > interval '30 days' OR k = 1",
        "SELECT k, d FROM c WHERE NOT (d < CURRENT_TIMESTAMP AND k IS NOT NULL)",
        "SELECT k, d FROM c WHERE COALESCE(d, timestamptz '2024-01-01 11:00+00') < now()",
        "SELECT k, d FROM c WHERE date_trunc('month', d) = date_trunc('month', now())");
  }

  @Test
  void clockBeneathOtherOperators() throws Exception {
    holdsInTime(
        "SELECT k, count(*) AS n, min(d) AS first FROM c WHERE d < now() GROUP BY k",
        "SELECT k, array_agg(d ORDER BY d) AS ds FROM c WHERE d < now() GROUP BY k",
        "SELECT count(*) AS n FROM c WHERE d > now() - interval '1 day'",
        "SELECT a.x, c.d FROM a JOIN c USING (k) WHERE c.d > now() - interval '1 day'",
        "SELECT a.x, c.d FROM a LEFT JOIN c ON a.k = c.k AND c.d > now()",
        "SELECT c.d, b.y FROM c LEFT JOIN b USING (k) WHERE c.d > now()",
        "SELECT one.d, two.d AS e FROM c one JOIN c two ON one.k = two.k AND one.d < now()"
            + " AND two.d > now() - interval '1 hour'",
        "SELECT x FROM a WHERE NOT EXISTS (SELECT FROM c WHERE c.k = a.k AND c.d > now())",
        "SELECT x, (SELECT max(d) FROM c WHERE c.k = a.k AND d <= now()) AS last FROM a",
        "SELECT x FROM a WHERE k IN (SELECT k FROM c WHERE d > now() - interval '1 day')",
        "SELECT DISTINCT k FROM c WHERE d < now()",
        "SELECT k, d, rank() OVER (PARTITION BY k ORDER BY d) AS r FROM c WHERE d < now()",
        "SELECT k, d FROM c WHERE d < now() ORDER BY d DESC, k LIMIT 2",
        "SELECT s.day, s.n FROM (SELECT date_trunc('day', d) AS day, count(*) AS n FROM c"
            + " GROUP BY 1) s WHERE s.day > now() - interval '1 mon'",
        "SELECT k FROM c WHERE d > now() EXCEPT SELECT k FROM a",
        "SELECT k FROM c WHERE d > now() UNION ALL SELECT k FROM a");
  }

  @Test
  void clockChangesKeys() throws Exception {
    holdsInTimeKeyed(
        ", id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "SELECT id, d FROM c WHERE d > now() - interval '1 hour'",
        "SELECT d, k / 1 AS k FROM c WHERE d::date = CURRENT_DATE OR k = 2",
        "SELECT one.d, two.d AS e FROM c one JOIN c two ON one.k = two.k AND one.d < now()"
            + " AND two.d > now() - interval '1 hour'",
        "SELECT one.id, two.k FROM c one JOIN c two ON one.id = two.id + 1"
            + " AND two.d BETWEEN now() - interval '1 day' AND now()",
        "SELECT id, d FROM c WHERE d > now() UNION ALL SELECT k, d FROM c WHERE d < now()");
  }

  @Test
  void clockWhereLocalTimesAreMoved() throws Exception {
    database.execute(
        "CREATE TABLE local (k int, l timestamp, d timestamptz, day date)",
        "INSERT INTO local SELECT 1, l, l::timestamptz, l FROM generate_series("
            + "timestamp '2024-03-09 20:00', '2024-03-10 14:00', '15 minutes') l",
        "INSERT INTO local SELECT 2, l, l::timestamptz, l FROM generate_series("
            + "timestamp '2024-11-02 20:00', '2024-11-03 14:00', '15 minutes') l");
    try (var statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'America/New_York'");
    }
    holds(
        "SELECT k, l FROM local WHERE l + interval '1 hour' > now()",
        "SELECT k, l FROM local WHERE l - interval '3 hours' > now()",
        "SELECT k, l FROM local WHERE l + interval '1 hour' > LOCALTIMESTAMP",
        "SELECT k, l FROM local WHERE l + interval '1 day' > now() AND l < CURRENT_DATE + 1",
        "SELECT k, d FROM local WHERE d + interval '1 hour' > now()",
        "SELECT k, d FROM local WHERE d + interval '1 hour' > LOCALTIMESTAMP",
        "SELECT k, d FROM local WHERE d - interval '1 day' < now()",
        "SELECT k, d FROM local WHERE now() - d < interval '1 day'",
        "SELECT k, l FROM local WHERE l::date = CURRENT_DATE",
        "SELECT k, d FROM local WHERE d::date < now()",
        "SELECT k, day FROM local WHERE day + interval '7 hours' > now()",
        "SELECT k, day FROM local WHERE day = CURRENT_DATE");
  }

  private void holdsInTime(String... queries) throws Exception {
    holdsInTimeKeyed("", queries);
  }

  /** A third table, whose rows are near what the clock shows. */
  private void holdsInTimeKeyed(String key, String... queries) throws Exception {
    database.execute(
        "CREATE TABLE c (k int, d timestamptz" + key + ")",
        "INSERT INTO c SELECT i % 4, timestamptz '2023-12-31 22:00+00' + i * interval '30 minutes'"
            + " FROM generate_series(1, 60) i",
        "INSERT INTO c SELECT i % 4, timestamptz '2024-01-01 10:00+00' + i * interval '1 day'"
            + " FROM generate_series(1, 95) i",
        "INSERT INTO c VALUES (1, NULL), (NULL, '2024-01-01 10:00+00'), (1, 'infinity')",
        "CREATE INDEX ON c (d)");
    inTime = true;
    holds(queries);
  }

  @Test
  void projectionOfTheDelta() throws Exception {
    holds("SELECT x % 2 AS odd, 'c' AS c FROM a");
  }

  @Test
  void joinsOfEachDeltaWithTheOthers() throws Exception {
    holds(
        "SELECT a.x, b.y FROM a JOIN b USING (k)",
        "SELECT a.x, b.y FROM a, b",
        "SELECT a.x, b.y FROM a JOIN b ON a.x < b.y",
        "SELECT one.x, two.x AS other FROM a one JOIN a two ON one.x = two.k",
        "SELECT a.x, b.y, c.x AS z FROM a JOIN b USING (k) JOIN a c ON c.x = b.y");
  }

  @Test
  void joinsOfWhatIsNotLinear() throws Exception {
    holds(
        "SELECT a.x, g.n FROM a JOIN (SELECT k, count(y) AS n FROM b GROUP BY k) g USING (k)",
        "SELECT g.m, h.n FROM (SELECT k, max(x) AS m FROM a GROUP BY k) g"
            + " JOIN (SELECT k, count(*) AS n FROM b GROUP BY k) h ON g.k = h.k");
  }

  @Test
  void sumOfTheDeltasOfAUnion() throws Exception {
    holds("SELECT s.v FROM (SELECT x AS v FROM a UNION ALL SELECT y FROM b) s WHERE s.v > 1");
  }

  @Test
  void leftJoinAddsAndTakesItsPadding() throws Exception {
    holds(
        "SELECT a.x, b.y FROM a LEFT JOIN b USING (k)",
        "SELECT a.x, b.y FROM a LEFT JOIN b ON a.x < b.y",
        "SELECT a.x, b.y FROM a LEFT JOIN b ON a.k = b.k AND b.y > 1 AND a.x > 1",
        "SELECT a.x, b.y FROM a RIGHT JOIN b USING (k)");
  }

  @Test
  void fullJoinPadsBothSides() throws Exception {
    holds(
        "SELECT a.x, b.y, k FROM a FULL JOIN b USING (k)",
        "SELECT one.x, two.x AS other FROM a one FULL JOIN a two ON one.x = two.k");
  }

  @Test
  void outerJoinsOfOuterJoins() throws Exception {
    holds(
        "SELECT a.x, b.y, c.x AS z FROM a LEFT JOIN b USING (k) LEFT JOIN a c ON c.k = b.y",
        "SELECT a.x, b.y, c.x AS z FROM a LEFT JOIN (b JOIN a c ON c.x = b.y) ON a.k = b.k",
        "SELECT a.x, g.n FROM a LEFT JOIN (SELECT k, count(*) AS n FROM b GROUP BY k) g USING (k)");
  }

  @Test
  void aggregateOfTheTouchedGroups() throws Exception {
    holds(
        "SELECT k, count(*) AS n, sum(x) AS s, min(x) AS least FROM a GROUP BY k",
        "SELECT count(*) AS n, max(x) AS most FROM a",
        "SELECT k, array_agg(x ORDER BY x) AS xs FROM a GROUP BY k HAVING count(*) > 1",
        "SELECT b.y, count(DISTINCT a.x) AS n FROM a JOIN b USING (k) GROUP BY b.y",
        "SELECT n, count(*) AS m FROM (SELECT k, count(x) AS n FROM a GROUP BY k) g GROUP BY n");
  }

  @Test
  void distinctRowsAreGroups() throws Exception {
    holds("SELECT DISTINCT x FROM a", "SELECT DISTINCT a.x, b.y FROM a LEFT JOIN b USING (k)");
  }

  @Test
  void groupingSetsAreAUnionOfGroupings() throws Exception {
    holds(
        "SELECT k, x, count(*) AS n, grouping(k, x) AS g FROM a GROUP BY ROLLUP (k, x)",
        "SELECT k, x, sum(x) AS s FROM a GROUP BY GROUPING SETS ((k), (x), ())",
        "SELECT k, x, count(*) AS n FROM a GROUP BY CUBE (k, x) HAVING count(*) > 1");
  }

  @Test
  void windowsOfTheTouchedPartitions() throws Exception {
    holds(
        "SELECT k, x, rank() OVER (PARTITION BY k ORDER BY x) AS r FROM a",
        "SELECT k, x, sum(x) OVER (PARTITION BY k) AS s, count(*) OVER () AS n FROM a",
        "SELECT s.x FROM (SELECT x, row_number() OVER (PARTITION BY k ORDER BY x) AS n FROM a) s"
            + " WHERE s.n = 1");
  }

  @Test
  void runningWindowsFromTheFirstChangeOn() throws Exception {
    holds(
        "SELECT k, x, rank() OVER w AS r, dense_rank() OVER w AS d, count(*) OVER w AS n"
            + " FROM a WINDOW w AS (PARTITION BY k ORDER BY x)",
        "SELECT x, sum(k) OVER w AS s, min(k) OVER w AS least, max(k) OVER w AS most,"
            + " avg(k) OVER w AS mean FROM a WINDOW w AS (ORDER BY x DESC)",
        "SELECT x, count(x) FILTER (WHERE k > 1) OVER (ORDER BY k NULLS FIRST, x DESC) AS n FROM a",
        "SELECT k, x, row_number() OVER (ORDER BY k, x) AS nr FROM a",
        "SELECT k, x, lag(x) OVER w AS before, lead(x, 2) OVER w AS after,"
            + " row_number() OVER w AS nr FROM a WINDOW w AS (PARTITION BY k ORDER BY x)",
        "SELECT k, x, sum(x) OVER (PARTITION BY k ORDER BY x ROWS UNBOUNDED PRECEDING) AS s,"
            + " first_value(x) OVER (PARTITION BY k ORDER BY x) AS f FROM a",
        "SELECT a.k, sum(b.y) OVER (PARTITION BY a.k ORDER BY a.x) AS s FROM a LEFT JOIN b USING"
            + " (k)",
        "SELECT g.k, sum(g.n) OVER (ORDER BY g.k) AS s FROM"
            + " (SELECT k, count(*) AS n FROM a GROUP BY k) g");
  }

  @Test
  void windowsThatLookAtAllRowsOfAPartition() throws Exception {
    holds(
        "SELECT x, ntile(2) OVER (ORDER BY x) AS half FROM a",
        "SELECT k, x, sum(x) OVER () AS s, cume_dist() OVER (PARTITION BY k ORDER BY x) AS d FROM"
            + " a");
  }

  @Test
  void distinctOnOfTheTouchedKeys() throws Exception {
    holds(
        "SELECT DISTINCT ON (k) k, x FROM a ORDER BY k, x DESC NULLS LAST",
        "SELECT s.x, b.y FROM (SELECT DISTINCT ON (k) k, x FROM a ORDER BY k, x) s"
            + " JOIN b USING (k)");
  }

  @Test
  void intersectCountsTheTouchedRows() throws Exception {
    holds("SELECT k, x FROM a INTERSECT SELECT k, y FROM b");
  }

  @Test
  void intersectAllTakesTheSmallerNumber() throws Exception {
    holds("SELECT x FROM a INTERSECT ALL SELECT y FROM b");
  }

  @Test
  void exceptCountsTheTouchedRows() throws Exception {
    holds("SELECT x FROM a EXCEPT SELECT y FROM b");
  }

  @Test
  void exceptAllTakesTheDifference() throws Exception {
    holds("SELECT x FROM a EXCEPT ALL SELECT y FROM b");
  }

  @Test
  void unionWithoutAllIsDistinct() throws Exception {
    holds("SELECT x FROM a UNION SELECT y FROM b");
  }

  @Test
  void limitIsTheDifferenceOfBothStates() throws Exception {
    holds(
        "SELECT k, x FROM a ORDER BY x, k LIMIT 2",
        "SELECT x FROM a ORDER BY x DESC NULLS LAST LIMIT 2 OFFSET 1",
        "SELECT k, x FROM a ORDER BY x FETCH FIRST 2 ROWS WITH TIES",
        "SELECT s.x, b.y FROM (SELECT k, x FROM a ORDER BY x, k LIMIT 3) s LEFT JOIN b USING (k)");
  }

  @Test
  void existsIsAskedAgainForTouchedRows() throws Exception {
    holds(
        "SELECT x FROM a WHERE EXISTS (SELECT FROM b WHERE b.k = a.k)",
        "SELECT x FROM a WHERE NOT EXISTS (SELECT FROM b WHERE b.k = a.k AND b.y < a.x)",
        "SELECT x, EXISTS (SELECT FROM b WHERE b.y > a.x) AS e FROM a",
        "SELECT x FROM a WHERE x = 1 OR EXISTS (SELECT FROM b WHERE b.k = a.k)",
        "SELECT x FROM a WHERE EXISTS (SELECT FROM b WHERE y = 2)");
  }

  @Test
  void scalarSubqueryIsAskedAgainForTouchedRows() throws Exception {
    holds(
        "SELECT x, (SELECT sum(y) FROM b WHERE b.k = a.k) AS s FROM a",
        "SELECT x, (SELECT max(y) FROM b) AS m FROM a",
        "SELECT x FROM a WHERE x >= (SELECT avg(o.x) FROM a o WHERE o.k = a.k)",
        "SELECT x, ARRAY(SELECT y FROM b WHERE b.k = a.k ORDER BY y) AS ys FROM a",
        "SELECT x, (SELECT y FROM b WHERE b.k = a.k ORDER BY y LIMIT 1) AS y FROM a");
  }

  @Test
  void partsThatOnlyTheOuterRowConnects() throws Exception {
    holds(
        "SELECT a.k, a.x, (SELECT sum(b.y + c.x) FROM b, a AS c WHERE b.k = a.k AND c.x = a.x) AS s"
            + " FROM a",
        "SELECT a.k, (SELECT count(*) FROM b, (SELECT k + 1 AS k, x * 2 AS x FROM a WHERE x > 1) c"
            + " WHERE b.k = a.k AND c.x = 2 * a.x AND b.y < c.k) AS n FROM a",
        "SELECT a.k, (SELECT max(b.y) FROM b, b AS d, a AS c WHERE b.k = a.k AND d.y = a.x AND"
            + " c.k = d.k) AS m FROM a",
        "SELECT k, x FROM a WHERE EXISTS (SELECT FROM b, a AS c WHERE b.k = a.k AND c.x = a.x AND"
            + " c.k <> b.y)",
        "SELECT k, x FROM a WHERE NOT EXISTS (SELECT FROM b, b AS c WHERE b.k = a.k AND c.y = a.x)",
        "SELECT k, x FROM a WHERE x IN (SELECT c.x FROM b, a AS c WHERE b.k = a.k AND b.y > c.k)",
        "SELECT a.k, q.y, q.x FROM a CROSS JOIN LATERAL (SELECT b.y, c.x FROM b, a AS c WHERE b.k ="
            + " a.k AND c.x = a.x ORDER BY b.y, c.x LIMIT 2) q",
        "SELECT a.k, q.n FROM a LEFT JOIN LATERAL (SELECT b.y, count(*) AS n FROM b, a AS c WHERE"
            + " b.k = a.k AND c.x = a.x GROUP BY b.y) q ON q.y > 1");
  }

  @Test
  void partsOfWhichOneIsNotConnected() throws Exception {
    holds(
        "SELECT a.k, (SELECT sum(b.y) FROM b, b AS c WHERE b.k = a.k AND c.k > 2) AS s FROM a",
        "SELECT a.k FROM a WHERE EXISTS (SELECT FROM b, b AS c, a AS d WHERE b.k = a.k AND d.x ="
            + " a.x AND c.k > a.k)");
  }

  @Test
  void anyKnowsThreeValues() throws Exception {
    holds(
        "SELECT x FROM a WHERE x IN (SELECT y FROM b)",
        "SELECT x, x = ANY (SELECT y FROM b WHERE b.k = a.k) AS found FROM a",
        "SELECT x, x IN (SELECT y FROM b) AS found FROM a",
        "SELECT x, x + 1 IN (SELECT y FROM b WHERE y IS NOT NULL) AS found FROM a",
        "SELECT x FROM a WHERE (k, x) IN (SELECT k, y FROM b)");
  }

  @Test
  void allKnowsThreeValues() throws Exception {
    holds(
        "SELECT x FROM a WHERE x NOT IN (SELECT y FROM b)",
        "SELECT x FROM a WHERE x NOT IN (SELECT y FROM b WHERE b.k = a.k)",
        "SELECT x FROM a WHERE x = 1 OR x NOT IN (SELECT y FROM b WHERE y > 1)",
        "SELECT x, x NOT IN (SELECT y FROM b ORDER BY y LIMIT 2) AS missing FROM a",
        "SELECT x, x > ALL (SELECT y FROM b WHERE b.k = a.k) AS above FROM a");
  }

  @Test
  void subqueriesInSubqueries() throws Exception {
    holds(
        "SELECT x FROM a WHERE EXISTS (SELECT FROM b WHERE b.k = a.k"
            + " AND NOT EXISTS (SELECT FROM a o WHERE o.x = b.y AND o.k = a.k))",
        "SELECT k, count(*) AS n FROM a WHERE x > (SELECT min(y) FROM b WHERE b.k = a.k)"
            + " GROUP BY k");
  }

  @Test
  void aggregateInASubqueryHasARowWithoutInput() throws Exception {
    holds(
        "SELECT x FROM a WHERE x NOT IN (SELECT o.x FROM a o, (SELECT max(y) AS m FROM b"
            + " WHERE b.k = a.k) g)",
        "SELECT x, (SELECT count(*) FROM a o, (SELECT count(*) AS n FROM b WHERE b.y = a.x) g"
            + " WHERE g.n = 0) AS n FROM a");
  }

  @Test
  void lateralIsAskedAgainForTouchedRows() throws Exception {
    holds(
        "SELECT a.x, s.y FROM a, LATERAL (SELECT y FROM b WHERE b.k = a.k ORDER BY y LIMIT 1) s",
        "SELECT a.x, s.n FROM a LEFT JOIN LATERAL (SELECT count(*) AS n FROM b WHERE b.k = a.k"
            + " GROUP BY b.k) s ON s.n > 1",
        "SELECT a.x, s.m FROM a CROSS JOIN LATERAL (SELECT max(y) AS m FROM b WHERE b.y < a.x) s");
  }

  @Test
  void functionsOfARowFollowTheRow() throws Exception {
    holds(
        "SELECT a.k, s.i FROM a, generate_series(1, a.x) AS s(i)",
        "SELECT a.k, s.v, s.o FROM a LEFT JOIN unnest(ARRAY[a.k, a.x]) WITH ORDINALITY AS s(v, o)"
            + " ON s.v > 1",
        "SELECT k, generate_series(1, x) AS i FROM a");
  }

  @Test
  void valuesNeverChange() throws Exception {
    holds(
        "SELECT a.x, v.name FROM a JOIN (VALUES (1, 'one'), (2, 'two')) AS v(k, name) USING (k)",
        "SELECT v.k, a.x FROM (VALUES (1), (2)) AS v(k) LEFT JOIN a USING (k)");
  }

  @Test
  void commonTableExpressionsAreSharedParts() throws Exception {
    holds(
        "WITH g AS (SELECT k, sum(x) AS s FROM a GROUP BY k)"
            + " SELECT one.k, two.s FROM g one LEFT JOIN g two ON one.s = two.k",
        "WITH g AS MATERIALIZED (SELECT k, count(*) AS n FROM b GROUP BY k)"
            + " SELECT k, n FROM g WHERE n = (SELECT max(n) FROM g)");
  }
}
