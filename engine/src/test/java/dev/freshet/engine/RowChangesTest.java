package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What can happen to rows between two refreshes, followed from the changes alone. */
@ExtendWith(FreshetExtension.class)
class RowChangesTest {
  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet freshet) throws SQLException {
    this.freshet = freshet;
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, k int, v int, t text)",
        "CREATE TABLE b (k int PRIMARY KEY, label text)",
        "CREATE TABLE bag (k int, v int)",
        "INSERT INTO a SELECT i, i % 5, i * 10, 't' || i FROM generate_series(1, 20) i",
        "INSERT INTO b SELECT i, 'label ' || i FROM generate_series(0, 4) i",
        "INSERT INTO bag SELECT i % 3, i % 2 FROM generate_series(1, 12) i");
  }

  @Test
  void rowThatChangesManyTimesCountsOnce() throws SQLException {
    freshet.create("st", "SELECT id, v, t FROM a WHERE v > 50");
    freshet.sql(
        "UPDATE a SET v = 1 WHERE id = 7",
        "DELETE FROM a WHERE id = 7",
        "INSERT INTO a VALUES (7, 1, 99, 'back')",
        "UPDATE a SET v = v + 1 WHERE id = 7",
        "UPDATE a SET v = v + 1 WHERE id = 7",
        "INSERT INTO a VALUES (21, 0, 500, 'brief')",
        "DELETE FROM a WHERE id = 21");
    assertThat(freshet.follow("st").rowsWritten()).isEqualTo(1);
    assertThat(freshet.rows("SELECT * FROM st WHERE id = 7")).containsExactly("(7,101,back)");
  }

  @Test
  void changeThatTouchesNoNeededColumnWritesNothing() throws SQLException {
    freshet.create("st", "SELECT k, sum(v) AS total FROM a GROUP BY k");
    freshet.sql("UPDATE a SET t = 'other'");
    assertThat(freshet.refreshIncrementally("st").rowsWritten()).isZero();
  }

  @Test
  void rowsSwapTheirKeys() throws SQLException {
    freshet.create("st", "SELECT a.id, a.t, b.label FROM a JOIN b ON a.k = b.k");
    freshet.sql(
        """
        DO $$ BEGIN
          UPDATE a SET id = -1 WHERE id = 1;
          UPDATE a SET id = 1 WHERE id = 2;
          UPDATE a SET id = 2 WHERE id = -1;
        END $$\
        """);
    freshet.follow("st");
    assertThat(freshet.rows("SELECT id, t FROM st WHERE id < 3 ORDER BY id"))
        .containsExactly("(1,t2)", "(2,t1)");
  }

  @Test
  void keyMovesOntoADeletedOne() throws SQLException {
    freshet.create("st", "SELECT id, t FROM a");
    freshet.sql("DELETE FROM a WHERE id = 2", "UPDATE a SET id = 2 WHERE id = 1");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT * FROM st WHERE id < 3")).containsExactly("(2,t1)");
  }

  @Test
  void bothSidesOfAJoinChangeAtOnce() throws SQLException {
    freshet.create("st", "SELECT a.id, a.v, b.label FROM a JOIN b ON a.k = b.k");
    freshet.create("sums", "SELECT b.label, sum(a.v) AS v FROM a JOIN b ON a.k = b.k GROUP BY 1");
    freshet.sql(
        "UPDATE a SET k = 4 WHERE k = 3",
        "DELETE FROM b WHERE k = 3",
        "UPDATE b SET label = 'renamed' WHERE k = 4",
        "INSERT INTO b VALUES (9, 'nine')",
        "INSERT INTO a VALUES (30, 9, 1, 'x'), (31, 3, 1, 'y')",
        "DELETE FROM a WHERE id = 4");
    freshet.follow("st");
    freshet.follow("sums");
  }

  @Test
  void threeSourcesChangeAtOnce() throws SQLException {
    freshet.sql(
        "CREATE TABLE c (label text PRIMARY KEY, w int)",
        "INSERT INTO c SELECT 'label ' || i, i FROM generate_series(0, 4) i");
    freshet.create(
        "st", "SELECT a.id, c.w + a.v AS s FROM a JOIN b ON a.k = b.k JOIN c ON c.label = b.label");
    freshet.create(
        "sums",
        """
        SELECT c.w, count(*) AS n, sum(a.v) AS s FROM a JOIN b ON a.k = b.k
        JOIN c ON c.label = b.label GROUP BY c.w
        """);
    freshet.sql(
        "UPDATE a SET k = (k + 1) % 5 WHERE id % 3 = 0",
        "UPDATE b SET label = 'label 0' WHERE k = 2",
        "UPDATE c SET w = w * 10 WHERE w > 2",
        "DELETE FROM c WHERE label = 'label 1'",
        "INSERT INTO c VALUES ('new', 7)",
        "INSERT INTO b VALUES (5, 'new')",
        "INSERT INTO a VALUES (40, 5, 5, '')");
    freshet.follow("st");
    freshet.follow("sums");
  }

  @Test
  void nullsAreGroupsButDoNotJoin() throws SQLException {
    freshet.create("groups", "SELECT k, count(*) AS n, sum(v) AS v FROM a GROUP BY k");
    freshet.create("joined", "SELECT a.id, b.label FROM a JOIN b ON a.k = b.k");
    freshet.sql(
        "UPDATE a SET k = NULL WHERE id < 4",
        "INSERT INTO a VALUES (50, NULL, NULL, NULL)",
        "UPDATE b SET label = NULL WHERE k = 4");
    freshet.follow("groups");
    freshet.follow("joined");
    assertThat(freshet.rows("SELECT k, n, v FROM groups WHERE k IS NULL"))
        .containsExactly("(,4,60)");
    freshet.sql("UPDATE a SET k = 1 WHERE k IS NULL");
    freshet.follow("groups");
    freshet.follow("joined");
  }

  @Test
  void duplicatesKeepTheirNumberWithoutAKey() throws SQLException {
    freshet.create("st", "SELECT k, v FROM bag");
    freshet.create("joined", "SELECT bag.v, b.label FROM bag JOIN b ON b.k = bag.k");
    freshet.create("sums", "SELECT k, sum(v) AS v, count(*) AS n FROM bag GROUP BY k");
    freshet.sql(
        "DELETE FROM bag WHERE ctid = (SELECT ctid FROM bag WHERE k = 1 LIMIT 1)",
        "INSERT INTO bag VALUES (1, 1), (1, 1), (NULL, NULL), (NULL, NULL)",
        "UPDATE bag SET v = 7 WHERE ctid = (SELECT ctid FROM bag WHERE k = 2 LIMIT 1)");
    freshet.follow("st");
    freshet.follow("joined");
    freshet.follow("sums");
    freshet.sql("DELETE FROM bag WHERE ctid = (SELECT ctid FROM bag WHERE k IS NULL LIMIT 1)");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT count(*) FROM st WHERE k IS NULL")).containsExactly("(1)");
  }

  @Test
  void duplicatesOnBothSidesOfAUnionStay() throws SQLException {
    freshet.create("st", "SELECT k, v FROM bag UNION ALL SELECT k, v % 2 FROM a");
    freshet.sql(
        "INSERT INTO bag VALUES (1, 1), (1, 1)",
        "UPDATE a SET v = 1, k = 1 WHERE id < 6",
        "DELETE FROM bag WHERE k = 0");
    freshet.follow("st");
  }

  @Test
  void extremesFallBackWhenTheyAreDeleted() throws SQLException {
    freshet.create(
        "st", "SELECT k, min(v) AS low, max(v) AS high, min(t) AS first FROM a GROUP BY k");
    freshet.sql(
        "DELETE FROM a WHERE id IN (20, 1)",
        "UPDATE a SET v = -5 WHERE id = 7",
        "UPDATE a SET v = 55 WHERE id = 18");
    freshet.follow("st");
    freshet.sql("DELETE FROM a WHERE id = 7", "INSERT INTO a VALUES (60, 3, 1000, 'a')");
    freshet.follow("st");
  }

  @Test
  void havingIsCrossedBothWays() throws SQLException {
    freshet.create(
        "st", "SELECT k, sum(v) AS total FROM a GROUP BY k HAVING sum(v) > 380 AND count(*) > 3");
    long before = freshet.rows("SELECT * FROM st").size();
    freshet.sql("UPDATE a SET v = v + 1000 WHERE id = 1");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT * FROM st")).hasSize((int) before + 1);
    freshet.sql("UPDATE a SET v = v - 1000 WHERE id = 1", "DELETE FROM a WHERE id = 20");
    freshet.follow("st");
    freshet.sql("INSERT INTO a VALUES (20, 0, 200, '')");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT * FROM st")).hasSize((int) before);
  }

  @Test
  void groupThatLosesItsLastRowGoes() throws SQLException {
    freshet.create("st", "SELECT k, count(*) AS n, sum(v) AS v FROM a GROUP BY k");
    freshet.sql("DELETE FROM a WHERE k = 2");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT * FROM st")).hasSize(4);
    freshet.sql("INSERT INTO a VALUES (70, 2, 1, '')");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT k, n, v FROM st WHERE k = 2")).containsExactly("(2,1,1)");
  }

  @Test
  void aggregateWithoutGroupsIsOneRowEvenOverNothing() throws SQLException {
    freshet.create("st", "SELECT count(*) AS n, sum(v) AS v, max(v) AS high FROM a WHERE k = 1");
    freshet.sql("DELETE FROM a WHERE k = 1");
    freshet.refresh("st");
    assertThat(freshet.rows("SELECT n, v, high FROM st")).containsExactly("(0,,)");
    freshet.sql("INSERT INTO a VALUES (80, 1, 3, '')");
    freshet.refresh("st");
    assertThat(freshet.rows("SELECT n, v, high FROM st")).containsExactly("(1,3,3)");
  }

  @Test
  void sumOfOnlyNullsIsNull() throws SQLException {
    freshet.create("st", "SELECT k, sum(v) AS v, count(v) AS n, avg(v) AS m FROM a GROUP BY k");
    freshet.sql("UPDATE a SET v = NULL WHERE k = 3");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT k, v, n, m FROM st WHERE k = 3")).containsExactly("(3,,0,)");
    freshet.sql("UPDATE a SET v = 8 WHERE id = 3");
    freshet.follow("st");
  }

  @Test
  void conditionalSumsFollow() throws SQLException {
    freshet.create(
        "st",
        """
        SELECT k, sum(CASE WHEN v > 100 THEN 1 ELSE 0 END) AS large,
          count(*) FILTER (WHERE t LIKE 't1%') AS ones FROM a GROUP BY k
        """);
    freshet.sql("UPDATE a SET v = v + 60, t = 't1' WHERE id % 2 = 0");
    freshet.refresh("st");
  }

  @Test
  void sourceThatIsJoinedWithItselfChanges() throws SQLException {
    freshet.create("st", "SELECT x.id, y.id AS other FROM a x JOIN a y ON x.k = y.k AND x.v < y.v");
    freshet.sql(
        "UPDATE a SET k = 1 WHERE id < 5",
        "DELETE FROM a WHERE id = 6",
        "INSERT INTO a VALUES (90, 1, 5, '')");
    freshet.follow("st");
  }
}
