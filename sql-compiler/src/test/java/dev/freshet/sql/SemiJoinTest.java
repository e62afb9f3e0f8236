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

/** EXISTS and IN within sub-queries, over what has a key and what has none. */
class SemiJoinTest {
  private static final String OFFERS =
      "SELECT id FROM shop WHERE id IN (SELECT shop FROM offer WHERE part IN (SELECT id FROM part"
          + " WHERE name LIKE 'a%') AND stock > (SELECT sum(n) FROM sale WHERE sale.part ="
          + " offer.part AND sale.shop = offer.shop))";

  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE shop (id int PRIMARY KEY)",
        "CREATE TABLE part (id int PRIMARY KEY, name text)",
        "CREATE TABLE offer (part int, shop int, stock int)",
        "CREATE TABLE sale (part int, shop int, n int)",
        "INSERT INTO shop SELECT generate_series(1, 5)",
        "INSERT INTO part SELECT i, chr(96 + i % 3) || i FROM generate_series(1, 9) i",
        "INSERT INTO offer SELECT i, 1 + j, 10 * j FROM generate_series(1, 9) i,"
            + " generate_series(1, 4) j",
        "INSERT INTO sale SELECT 1 + i % 9, 1 + i % 5, i % 20 FROM generate_series(1, 90) i");
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
        OFFERS,
        "SELECT id, EXISTS (SELECT FROM offer WHERE shop = shop.id AND EXISTS (SELECT FROM part"
            + " WHERE part.id = offer.part AND name > 'b')) AS any FROM shop",
        "SELECT id FROM shop WHERE EXISTS (SELECT FROM offer WHERE shop = shop.id AND EXISTS"
            + " (SELECT FROM sale WHERE sale.part = offer.part AND n > 17))",
        "SELECT id, (SELECT count(*) FROM offer WHERE shop = shop.id AND part IN (SELECT part FROM"
            + " sale WHERE sale.shop = shop.id GROUP BY part HAVING sum(n) > 30)) AS n FROM shop",
        "SELECT s.id, o.part FROM shop s, LATERAL (SELECT part FROM offer WHERE shop = s.id AND"
            + " part IN (SELECT DISTINCT part FROM sale WHERE n > 15)) o"
      })
  void equalsItsQuery(String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      for (Transport transport : Transport.values()) {
        rig.after(transport, "UPDATE sale SET n = n + 5 WHERE part < 4");
        rig.after(
            transport,
            "UPDATE part SET name = 'a' || name WHERE id = 4",
            "DELETE FROM offer WHERE stock = 30 AND part % 2 = 0",
            "UPDATE offer SET stock = stock + 200 WHERE part = 5");
        rig.after(transport, "DELETE FROM part WHERE id < 3", "DELETE FROM shop WHERE id = 2");
        rig.after(
            transport,
            "INSERT INTO part VALUES (1, 'a1'), (2, 'x2')",
            "INSERT INTO shop VALUES (2)",
            "INSERT INTO offer VALUES (1, 2, 500), (NULL, 2, 500)",
            "DELETE FROM sale WHERE n > 18");
      }
    }
  }
}
