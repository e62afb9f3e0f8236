package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refreshed in full says why, and is right all the same. */
class ClassTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE a (id int PRIMARY KEY, k int, t text)",
        "CREATE TABLE b (id int PRIMARY KEY, k int, raw json)",
        "CREATE UNLOGGED TABLE u (id int PRIMARY KEY)",
        "CREATE VIEW v AS SELECT * FROM a",
        "CREATE MATERIALIZED VIEW mv AS SELECT * FROM a",
        "CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int, initcond = '0')",
        "CREATE FUNCTION several(int) RETURNS SETOF int IMMUTABLE LANGUAGE sql AS 'SELECT"
            + " generate_series(1, $1)'",
        "INSERT INTO a SELECT i, i % 3, 't' || i FROM generate_series(1, 9) i",
        "INSERT INTO b SELECT i, i % 4, '{}' FROM generate_series(1, 9) i",
        "INSERT INTO u VALUES (1)");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          SELECT g FROM generate_series(1, 3) g                               | reads no table
          SELECT id, ctid::text AS c FROM a                                   | system column
          SELECT * FROM (VALUES (1), (2)) x (i)                               | reads no table
          SELECT 1 AS one                                                     | reads no table
          SELECT id FROM u                                                    | unlogged
          SELECT id FROM mv                                                   | materialized view
          WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT n FROM r | reads no table
          WITH RECURSIVE r AS (SELECT id FROM a UNION ALL SELECT b.id FROM b JOIN r ON b.k = r.id WHERE r.id < 0) SEARCH DEPTH FIRST BY id SET o SELECT id FROM r | WITH RECURSIVE … SEARCH
          WITH RECURSIVE r AS (SELECT id FROM a UNION ALL SELECT b.k FROM b JOIN r ON b.id = r.id) CYCLE id SET c USING p SELECT id, c FROM r | WITH RECURSIVE … CYCLE
          WITH RECURSIVE r AS (SELECT id FROM a UNION SELECT DISTINCT b.k FROM b JOIN r ON b.id = r.id) SELECT id FROM r | WITH RECURSIVE with DISTINCT or GROUP BY
          WITH RECURSIVE r AS (SELECT id, 1::bigint AS n FROM a UNION ALL SELECT b.id, row_number() OVER (ORDER BY r.id) FROM b JOIN r ON b.k = r.id WHERE r.n < 1) SELECT id FROM r | WITH RECURSIVE with a window function
          WITH RECURSIVE r AS (SELECT id FROM a UNION (SELECT r.id + 10 FROM r WHERE r.id < 20 UNION ALL SELECT id FROM b)) SELECT id FROM r | WITH RECURSIVE with UNION ALL
          WITH RECURSIVE r AS (SELECT id, raw FROM b UNION ALL SELECT b.id, b.raw FROM b JOIN r ON b.k = r.id WHERE r.id < 0) SELECT id FROM r | the type json has no hash function
          SELECT a.id, (WITH RECURSIVE r AS (SELECT a.k AS n UNION SELECT b.k FROM b JOIN r ON b.id = r.n) SELECT count(*) FROM r) AS n FROM a | WITH RECURSIVE in a correlated sub-query
          SELECT FROM a                                                       | SELECT without columns
          SELECT count(*) AS n FROM a TABLESAMPLE system (100)                | TABLESAMPLE
          """)
  void isFullAndSaysWhy(String query, String reason) throws Exception {
    try (var rig = new Rig(connection, query)) {
      assertThat(rig.compiled.refreshClass())
          .as("%s", rig.compiled.explain())
          .isEqualTo(RefreshClass.FULL);
      assertThat(rig.compiled.explain().reason()).contains(reason);
      assertThat(rig.compiled.deltaNeeds()).isEmpty();
      rig.fullAfter(
          "UPDATE a SET k = k + 1, t = 'x' WHERE id < 5",
          "DELETE FROM b WHERE id = 3",
          "INSERT INTO a VALUES (33, 1, NULL)");
      rig.rebuild();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ALGEBRAIC     | SELECT id, k FROM a ORDER BY k DESC, id
          ALGEBRAIC     | WITH x AS (SELECT id, k FROM a WHERE k > 0), y AS MATERIALIZED (SELECT * FROM x) SELECT y.id, x.k FROM x, y WHERE x.id = y.id
          ALGEBRAIC     | SELECT id, raw FROM b
          ALGEBRAIC     | SELECT k FROM a NATURAL JOIN b
          ALGEBRAIC     | SELECT a.id, b.k FROM a CROSS JOIN b
          ALGEBRAIC     | SELECT x.i, x.j FROM a AS x (i, j, l) JOIN b AS y (i, j) USING (i, j)
          ALGEBRAIC     | SELECT a.id, b.id AS o, c.id AS p FROM (a JOIN b ON a.id = b.k) JOIN (a c JOIN b d ON c.id = d.id) ON d.k = a.k
          ALGEBRAIC     | SELECT a.k, count(*) AS n FROM a JOIN b USING (id) GROUP BY a.k
          ALGEBRAIC     | SELECT k, t, count(*) AS n FROM a GROUP BY id
          ALGEBRAIC     | SELECT k AS a, k AS b, upper(t) AS c, min(id) + max(id) AS d FROM a GROUP BY upper(t), k
          ALGEBRAIC     | SELECT sum(n) AS s FROM (SELECT id AS n FROM a UNION ALL SELECT k FROM b) x
          AFFECTED_KEYS | SELECT k, bool_or(id > 3) AS any, array_agg(id ORDER BY id DESC) AS ids FROM a GROUP BY k
          AFFECTED_KEYS | SELECT a.id, (SELECT max(s.c) FROM (SELECT a.k AS c FROM b) AS s) AS m FROM a
          AFFECTED_KEYS | SELECT a.id FROM a WHERE EXISTS (SELECT 1 FROM (SELECT a.k AS c, b.k FROM b) AS s GROUP BY s.k HAVING sum(s.c) > 1)
          AFFECTED_KEYS | SELECT k, percentile_cont(0.5) WITHIN GROUP (ORDER BY id) AS median FROM a GROUP BY k
          AFFECTED_KEYS | SELECT k, count(DISTINCT t) FILTER (WHERE id > 2) AS n, sum(id::float8) AS f FROM a GROUP BY k
          AFFECTED_KEYS | SELECT k, json_agg(t ORDER BY t) AS j FROM a GROUP BY k
          AFFECTED_KEYS | SELECT k FROM a GROUP BY k HAVING count(*) > 2
          ALGEBRAIC     | SELECT count(*) AS n FROM a GROUP BY ()
          AFFECTED_KEYS | SELECT total(id) AS n FROM a
          AFFECTED_KEYS | SELECT k, total(k) AS n FROM a GROUP BY k
          ALGEBRAIC     | SELECT k, count(*) AS n FROM a GROUP BY ROLLUP (k)
          ALGEBRAIC     | SELECT k, t, count(*) AS n FROM a GROUP BY GROUPING SETS ((k), (t))
          ALGEBRAIC     | SELECT a FROM a
          ALGEBRAIC     | SELECT id, row_to_json(a.*)::text AS r FROM a
          ALGEBRAIC     | SELECT id FROM v
          ALGEBRAIC     | SELECT x.k FROM (a JOIN b USING (k) AS j) x
          AFFECTED_KEYS | SELECT a.id, b.id AS other FROM a LEFT JOIN b USING (k)
          AFFECTED_KEYS | SELECT a.id, b.id AS other FROM a FULL JOIN b ON a.id = b.id
          ALGEBRAIC     | SELECT DISTINCT k FROM a
          ALGEBRAIC     | SELECT k FROM a UNION SELECT k FROM b
          AFFECTED_KEYS | SELECT k FROM a INTERSECT ALL SELECT k FROM b
          AFFECTED_KEYS | SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id)
          AFFECTED_KEYS | SELECT id, (SELECT max(b.id) FROM b) AS top FROM a
          AFFECTED_KEYS | SELECT id FROM a WHERE id IN (SELECT id FROM b)
          AFFECTED_KEYS | SELECT id, row_number() OVER (ORDER BY id) AS n FROM a
          AFFECTED_KEYS | SELECT id, sum(k) OVER w AS n FROM a WINDOW w AS (PARTITION BY t)
          AFFECTED_KEYS | SELECT id FROM a ORDER BY id LIMIT 3
          AFFECTED_KEYS | SELECT id FROM a ORDER BY id FETCH FIRST 3 ROWS WITH TIES
          AFFECTED_KEYS | SELECT id FROM a ORDER BY id OFFSET 2
          ALGEBRAIC     | SELECT a.id, x FROM a, LATERAL (SELECT a.id + 1 AS x) l
          ALGEBRAIC     | SELECT a.id, s FROM a, several(a.id) s
          ALGEBRAIC     | SELECT id, unnest(ARRAY[1, k]) AS e FROM a
          ALGEBRAIC     | SELECT id, several(k) AS e FROM a
          AFFECTED_KEYS | WITH RECURSIVE r AS (SELECT id FROM a WHERE k = 1 UNION SELECT b.k FROM b JOIN r ON b.id = r.id) SELECT id FROM r
          AFFECTED_KEYS | WITH RECURSIVE r (n, s) AS (SELECT id, 0 FROM a UNION ALL SELECT b.k, s + 1 FROM b JOIN r ON b.id = r.n WHERE s < 3) SELECT s, count(*) AS c FROM r GROUP BY s
          AFFECTED_KEYS | SELECT id FROM a WHERE id IN (WITH RECURSIVE r (n) AS (VALUES (2) UNION SELECT b.k FROM b JOIN r ON b.id = r.n) SELECT n FROM r)
          ALGEBRAIC | SELECT n, count(*) AS c FROM (SELECT k, count(*) AS n FROM a GROUP BY k) x GROUP BY n
          AFFECTED_KEYS | SELECT a.id, x.n FROM a JOIN (SELECT k, count(*) AS n FROM b GROUP BY k) x ON x.k = a.k
          """)
  void isIncremental(RefreshClass expected, String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      assertThat(rig.compiled.refreshClass()).as("%s", rig.compiled.explain()).isEqualTo(expected);
      rig.after(
          Rig.Transport.ARRAYS,
          "UPDATE a SET k = k + 1, t = 'x' WHERE id < 5",
          "DELETE FROM b WHERE id = 3");
      rig.after(
          Rig.Transport.ARRAYS,
          "INSERT INTO a VALUES (33, NULL, NULL)",
          "DELETE FROM a WHERE id = 5",
          "UPDATE b SET id = id + 100, k = 2 WHERE id > 6");
      rig.after(
          Rig.Transport.TEXT_ARRAYS,
          "DELETE FROM a WHERE k = 1",
          "UPDATE b SET raw = '{\"a\": 1}'");
      rig.fullAfter("INSERT INTO a SELECT i, 1, 'new' FROM generate_series(100, 105) i");
    }
  }
}
