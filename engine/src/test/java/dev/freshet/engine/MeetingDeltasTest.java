package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two large deltas in one join, or one that a sub-query reads for each row around it. An event
 * trigger of the test notes which indexes are created: their pairs are not compared one by one,
 * whatever the planner takes the rows between them for.
 */
@ExtendWith(FreshetExtension.class)
class MeetingDeltasTest {
  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE part (id int PRIMARY KEY, name text, cost numeric)",
        "CREATE TABLE line (id int PRIMARY KEY, part_id int, order_id int, quantity int)",
        "CREATE TABLE orders (id int PRIMARY KEY, placed date)",
        "INSERT INTO part SELECT i, 'part ' || i % 7, i FROM generate_series(1, 2000) i",
        "INSERT INTO line SELECT i, 1 + i % 2000, 1 + i % 3000, i % 50"
            + " FROM generate_series(1, 6000) i",
        "INSERT INTO orders SELECT i, date '2026-01-01' + i % 60 FROM generate_series(1, 3000) i",
        "CREATE INDEX ON line (part_id)",
        "CREATE INDEX ON line (order_id)",
        "ANALYZE",
        "CREATE TABLE made (command text)",
        """
        CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN
          INSERT INTO public.made SELECT object_identity FROM pg_event_trigger_ddl_commands()
          WHERE object_identity LIKE 'pg_temp%';
        END$$\
        """,
        "CREATE EVENT TRIGGER noted ON ddl_command_end WHEN TAG IN ('CREATE INDEX')"
            + " EXECUTE FUNCTION note()");
    freshet.create(
        "st",
        "SELECT p.name, o.placed, sum(p.cost * l.quantity) AS cost, count(*) AS n FROM part p"
            + " JOIN line l ON l.part_id = p.id JOIN orders o ON o.id = l.order_id GROUP BY 1, 2",
        Map.of("mode", "incremental"));
  }

  private long indexes() throws SQLException {
    return freshet.rows("SELECT command FROM made").size();
  }

  @Test
  void manyRowsOfBothAreFoundByIndexes() throws SQLException {
    freshet.sql(
        "UPDATE part SET cost = cost + 1 WHERE id % 2 = 0",
        "DELETE FROM orders WHERE id % 5 = 0",
        "UPDATE orders SET placed = placed + 1 WHERE id % 3 = 0");
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(indexes()).as("one for each of the two deltas").isEqualTo(2);
  }

  @Test
  void allThreeAtOnce() throws SQLException {
    freshet.sql(
        "UPDATE part SET name = name || 'x', cost = NULL WHERE id % 2 = 0",
        "DELETE FROM line WHERE id % 4 = 0",
        "UPDATE line SET quantity = -quantity, order_id = 1 + (order_id + 7) % 3000",
        "INSERT INTO orders SELECT i, date '2026-05-01' FROM generate_series(3001, 3900) i");
    freshet.refresh("st");
    assertThat(indexes()).isEqualTo(4);
  }

  @Test
  void fewRowsOfOneNeedNone() throws SQLException {
    freshet.sql("UPDATE part SET cost = cost + 1", "UPDATE orders SET placed = NULL WHERE id < 20");
    freshet.refresh("st");
    assertThat(indexes()).isZero();
  }

  @Test
  void manyRowsThatASubQueryAsksForOneByOne() throws SQLException {
    freshet.create(
        "last",
        "SELECT q.last, count(*) AS n FROM (SELECT (SELECT l.quantity FROM line l WHERE l.part_id ="
            + " p.id ORDER BY l.id DESC LIMIT 1) AS last FROM part p) q GROUP BY 1",
        Map.of("mode", "incremental"));
    freshet.sql("UPDATE line SET quantity = quantity + 50 WHERE id % 100 = 0");
    assertThat(freshet.refresh("last").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(indexes()).as("for few").isZero();
    freshet.sql("UPDATE line SET quantity = quantity + 100 WHERE id % 5 = 0");
    assertThat(freshet.refresh("last").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(indexes()).isEqualTo(1);
  }

  @Test
  void manyRowsOfAStreamTableThatASubQueryAsksForOneByOne() throws SQLException {
    freshet.create(
        "lines",
        "SELECT id, part_id, quantity % 20 AS quantity FROM line WHERE quantity > 3",
        Map.of("mode", "incremental"));
    freshet.create(
        "last",
        "SELECT q.last, count(*) AS n FROM (SELECT (SELECT l.quantity FROM lines l WHERE l.part_id"
            + " = p.id ORDER BY l.id DESC LIMIT 1) AS last FROM part p) q GROUP BY 1",
        Map.of("mode", "incremental"));
    freshet.sql(
        "UPDATE line SET quantity = quantity + 3 WHERE id % 4 = 0",
        "DELETE FROM line WHERE id % 31 = 0",
        "INSERT INTO line SELECT i, i % 2000, 1, 11 FROM generate_series(6001, 6100) i");
    assertThat(freshet.refresh("last").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(indexes()).isEqualTo(1);
    freshet.sql("UPDATE line SET quantity = quantity + 1 WHERE id < 9");
    assertThat(freshet.refresh("last").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(indexes()).isEqualTo(1);
  }
}
