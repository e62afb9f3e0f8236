package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Aggregates, kept as states or recomputed for the groups that changed. */
class GroupedSliceTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE src (id int PRIMARY KEY, region text, category text NOT NULL, amount int NOT"
            + " NULL, score numeric, price numeric(10,2))",
        "CREATE TABLE dim (id int PRIMARY KEY, region text NOT NULL, name text NOT NULL, factor"
            + " numeric)",
        "INSERT INTO src SELECT i, nullif('r' || i % 3, 'r2'), 'c' || i % 2, i * 10,"
            + " nullif(i * 1.5, 6.0), i * 2.25 FROM generate_series(1, 12) i",
        "INSERT INTO dim SELECT i, 'r' || i % 4, 'name ' || i % 3, i FROM generate_series(1, 5) i");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  private void keeps(RefreshClass expected, Transport transport, String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      assertThat(rig.compiled.refreshClass()).as("%s", rig.compiled.explain()).isEqualTo(expected);
      boolean dim = rig.compiled.deltaNeeds().size() > 1;
      rig.after(
          transport,
          "UPDATE src SET amount = amount + 1, score = score * 2 WHERE id < 4",
          "DELETE FROM src WHERE id = 9");
      rig.after(
          transport,
          "UPDATE src SET region = 'r0' WHERE id % 2 = 0",
          "INSERT INTO src VALUES (77, NULL, 'c9', 5, NULL, 1)");
      if (dim) {
        rig.after(
            transport,
            "UPDATE dim SET name = 'other', factor = 3 WHERE id < 3",
            "DELETE FROM dim WHERE id = 4");
        rig.after(
            transport,
            "UPDATE dim SET region = 'r0' WHERE id = 5",
            "UPDATE src SET region = 'r1', amount = 3 WHERE id IN (1, 5)",
            "DELETE FROM src WHERE id = 2");
      }
      rig.after(
          transport,
          "DELETE FROM src WHERE amount = (SELECT max(amount) FROM src)",
          "DELETE FROM src WHERE id = 1");
      rig.after(transport, "UPDATE src SET score = NULL, category = 'c0'");
      rig.after(transport, "DELETE FROM src WHERE category = 'c0'");
      rig.fullAfter(
          "INSERT INTO src VALUES (1, 'r1', 'c0', 5, 4.0, 1), (2, NULL, 'c1', 7, NULL, NULL), (3,"
              + " NULL, 'c1', 7, NULL, NULL)");
      rig.after(transport, "UPDATE src SET amount = -amount");
      assertThat(rig.rowsWrittenByIdleFull()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void keepsCountsAndSums(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT category, sum(amount) AS total, count(*) AS cnt FROM src GROUP BY category");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void keepsNullableSumsAndGroups(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT region, sum(score) AS total, count(score) AS scored, avg(amount) AS mean FROM src"
            + " GROUP BY region");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void keepsExtremaAndFilters(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT min(amount) AS least, max(score) AS most, max(amount) FILTER (WHERE id > 5) AS"
            + " late, count(*) FILTER (WHERE amount > 50) + 1 AS n, sum(CASE WHEN region = 'r0'"
            + " THEN amount END) AS r0, avg(price) AS p FROM src WHERE amount > 20 GROUP BY"
            + " category, region");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void keepsTheOneRowOfAnAggregateWithoutGroups(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT count(*) AS n, sum(amount) AS total, max(amount) AS top, avg(amount) AS mean FROM"
            + " src");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void reducesBeneathAJoin(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT d.name, sum(s.amount) AS total, count(*) AS cnt, sum(d.factor) AS factors FROM src"
            + " s JOIN dim d ON s.region = d.region GROUP BY d.name");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void keepsExtremaOverAJoin(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT d.region, min(s.amount * d.factor) AS least, max(s.id) AS last, sum(s.amount *"
            + " d.factor) AS total FROM src s, dim d WHERE s.region = d.region GROUP BY d.region");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void recomputesTouchedGroups(Transport transport) throws Exception {
    keeps(
        RefreshClass.AFFECTED_KEYS,
        transport,
        "SELECT region, string_agg(category, ',' ORDER BY id) AS list, count(DISTINCT category) AS"
            + " kinds FROM src GROUP BY region HAVING count(*) > 2");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void recomputesAnAggregateWithoutGroupsUnderHaving(Transport transport) throws Exception {
    keeps(
        RefreshClass.AFFECTED_KEYS,
        transport,
        "SELECT sum(amount) AS total FROM src HAVING count(*) > 8");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void groupsAUnion(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT k, count(*) AS n, max(v) AS top, sum(v) AS total FROM (SELECT region AS k, amount"
            + " AS v FROM src UNION ALL SELECT name, id FROM dim) u GROUP BY k");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void joinsATableWithItselfBeneathAnAggregate(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT a.category, count(*) AS pairs, sum(b.amount) AS total, min(b.amount) AS least FROM"
            + " src a JOIN src b ON a.region = b.region GROUP BY a.category");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void groupsByExpressionsAndDependentColumns(Transport transport) throws Exception {
    keeps(
        RefreshClass.ALGEBRAIC,
        transport,
        "SELECT s.amount % 3 AS rest, (s.amount % 3) + 1 AS more, d.name, sum(s.price) AS p FROM"
            + " src s, dim d WHERE s.region = d.region GROUP BY s.amount % 3, d.id");
  }
}
