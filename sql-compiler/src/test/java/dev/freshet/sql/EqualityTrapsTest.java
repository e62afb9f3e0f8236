package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Equal in SQL with different bytes, NULL keys, duplicates, values that cannot be compared. */
class EqualityTrapsTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void connect() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void showsAKeyThatOnlyChangesItsScale(Transport transport) throws Exception {
    database.execute(
        "CREATE TABLE t (n numeric PRIMARY KEY, v text)",
        "INSERT INTO t VALUES (1.0, 'a'), (2, 'b')");
    try (var rig = new Rig(connection, "SELECT n, v FROM t")) {
      rig.after(transport, "UPDATE t SET n = 1.00 WHERE n = 1");
      assertThat(rig.rows()).containsExactly("(1.00,a)", "(2,b)");
      rig.after(transport, "DELETE FROM t WHERE n = 1", "INSERT INTO t VALUES (1.000, 'c')");
      assertThat(rig.rows()).containsExactly("(1.000,c)", "(2,b)");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void comparesByTheColumnsCollation(Transport transport) throws Exception {
    database.execute(
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "CREATE TABLE t (k text COLLATE ci PRIMARY KEY, c text COLLATE \"C\", v int)",
        "INSERT INTO t VALUES ('Ann', 'a', 1), ('bob', 'B', 2)");
    try (var rig = new Rig(connection, "SELECT k, c, v FROM t WHERE c < 'a1' AND k <> 'ZED'")) {
      rig.after(transport, "UPDATE t SET k = upper(k), v = v + 1");
      rig.after(transport, "INSERT INTO t VALUES ('zed', 'Z', 1), ('y', 'z', 1), ('x', 'Z', 1)");
      rig.after(transport, "DELETE FROM t WHERE k = 'bob'", "INSERT INTO t VALUES ('BOB', 'A', 7)");
    }
    connection.rollback();
    try (var rig =
        new Rig(
            connection,
            "SELECT k, min(c) AS low, max(c) AS high, count(*) AS n FROM t GROUP BY k")) {
      rig.after(transport, "UPDATE t SET c = 'b' WHERE k = 'ANN'");
      rig.after(transport, "INSERT INTO t VALUES ('q', 'q', 1)", "DELETE FROM t WHERE k = 'bob'");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void groupsByNondeterministicAndNullableText(Transport transport) throws Exception {
    database.execute(
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "CREATE TABLE t (id int PRIMARY KEY, k text COLLATE ci, v int)",
        "INSERT INTO t VALUES (1, 'Ann', 1), (2, 'ANN', 2), (3, NULL, 3), (4, 'bob', 4)");
    try (var rig = new Rig(connection, "SELECT k, sum(v) AS s, max(v) AS m FROM t GROUP BY k")) {
      rig.after(transport, "DELETE FROM t WHERE id = 1", "UPDATE t SET v = NULL WHERE id = 3");
      rig.after(
          transport,
          "INSERT INTO t VALUES (5, 'ann', 7), (6, NULL, 9)",
          "UPDATE t SET k = NULL WHERE id = 4");
      rig.after(transport, "DELETE FROM t WHERE k IS NULL");
      rig.fullAfter("INSERT INTO t VALUES (8, NULL, 9), (9, 'BOB', 1)");
      assertThat(rig.rowsWrittenByIdleFull()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "EXISTS (SELECT FROM u WHERE u.ci = t.ci)",
        "EXISTS (SELECT FROM u WHERE u.c = t.ci)",
        "EXISTS (SELECT FROM u WHERE u.ci = t.c)",
        "EXISTS (SELECT FROM u WHERE u.c COLLATE ci = t.c COLLATE ci)",
        "NOT EXISTS (SELECT FROM u WHERE u.c = t.c AND u.n = t.n)",
        "EXISTS (SELECT FROM u WHERE u.n = t.i)",
        "EXISTS (SELECT FROM u WHERE u.i = t.n AND u.v > 1)",
        "EXISTS (SELECT FROM u JOIN u AS w ON w.v = u.v WHERE u.i = t.i AND w.i = t.i)",
      })
  void asksForEqualValuesThatLookDifferent(String question) throws Exception {
    database.execute(
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        "CREATE TABLE t (id int PRIMARY KEY, c text, ci text COLLATE ci, n numeric, i int)",
        "CREATE TABLE u (id int PRIMARY KEY, c text, ci text COLLATE ci, n numeric, i bigint, v"
            + " int)",
        "INSERT INTO t VALUES (1, 'a', 'a', 1.0, 1), (2, 'A', 'A', 1.00, 1), (3, 'b', 'B', 2, 2),"
            + " (4, NULL, NULL, NULL, NULL), (5, 'b', 'b', 2.0, NULL)",
        "INSERT INTO u VALUES (1, 'A', 'A', 1, 1, 1), (2, 'a', 'a', 1.000, 1, 2)");
    String query =
        "SELECT q.yes, count(*) AS n, sum(q.id) AS ids FROM (SELECT t.id, %s AS yes FROM t) AS q"
            + " GROUP BY q.yes";
    try (var rig = new Rig(connection, query.formatted(question))) {
      for (Transport transport : Transport.values()) {
        rig.after(transport, "DELETE FROM u WHERE id = 1");
        rig.after(transport, "INSERT INTO u VALUES (3, NULL, NULL, NULL, NULL, 2)");
        rig.after(
            transport, "DELETE FROM u WHERE id = 2", "INSERT INTO u VALUES (4, 'B', 'b', 2, 2, 3)");
        rig.after(transport, "UPDATE u SET v = v + 1", "UPDATE u SET n = 2.00 WHERE id = 4");
        rig.after(
            transport,
            "INSERT INTO u SELECT 5 + i, 'a', 'A', 1.0, 1, i FROM generate_series(1, 3) i",
            "UPDATE t SET c = 'a', ci = 'A', n = 1, i = 1 WHERE id = 4");
        rig.after(transport, "DELETE FROM u WHERE id IN (6, 7)", "DELETE FROM t WHERE id = 5");
        rig.after(
            transport,
            "DELETE FROM u",
            "INSERT INTO u VALUES (1, 'A', 'A', 1, 1, 1), (2, 'a', 'a', 1.000, 1, 2)",
            "INSERT INTO t VALUES (5, 'b', 'b', 2.0, NULL)",
            "UPDATE t SET c = NULL, ci = NULL, n = NULL, i = NULL WHERE id = 4");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void usesTheEqualityOfAnExtensionsType(Transport transport) throws Exception {
    database.execute(
        "CREATE EXTENSION citext",
        "CREATE TABLE t (k citext PRIMARY KEY, v int)",
        "CREATE TABLE u (id int PRIMARY KEY, k citext)",
        "INSERT INTO t VALUES ('Ann', 1), ('bob', 2)",
        "INSERT INTO u VALUES (1, 'ANN'), (2, 'ann'), (3, 'Bob'), (4, NULL)");
    try (var rig = new Rig(connection, "SELECT k, v FROM t")) {
      rig.after(transport, "UPDATE t SET k = 'ANN' WHERE k = 'ann'");
      rig.after(transport, "DELETE FROM t WHERE k = 'BOB'", "INSERT INTO t VALUES ('bOB', 5)");
      rig.fullAfter("UPDATE t SET v = v + 1 WHERE k = 'ann'");
    }
    connection.rollback();
    try (var rig = new Rig(connection, "SELECT t.k, u.id, t.v FROM t JOIN u ON t.k = u.k")) {
      rig.after(
          transport,
          "UPDATE t SET k = 'aNN' WHERE k = 'ann'",
          "UPDATE u SET k = 'BOB' WHERE id = 2");
      rig.after(transport, "DELETE FROM t WHERE k = 'bob'", "INSERT INTO u VALUES (9, 'Ann')");
      rig.fullAfter("INSERT INTO t VALUES ('boB', 4)");
    }
    connection.rollback();
    try (var rig = new Rig(connection, "SELECT k, count(*) AS n FROM u GROUP BY k")) {
      rig.after(transport, "UPDATE u SET k = 'aNN' WHERE id = 4", "DELETE FROM u WHERE id = 1");
      rig.fullAfter("INSERT INTO u VALUES (7, 'BOB'), (8, NULL)");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void countsDuplicatesOfRowsWithoutEquality(Transport transport) throws Exception {
    database.execute(
        "CREATE TABLE t (i int, j json, x xml, p point, c char(4), f float8, b tsvector, a json[])",
        "INSERT INTO t SELECT i % 2, '{\"a\": 1}', '<a/>', point(1, 2), 'x', '-0'::float8, 'a"
            + " b'::tsvector, NULL FROM generate_series(1, 6) i");
    try (var rig = new Rig(connection, "SELECT i, j, x, p, c, f, b, a FROM t")) {
      assertThat(rig.compiled.layout().rowIdentity()).contains("bag");
      rig.after(transport, "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)");
      rig.after(
          transport, "UPDATE t SET f = 0 WHERE i = 0", "INSERT INTO t SELECT * FROM t LIMIT 2");
      rig.after(
          transport,
          "UPDATE t SET j = '{}', x = NULL, p = NULL, a = ARRAY['{}'::json] WHERE i = 1");
      rig.fullAfter("INSERT INTO t (i) VALUES (1), (1), (1)", "DELETE FROM t WHERE i = 0");
      assertThat(rig.rowsWrittenByIdleFull()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void undoesNotANumberAndInfinity(Transport transport) throws Exception {
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, n numeric, f float8)",
        "INSERT INTO t VALUES (1, 1, 2.5, 1e308), (2, 1, 'NaN', 1), (3, 2, 'Infinity', 'NaN'), (4,"
            + " 2, 1, 3)");
    // A change buffer would say Unreducible for these: the delta comes weighted.
    try (var rig =
        new Rig(connection, "SELECT k, sum(n) AS s, max(n) AS m, sum(f) AS f FROM t GROUP BY k")) {
      rig.after(Transport.WEIGHTED, "DELETE FROM t WHERE id = 2");
      rig.after(transport, "UPDATE t SET n = 7 WHERE id = 1", "DELETE FROM t WHERE id = 3");
    }
    connection.rollback();
    try (var rig = new Rig(connection, "SELECT k, sum(n) AS s, count(*) AS c FROM t GROUP BY k")) {
      assertThat(rig.compiled.refreshClass()).isEqualTo(RefreshClass.ALGEBRAIC);
      rig.after(Transport.WEIGHTED, "DELETE FROM t WHERE id = 2");
      rig.after(Transport.WEIGHTED, "UPDATE t SET n = '-Infinity' WHERE id = 4");
      rig.after(Transport.WEIGHTED, "DELETE FROM t WHERE id = 3");
      rig.after(Transport.WEIGHTED, "UPDATE t SET n = 'NaN' WHERE id = 1");
      rig.after(Transport.WEIGHTED, "UPDATE t SET n = 2 WHERE id IN (1, 4)");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void readsGeneratedColumnsFromTheBaseRow(Transport transport) throws Exception {
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v int, d int GENERATED ALWAYS AS (v * 2) VIRTUAL, s"
            + " int GENERATED ALWAYS AS (v + 1) STORED)",
        "INSERT INTO t (id, v) SELECT i, i FROM generate_series(1, 5) i");
    try (var rig = new Rig(connection, "SELECT id, d, s FROM t WHERE d > 4")) {
      rig.after(transport, "UPDATE t SET v = v + 1");
      rig.after(
          transport, "UPDATE t SET v = 0 WHERE id = 5", "INSERT INTO t (id, v) VALUES (9, 9)");
    }
    connection.rollback();
    try (var rig = new Rig(connection, "SELECT d, count(*) AS n FROM t GROUP BY d")) {
      assertThat(rig.compiled.refreshClass()).isEqualTo(RefreshClass.FULL);
      assertThat(rig.compiled.explain().reason()).contains("virtual generated column d");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void evaluatesNoExpressionOnARowThatIsFilteredOut(Transport transport) throws Exception {
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v int)",
        "INSERT INTO t VALUES (1, 1), (2, 0), (3, 5)");
    try (var rig = new Rig(connection, "SELECT id, 100 / v AS q FROM t WHERE v <> 0")) {
      rig.after(transport, "UPDATE t SET v = 0 WHERE id = 1", "UPDATE t SET v = 4 WHERE id = 2");
      rig.after(transport, "DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (5, 0)");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void swapsKeys(Transport transport) throws Exception {
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)",
        "CREATE TABLE u (id int PRIMARY KEY, t_id int NOT NULL)",
        "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')",
        "INSERT INTO u SELECT i, 1 + i % 3 FROM generate_series(1, 7) i");
    try (var rig = new Rig(connection, "SELECT u.id, t.v FROM u JOIN t ON u.t_id = t.id")) {
      assertThat(rig.compiled.layout().rowIdentity()).isEqualTo("u.id");
      rig.after(
          transport, "UPDATE t SET id = -id WHERE id < 3", "UPDATE t SET id = 3 + id WHERE id < 0");
      rig.after(
          transport,
          "UPDATE u SET t_id = 3 - t_id WHERE t_id < 3",
          "UPDATE t SET v = 'three!' WHERE id = 3");
      rig.after(transport, "DELETE FROM t WHERE id = 3", "UPDATE u SET id = id + 10");
    }
  }

  @Test
  void carriesArraysAsText() throws Exception {
    database.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a int[])", "INSERT INTO t VALUES (1, '{1}')");
    try (var rig = new Rig(connection, "SELECT id, a FROM t")) {
      rig.after(Transport.ARRAYS, "UPDATE t SET a = '{{1,2},{3,4}}'");
      rig.after(Transport.TABLE, "UPDATE t SET a = '{}'");
    }
  }
}
