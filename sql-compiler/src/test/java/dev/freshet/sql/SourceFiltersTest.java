package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which changed rows a query can notice, as the compiler reads it off the query. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SourceFiltersTest {
  private Database database;
  private Connection connection;

  @BeforeAll
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TYPE mood AS ENUM ('calm', 'wild')",
        "CREATE TYPE pair AS (l int, r int)",
        "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
        "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic ="
            + " false)",
        "CREATE TABLE a (id int PRIMARY KEY, x int, y int, n numeric, d date, ts timestamp,"
            + " tz timestamptz, t text, v varchar(9), c char(3), f float8, ok boolean, m mood,"
            + " p positive, b text COLLATE blind, q pair)",
        "CREATE TABLE b (id int PRIMARY KEY, x int, z int, ok boolean)");
    connection = database.connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("SET search_path = ''");
    }
  }

  @AfterAll
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  /** What of the changes of a source is shipped. */
  private String filter(String query, String source) {
    String qualified = query.replaceAll("\\b(FROM|JOIN) ([ab])\\b", "$1 public.$2");
    var analyst = new Analyst(connection, new Analyst.Memory());
    CompiledQuery compiled = new FreshetCompiler().compile(analyst.analyze(qualified), analyst);
    assertThat(compiled.deltaNeeds()).as("%s", compiled.explain()).isNotEmpty();
    return compiled.deltaNeeds().stream()
        .filter(need -> need.source().name().table().equals(source))
        .findFirst()
        .orElseThrow()
        .filter()
        .toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "x > 5 | x > 5",
        "5 >= x | x <= 5",
        "x BETWEEN 1 AND 3 | x >= 1 AND x <= 3",
        "x IN (1, 2) | x IN (1, 2)",
        "x NOT IN (1, 2) | x <> 1 AND x <> 2",
        "x < y | x < y",
        "x IS NULL OR y IS NOT NULL | x IS NULL OR NOT (y IS NULL)",
        "NOT (x > 5 AND y > 5) | NOT (x > 5 AND y > 5)",
        "ok AND NOT (x = 1) | ok AND NOT (x = 1)",
        "x = -7 | x = '-7'::integer",
        "x > 2.5 | x > 2.5",
        "n >= 0.05 AND n < 24 | n >= 0.05 AND n < (24)::numeric",
        "d < date '1994-01-01' + interval '1 year' | d < ('1994-01-01'::date + '1 year'::interval)",
        "tz > '2024-01-01 00:00+00' | tz > '2024-01-01 00:00:00+00'::timestamp with time zone",
        "t = 'a' | t = 'a'::text",
        "v IN ('a', 'b') | v IN ('a'::character varying, 'b'::character varying)",
        "c = 'R' | c = 'R'::bpchar",
        "v LIKE 'abc%' | v LIKE 'abc%'::text",
        "f > 1.5 | f > (1.5)::double precision",
        "x + 1 > 5 AND y = 3 | y = 3",
      })
  void conditionsOfOneTable(String condition, String filter) throws Exception {
    assertThat(filter("SELECT id FROM a WHERE " + condition, "a")).isEqualTo(filter);
    assertThat(filter("SELECT x, count(*) AS n FROM a WHERE " + condition + " GROUP BY x", "a"))
        .as("beneath groups")
        .isEqualTo(filter);
    assertThat(filter("SELECT t FROM a WHERE " + condition, "a")).as("a bag").isEqualTo(filter);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "t > 'a'", // the collation's order
        "c LIKE 'a%'",
        "c::text = 'a'",
        "v LIKE '%a'",
        "v LIKE 'a_%'",
        "t LIKE 'a\\%%'",
        "t = 'ä'", // images of triggers are in the writer's encoding
        "v LIKE 'ä%'",
        "b = 'a'", // a nondeterministic collation
        "t = 'a' COLLATE blind",
        "m = 'calm'", // labels can be renamed
        "p > 5",
        "q IS NULL", // so is a row of NULLs
        "q IS NOT NULL",
        "d < tz",
        "d < '2024-01-01 00:00+00'::timestamptz",
        "tz > '2024-01-01 00:00+00'::timestamptz - interval '1 day'",
        "ts > tz",
        "x > 5 OR x + y > 7",
        "CASE WHEN x > 5 THEN ok ELSE false END",
        "(x > 5) IS NOT TRUE",
        "x IS DISTINCT FROM 5",
        "(x, y) < (1, 2)",
        "d = ('2024-01-' || '01')::date",
        "abs(x) = 5",
        "NOT (x + y > 7)",
        "true"
      })
  void nothingIsSaidOfWhatIsNotKnown(String condition) throws Exception {
    assertThat(filter("SELECT id FROM a WHERE " + condition.replace("blind", "public.blind"), "a"))
        .isEqualTo("?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // inner joins: both sides, ON and WHERE, and what an OR says of one side
        "SELECT a.id FROM a JOIN b ON a.x = b.x AND b.z > 1 WHERE a.y > 2 | a.y > 2 | z > 1",
        "SELECT a.id, b.id AS o FROM a JOIN b ON true WHERE (a.x = 1 AND b.z = 2) OR (a.x = 3 AND"
            + " b.z = 4) | x IN (1, 3) | z IN (2, 4)",
        "SELECT a.id, b.id AS o FROM a JOIN b ON true WHERE a.x = 1 OR b.z = 2 | ? | ?",
        // left join: WHERE for the left, ON for the right, never otherwise
        "SELECT a.id, b.id AS o FROM a LEFT JOIN b ON a.x = b.x AND a.y > 1 AND b.z > 1 WHERE a.n >"
            + " 2 | n > (2)::numeric | z > 1",
        "SELECT a.id, b.id AS o FROM a LEFT JOIN b ON a.x = b.x WHERE b.z IS NULL OR b.z > 3 | ? |"
            + " ?",
        "SELECT a.id, b.id AS o FROM a LEFT JOIN b ON a.x = b.x WHERE b.z > 3 | ? | ?",
        "SELECT a.id, b.id AS o FROM b RIGHT JOIN a ON a.x = b.x AND b.z > 1 WHERE a.y = 1 | y = 1"
            + " | z > 1",
        "SELECT a.id, b.id AS o FROM a FULL JOIN b ON a.x = b.x AND b.z > 1 WHERE a.y = 1 | ? | ?",
        // sub-queries
        "SELECT id FROM a WHERE x > 1 AND EXISTS (SELECT 1 FROM b WHERE b.x = a.x AND b.z > 1) | x"
            + " > 1 | z > 1",
        "SELECT id FROM a WHERE x > 1 AND NOT EXISTS (SELECT 1 FROM b WHERE b.x = a.x AND b.z > 1)"
            + " | x > 1 | z > 1",
        "SELECT id FROM a WHERE x > 1 OR EXISTS (SELECT 1 FROM b WHERE b.x = a.x AND b.z > 1) | ? |"
            + " z > 1",
        "SELECT id FROM a WHERE x NOT IN (SELECT z FROM b WHERE ok) | ? | ok",
        "SELECT id, (SELECT sum(z) FROM b WHERE b.x = a.x AND b.z > a.y) AS s FROM a WHERE y = 2 |"
            + " y = 2 | ?",
        // groups: on group columns only
        "SELECT x, count(*) AS n FROM a GROUP BY x HAVING x > 5 AND count(*) > 1 | x > 5 | -",
        "SELECT x, count(*) FILTER (WHERE y > 1) AS n FROM a GROUP BY x | ? | -",
        "SELECT n FROM (SELECT x, count(*) AS n FROM a GROUP BY x) q WHERE n > 5 AND x = 1 | x = 1"
            + " | -",
        // what a row that is not there would change for others
        "SELECT id, r FROM (SELECT id, x, row_number() OVER (ORDER BY y) AS r FROM a WHERE ok) q"
            + " WHERE x > 5 | ok | -",
        "SELECT id FROM (SELECT id, x FROM a WHERE ok ORDER BY x LIMIT 3) q WHERE x > 5 | ok | -",
        "SELECT id FROM (SELECT DISTINCT ON (x) id, x, y FROM a WHERE ok ORDER BY x, y, id) q WHERE"
            + " y > 5 | ok | -",
        "SELECT x FROM (SELECT x FROM a WHERE ok EXCEPT SELECT x FROM b WHERE z > 1) q WHERE x > 5"
            + " | ok | z > 1",
        "SELECT DISTINCT x FROM a WHERE y > 1 | y > 1 | -",
        // several scans: what all of them leave out
        "SELECT l.id, r.id AS o FROM a l JOIN a r ON l.x = r.y WHERE l.x > 5 AND r.y < 3 | x > 5 OR"
            + " y < 3 | -",
        "SELECT l.id, r.id AS o FROM a l JOIN a r ON l.x = r.y WHERE l.x > 5 | ? | -",
        "SELECT x FROM a WHERE x > 5 UNION ALL SELECT y FROM a WHERE ok | x > 5 OR ok | -",
        "SELECT x FROM a WHERE x > 5 UNION ALL SELECT z FROM b WHERE ok | x > 5 | ok",
        // the clock
        "SELECT id FROM a WHERE d > CURRENT_DATE AND x > 5 | x > 5 | -",
        "SELECT id FROM a WHERE d > CURRENT_DATE | ? | -",
        // recursion
        "WITH RECURSIVE r(id) AS (SELECT id FROM a WHERE x = 1 UNION SELECT a.id FROM a JOIN r ON"
            + " a.y = r.id WHERE a.ok) SELECT id FROM r | x = 1 OR ok | -"
      })
  void conditionsByOperator(String query, String ofA, String ofB) throws Exception {
    assertThat(filter(query, "a")).isEqualTo(ofA.replace("a.", ""));
    if (!ofB.equals("-")) {
      assertThat(filter(query, "b")).isEqualTo(ofB);
    }
  }
}
