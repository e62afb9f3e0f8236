package dev.freshet.sql;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that are compared with a value of a sub-query, while the value and the rows change. */
class ThresholdTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE src (id int PRIMARY KEY, region text, amount numeric)",
        "CREATE TABLE dim (id int, region text, least numeric)",
        "INSERT INTO src SELECT i, 'r' || i % 3, i * 10 FROM generate_series(1, 12) i",
        "INSERT INTO dim SELECT i, 'r' || i % 4, i * 20 FROM generate_series(1, 5) i");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // rows by their keys
        "SELECT id FROM src WHERE amount > (SELECT avg(least) FROM dim)",
        "SELECT id, region FROM src WHERE amount = (SELECT max(amount) FROM src AS o)",
        "SELECT s.id, d.region FROM src s JOIN src d ON d.id = s.id + 1 WHERE s.amount + d.amount >"
            + " (SELECT sum(amount) / 6 FROM src AS o) AND EXISTS (SELECT FROM dim WHERE dim.region"
            + " = s.region)",
        // the value is shown, too
        "SELECT id, (SELECT max(least) FROM dim) AS most FROM src WHERE amount > (SELECT min(least)"
            + " FROM dim)",
        // counted rows
        "SELECT region FROM dim WHERE least >= (SELECT avg(amount) FROM src)",
        "SELECT region FROM dim WHERE least IS DISTINCT FROM (SELECT max(amount) FROM src)",
        "SELECT region FROM dim WHERE NOT least < (SELECT min(amount) FROM src) OR id = 3",
        // groups above
        "SELECT region, count(*) AS n, sum(amount) AS total FROM src WHERE amount < (SELECT"
            + " avg(amount) FROM src AS o WHERE o.region = 'r1') GROUP BY region",
        "SELECT region, max(amount) AS most FROM src WHERE amount < (SELECT avg(amount) FROM src AS"
            + " o) AND NOT EXISTS (SELECT FROM dim WHERE dim.least = src.amount) GROUP BY region",
        // groups beneath
        "SELECT region, sum(amount) AS total FROM src GROUP BY region HAVING sum(amount) > (SELECT"
            + " 0.3 * sum(amount) FROM src AS o)",
        "SELECT s.region, t.total FROM dim s JOIN (SELECT region, sum(amount) AS total FROM src"
            + " GROUP BY region) t ON t.region = s.region WHERE t.total = (SELECT max(total) FROM"
            + " (SELECT sum(amount) AS total FROM src GROUP BY region) u)",
        // two values, a LIMIT, a set operation, a window above
        "SELECT id FROM src WHERE amount > (SELECT avg(least) FROM dim) AND amount < (SELECT"
            + " max(least) FROM dim)",
        "SELECT id, amount FROM src WHERE amount > (SELECT avg(least) FROM dim) ORDER BY amount, id"
            + " LIMIT 3",
        "SELECT region FROM src WHERE amount > (SELECT avg(least) FROM dim) EXCEPT SELECT region"
            + " FROM dim WHERE least > (SELECT avg(amount) FROM src)",
        "SELECT id, rank() OVER (PARTITION BY region ORDER BY amount) AS place FROM src WHERE"
            + " amount > (SELECT avg(least) FROM dim)",
        // a row at a time, and whether there is any
        "SELECT region FROM dim WHERE least > (SELECT amount FROM src ORDER BY amount, id LIMIT 1)",
        "SELECT region FROM dim WHERE EXISTS (SELECT FROM src WHERE amount > 100)"
      })
  void equalsItsQueryAsTheValueMoves(String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      for (Transport transport : Transport.values()) {
        rig.after(transport, "UPDATE dim SET least = least + 35 WHERE id = 5");
        rig.after(
            transport,
            "UPDATE src SET amount = amount + 25 WHERE id < 4",
            "DELETE FROM src WHERE id = 12",
            "INSERT INTO dim VALUES (6, 'r1', NULL), (3, 'r3', 60)");
        rig.after(transport, "UPDATE src SET amount = NULL WHERE id IN (5, 7)");
        rig.after(transport, "DELETE FROM dim");
        rig.after(transport, "INSERT INTO dim VALUES (1, 'r1', 20), (2, 'r2', 40), (3, NULL, 90)");
        rig.after(
            transport, "DELETE FROM src", "INSERT INTO dim VALUES (1, 'r1', 20), (4, 'r2', -1)");
        rig.after(
            transport,
            "INSERT INTO src SELECT i, 'r' || i % 3, i * 10 FROM generate_series(1, 12) i",
            "DELETE FROM dim WHERE least < 0");
        rig.fullAfter("UPDATE src SET amount = amount * 1.5 WHERE id = 12");
      }
    }
  }
}
