package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Values that are equal in SQL and differ in their bytes, and values that travel in unusual ways.
 * SQL's equality decides.
 */
@ExtendWith(FreshetExtension.class)
class ValuesTest {
  private Freshet freshet;

  @BeforeEach
  void remember(Freshet given) {
    freshet = given;
  }

  @Test
  void numericsOfDifferentScalesAreOneGroup() throws SQLException {
    groupsFollow("numeric", "1.0", "1.00", "1.000", "2.5", "0.00", "-0.0", "'NaN'", "'Infinity'");
  }

  @Test
  void citextGroupsIgnoreCase() throws SQLException {
    freshet.sql("CREATE EXTENSION citext");
    groupsFollow("citext", "'Ab'", "'aB'", "'AB'", "'c'", "''");
  }

  @Test
  void paddingDoesNotCount() throws SQLException {
    groupsFollow("char(5)", "'a'", "'a  '", "'b'", "''");
  }

  @Test
  void zeroesAndNansOfFloatsAreEqual() throws SQLException {
    groupsFollow("float8", "'0'", "'-0'", "'NaN'", "'-NaN'", "'1e300'", "'Infinity'");
  }

  @Test
  void intervalsOfEqualLengthAreEqual() throws SQLException {
    groupsFollow("interval", "'1 day'", "'24 hours'", "'30 days'", "'1 month'", "'0'");
  }

  /** As group keys, join keys, rows of a bag, in sums of another column, and as primary keys. */
  private void groupsFollow(String type, String... values) throws SQLException {
    freshet.sql(
        "CREATE TABLE x (id int PRIMARY KEY, g %s, n int)".formatted(type),
        "CREATE TABLE y (id int PRIMARY KEY, g %s)".formatted(type));
    int id = 0;
    for (String value : values) {
      for (int copy = 0; copy < 3; copy++) {
        freshet.sql("INSERT INTO x VALUES (%d, %s, %d)".formatted(id, value, id));
        id++;
      }
      freshet.sql("INSERT INTO y VALUES (%d, %s)".formatted(id, value));
    }
    freshet.create("groups", "SELECT g, count(*) AS n, sum(n) AS total FROM x GROUP BY g");
    freshet.create("joined", "SELECT x.id, y.id AS other FROM x JOIN y ON x.g = y.g");
    freshet.create(
        "joined_groups", "SELECT y.g, count(*) AS n FROM x JOIN y ON x.g = y.g GROUP BY 1");
    freshet.create("bag", "SELECT g FROM x");
    freshet.create(
        "extremes", "SELECT n % 2 AS odd, min(g) AS low, max(g) AS high FROM x GROUP BY 1");
    follow();
    freshet.sql("DELETE FROM x WHERE id % 3 = 0", "UPDATE y SET id = id + 100");
    follow();
    for (int i = 0; i < values.length; i++) {
      String next = values[(i + 1) % values.length];
      freshet.sql(
          "UPDATE x SET g = %s WHERE id = %d".formatted(next, 3 * i + 1),
          "INSERT INTO x VALUES (%d, %s, 5)".formatted(1000 + i, values[i]),
          "UPDATE y SET g = %s WHERE id = %d".formatted(next, 103 + 3 * i));
    }
    follow();
    freshet.sql("DELETE FROM x WHERE id < 1000", "DELETE FROM y WHERE id % 2 = 0");
    follow();
  }

  private void follow() {
    freshet
        .audit()
        .forEach(
            audit ->
                assertThat(audit.differences())
                    .as("%s: %s %s", audit.name(), audit.refresh(), audit.error())
                    .isEmpty());
  }

  @Test
  void floatingSumsDoNotDrift() throws SQLException {
    freshet.sql(
        "CREATE TABLE f (id int PRIMARY KEY, g int, v float8, w float4)",
        "INSERT INTO f SELECT i, i % 3, 0.1 * i, 0.1 * i FROM generate_series(1, 100) i");
    freshet.create("st", "SELECT g, sum(v) AS v, avg(w) AS w, count(*) AS n FROM f GROUP BY g");
    freshet.sql("INSERT INTO f VALUES (101, 1, 1e300, 1)");
    freshet.refreshIncrementally("st");
    freshet.sql("DELETE FROM f WHERE id = 101", "UPDATE f SET v = 'NaN' WHERE id = 2");
    freshet.refreshIncrementally("st");
    freshet.sql("UPDATE f SET v = 0.3 WHERE id = 2");
    freshet.refreshIncrementally("st");
    assertThat(freshet.rows("SELECT v FROM st WHERE g = 2"))
        .isEqualTo(freshet.rows("SELECT sum(v) FROM f WHERE g = 2"));
  }

  @Test
  void sumOfNumericsSurvivesNanAndInfinity() throws SQLException {
    freshet.sql(
        "CREATE TABLE m (id int PRIMARY KEY, g int, v numeric)",
        "INSERT INTO m SELECT i, i % 2, i * 1.5 FROM generate_series(1, 10) i");
    freshet.create("st", "SELECT g, sum(v) AS v, avg(v) AS m FROM m GROUP BY g");
    freshet.sql("UPDATE m SET v = 'NaN' WHERE id = 1", "UPDATE m SET v = 'Infinity' WHERE id = 2");
    freshet.refreshIncrementally("st");
    assertThat(freshet.rows("SELECT v FROM st ORDER BY g")).containsExactly("(Infinity)", "(NaN)");
    freshet.sql("UPDATE m SET v = 1 WHERE id < 3");
    freshet.refreshIncrementally("st");
    assertThat(freshet.rows("SELECT v FROM st ORDER BY g")).containsExactly("(43.0)", "(37.0)");
  }

  @Test
  void sumsBeyondTheRangeOfBigintAreExact() throws SQLException {
    freshet.sql(
        "CREATE TABLE big (id int PRIMARY KEY, v bigint)",
        "INSERT INTO big SELECT i, 9223372036854775807 FROM generate_series(1, 3) i");
    freshet.create("st", "SELECT sum(v) AS v, count(*) AS n FROM big");
    freshet.sql("INSERT INTO big VALUES (4, 9223372036854775807), (5, -1)");
    freshet.refreshIncrementally("st");
  }

  @Test
  void unchangedToastedValueIsKept() throws SQLException {
    freshet.sql(
        "CREATE TABLE d (id int PRIMARY KEY, k int, body text)",
        "ALTER TABLE d ALTER COLUMN body SET STORAGE EXTERNAL",
        "CREATE TABLE e (k int PRIMARY KEY, v text)",
        "INSERT INTO d SELECT i, i, repeat('x' || i, 5000) FROM generate_series(1, 5) i",
        "INSERT INTO e SELECT i, 'e' || i FROM generate_series(1, 5) i");
    freshet.create("st", "SELECT id, k, body FROM d");
    freshet.create("joined", "SELECT d.id, d.body, e.v FROM d JOIN e ON d.k = e.k");
    freshet.create("bag", "SELECT body FROM d");
    freshet.create("groups", "SELECT body, count(*) AS n FROM d GROUP BY body");
    freshet.sql(
        "UPDATE d SET k = 2 WHERE id = 1",
        "UPDATE d SET id = 10 WHERE id = 3",
        "UPDATE d SET body = repeat('y', 9000) WHERE id = 4",
        "UPDATE d SET k = 1 WHERE id = 4");
    for (String name : new String[] {"st", "joined", "bag", "groups"}) {
      freshet.refreshIncrementally(name);
    }
  }

  @Test
  void generatedColumnsAreComputed() throws SQLException {
    freshet.sql(
        """
        CREATE TABLE g (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED,
          thrice int GENERATED ALWAYS AS (a * 3) VIRTUAL)
        """,
        "INSERT INTO g (id, a) SELECT i, i FROM generate_series(1, 10) i");
    freshet.create("st", "SELECT id, twice, thrice FROM g WHERE thrice > 6");
    freshet.create(
        "sums", "SELECT a % 2 AS odd, sum(twice) AS s, sum(thrice) AS t FROM g GROUP BY 1");
    freshet.sql(
        "UPDATE g SET a = a + 1 WHERE id < 4",
        "DELETE FROM g WHERE id = 9",
        "INSERT INTO g (id, a) VALUES (20, 20)");
    freshet.follow("st");
    freshet.refresh("sums");
  }

  @Test
  void valuesOfManyTypesPassThrough() throws SQLException {
    freshet.sql(
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        "CREATE DOMAIN small AS int CHECK (VALUE < 100)",
        "CREATE TYPE pair AS (x int, y text)",
        """
        CREATE TABLE many (id int PRIMARY KEY, i text[], n numeric[], j jsonb, js json, u uuid,
          ts timestamptz, d date, iv interval, by bytea, m mood, s small, p pair, r int4range,
          ip inet, b bit(3), x xml, pt point, o oid, nm name, c "char", tsv tsvector)
        """,
        """
        INSERT INTO many SELECT i, ARRAY['a', NULL, '"q"', 'NULL'], ARRAY[1.0, 1.00]::numeric[],
          '{"a": [1, null]}', '{"b":  2}', gen_random_uuid(), now(), 'infinity', '1 mon 2 days',
          '\\x00ff', 'sad', 7, ROW(1, 'a,b')::pair, '[1,5)', '10.0.0.1/24', B'101', '<a/>', '(1,2)',
          17, 'name', 'x', 'a b'::tsvector FROM generate_series(1, 5) i
        """);
    freshet.create("st", "SELECT * FROM many");
    freshet.create("bag", "SELECT i, n, u, m, s, r, b FROM many");
    freshet.sql(
        """
        UPDATE many SET i = ARRAY[]::text[], n = NULL, j = 'null', by = '', m = 'glad', p = NULL,
          r = 'empty', s = 8, x = NULL, ts = '-infinity' WHERE id < 3
        """,
        "DELETE FROM many WHERE id = 4",
        "INSERT INTO many (id) VALUES (6)");
    freshet.refreshIncrementally("st");
    freshet.refreshIncrementally("bag");
    assertThat(freshet.rows("SELECT id, ts, i FROM st WHERE id = 1"))
        .containsExactly("(1,-infinity,{})");
  }

  @Test
  void quotesNullsAndEmptyTextsStayApart() throws SQLException {
    freshet.sql("CREATE TABLE q (id int PRIMARY KEY, \"Odd \"\"name\" text)");
    freshet.create("st", "SELECT id, \"Odd \"\"name\" FROM q");
    freshet.create("n", "SELECT \"Odd \"\"name\", count(*) AS n FROM q GROUP BY 1");
    freshet.sql(
        "INSERT INTO q VALUES (1, NULL), (2, 'NULL'), (3, ''), (4, ' '), (5, E'\\\\N'), (6,"
            + " '''\"')");
    freshet.follow("st");
    freshet.follow("n");
  }
}
