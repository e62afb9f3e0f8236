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
import org.junit.jupiter.params.provider.CsvSource;

/** Aggregates within a query, kept in tables beside the stream table. */
class InnerAggregatesTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE src (id int PRIMARY KEY, region text NOT NULL, kind int, amount numeric(12,2)"
            + " NOT NULL, n int)",
        "CREATE TABLE dim (id int PRIMARY KEY, region text NOT NULL, least numeric(10,2))",
        "INSERT INTO src SELECT i, 'r' || i % 4, i % 3, i * 10, i FROM generate_series(1, 16) i",
        "INSERT INTO dim SELECT i, 'r' || i % 5, i * 20 FROM generate_series(1, 6) i");
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
      value = {
        // one value of all rows
        "1 | SELECT id FROM src WHERE amount > (SELECT avg(least) FROM dim)",
        "1 | SELECT id, (SELECT sum(n) FROM src AS o) AS total FROM src",
        "1 | SELECT region, count(*) AS n FROM src WHERE amount >= (SELECT avg(amount) FROM src AS"
            + " o WHERE o.amount > 0) GROUP BY region",
        "1 | SELECT id FROM src WHERE amount = (SELECT max(o.amount) FROM src o JOIN dim USING"
            + " (region))",
        "1 | SELECT id FROM src WHERE n > (SELECT avg(least) FROM dim)",
        "1 | SELECT id FROM src WHERE (SELECT avg(n) FROM src AS o) >= n",
        "1 | SELECT id FROM src WHERE n = (SELECT avg(n) FROM src AS o)",
        // groups and a value of them
        "2 | SELECT region, sum(amount) AS total FROM src GROUP BY region HAVING sum(amount) >"
            + " (SELECT 0.3 * sum(amount) FROM src AS o)",
        "2 | WITH r AS (SELECT region, sum(amount) AS total FROM src GROUP BY region) SELECT d.id,"
            + " d.region, r.total FROM dim d, r WHERE d.region = r.region AND r.total = (SELECT"
            + " max(total) FROM r)",
        "2 | WITH r AS (SELECT region, count(*) AS n, min(amount) AS least FROM src GROUP BY"
            + " region) SELECT r.region, r.n, r.least FROM r WHERE r.least < (SELECT avg(least)"
            + " FROM dim)",
        // groups by a condition
        "1 | SELECT id, amount FROM src WHERE region IN (SELECT region FROM dim GROUP BY region"
            + " HAVING count(*) > 1)",
        "1 | SELECT id, amount FROM src WHERE region NOT IN (SELECT region FROM dim GROUP BY region"
            + " HAVING max(least) > 60)",
        "1 | SELECT d.id, q.n FROM dim d LEFT JOIN (SELECT region, count(*) AS n FROM src GROUP BY"
            + " region) q ON q.region = d.region AND q.n > 3",
        "1 | SELECT max(n) AS most, count(*) AS groups FROM (SELECT region, count(*) AS n FROM src"
            + " GROUP BY region) q",
        "1 | SELECT kind, count(*) AS n FROM src WHERE kind IN (SELECT kind FROM src GROUP BY kind"
            + " HAVING sum(n) > 40) GROUP BY kind",
        // the first groups
        "1 | SELECT kind, sum(n) AS total FROM src GROUP BY kind ORDER BY total DESC NULLS LAST,"
            + " kind LIMIT 2",
        // groups of groups
        "1 | SELECT n, count(*) AS groups FROM (SELECT region, count(*) AS n FROM src GROUP BY"
            + " region) q GROUP BY n",
        "1 | SELECT q.n, count(*) AS dims FROM (SELECT d.id, count(s.id) AS n FROM dim d LEFT JOIN"
            + " src s ON s.region = d.region AND s.kind <> 1 GROUP BY d.id) q GROUP BY q.n",
        "1 | SELECT q.n, string_agg(region, ',' ORDER BY region) AS regions FROM (SELECT region,"
            + " count(*) AS n FROM src GROUP BY region) q GROUP BY q.n",
        "1 | SELECT DISTINCT q.most, q.n % 2 AS odd FROM (SELECT region, max(n) AS most, count(*)"
            + " AS n FROM src GROUP BY region) q",
        "1 | SELECT q.n, d.least FROM (SELECT n, count(*) AS many FROM (SELECT region, count(*) AS"
            + " n FROM src GROUP BY region) g GROUP BY n) q JOIN dim d ON d.id = q.n",
        // not kept
        "0 | SELECT region, sum(amount) AS total FROM src GROUP BY region HAVING sum(amount) > 100",
        "0 | SELECT d.id, q.n FROM dim d JOIN (SELECT region, count(*) AS n FROM src GROUP BY"
            + " region) q ON q.region = d.region",
        "0 | SELECT id FROM dim d WHERE least > (SELECT avg(amount) FROM src WHERE src.region ="
            + " d.region)",
        "0 | SELECT id FROM dim WHERE least > (SELECT stddev(amount) FROM src)",
      })
  void equalsItsQueryAsItsAggregatesMove(int tables, String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      assertThat(rig.compiled.hiddenTables(Rig.TARGET)).hasSize(tables);
      for (Transport transport : Transport.values()) {
        rig.after(transport, "UPDATE dim SET least = least + 35 WHERE id = 5");
        rig.after(
            transport,
            "UPDATE src SET amount = amount + 25 WHERE id < 4",
            "DELETE FROM src WHERE id = 12",
            "INSERT INTO dim VALUES (7, 'r1', NULL), (8, 'r3', 60)");
        rig.after(transport, "UPDATE src SET n = n + 1, kind = NULL WHERE id IN (5, 7)");
        rig.after(
            transport,
            "UPDATE src SET amount = amount + 1 WHERE id IN (5, 6)",
            "UPDATE src SET amount = amount - 1 WHERE id IN (7, 10)");
        rig.after(
            transport,
            "DELETE FROM src WHERE region = 'r3'",
            "UPDATE src SET region = 'r9' WHERE id = 1");
        rig.after(transport, "DELETE FROM dim");
        rig.after(transport, "INSERT INTO dim VALUES (1, 'r1', 20), (2, 'r2', 40), (3, 'r2', 90)");
        rig.after(transport, "DELETE FROM src", "INSERT INTO dim VALUES (4, 'r1', -1)");
        rig.after(
            transport,
            "INSERT INTO src SELECT i, 'r' || i % 4, i % 3, i * 10, i FROM generate_series(1, 16)"
                + " i",
            "DELETE FROM dim WHERE least < 0");
        rig.fullAfter("UPDATE src SET amount = amount * 1.5 WHERE id = 12");
        rig.rebuild();
      }
    }
  }
}
