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

/** Select, project, join over keyed sources. */
class KeyedSliceTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE src (id int PRIMARY KEY, region text NOT NULL, amount int, note text)",
        "CREATE TABLE dim (id int PRIMARY KEY, region text NOT NULL, name text NOT NULL)",
        "INSERT INTO src SELECT i, 'r' || i % 3, i * 10, 'n' FROM generate_series(1, 9) i",
        "INSERT INTO dim SELECT i, 'r' || i % 4, 'name ' || i FROM generate_series(1, 5) i");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void followsAFilterBothWays(Transport transport) throws Exception {
    try (var rig =
        new Rig(connection, "SELECT id, amount / 2 AS half FROM src WHERE amount > 40")) {
      rig.after(
          transport,
          "UPDATE src SET amount = amount + 30 WHERE id < 4",
          "DELETE FROM src WHERE id = 9");
      rig.after(
          transport,
          "UPDATE src SET amount = NULL WHERE id < 6",
          "INSERT INTO src VALUES (77, 'x', 1000, '')");
      rig.after(transport, "UPDATE src SET id = 100 - id");
      rig.fullAfter("UPDATE src SET amount = 41 WHERE id > 95");
      assertThat(rig.rowsWrittenByIdleFull()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void joinsWithBothSidesChanging(Transport transport) throws Exception {
    try (var rig =
        new Rig(
            connection,
            "SELECT s.id, s.region, s.amount, d.name FROM src s JOIN dim d ON s.region ="
                + " d.region")) {
      rig.after(
          transport,
          "UPDATE src SET amount = amount + 1 WHERE id < 4",
          "DELETE FROM src WHERE id = 9");
      rig.after(
          transport, "UPDATE dim SET region = 'r0' WHERE id = 2", "DELETE FROM dim WHERE id = 1");
      rig.after(
          transport,
          "UPDATE dim SET region = 'r1' WHERE id = 3",
          "UPDATE src SET region = 'r1' WHERE id % 2 = 0",
          "INSERT INTO dim VALUES (9, 'r2', 'nine')",
          "INSERT INTO src VALUES (50, 'r2', 5, 'x')");
      rig.after(transport, "DELETE FROM dim", "DELETE FROM src WHERE id < 3");
      rig.fullAfter("INSERT INTO dim VALUES (1, 'r1', 'again')");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void joinsATableWithItself(Transport transport) throws Exception {
    try (var rig =
        new Rig(
            connection,
            "SELECT a.id, b.id AS other, b.amount FROM src a, src b WHERE a.region = b.region AND"
                + " a.id < b.id")) {
      rig.after(
          transport,
          "UPDATE src SET region = 'r1' WHERE id % 2 = 0",
          "DELETE FROM src WHERE id = 7");
      rig.after(transport, "UPDATE src SET id = id + 100 WHERE id < 5");
      rig.rebuild();
    }
  }
}
