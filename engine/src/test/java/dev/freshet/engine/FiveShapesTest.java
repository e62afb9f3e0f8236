package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The five shapes of the benchmark, followed from the log. */
@ExtendWith(FreshetExtension.class)
class FiveShapesTest {
  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet freshet) throws SQLException {
    this.freshet = freshet;
    freshet.sql(
        """
        CREATE TABLE src (id SERIAL PRIMARY KEY, region TEXT NOT NULL, category TEXT NOT NULL,
          amount INT NOT NULL, score INT NOT NULL)
        """,
        """
        CREATE TABLE dim (id SERIAL PRIMARY KEY, region TEXT NOT NULL, region_name TEXT NOT NULL,
          multiplier NUMERIC NOT NULL DEFAULT 1.0)
        """,
        """
        INSERT INTO src (region, category, amount, score)
        SELECT (ARRAY['north','south','east','west','central'])[i % 5 + 1],
               (ARRAY['A','B','C','D'])[i % 4 + 1], (i * 17 + 13) % 10000, (i * 31 + 7) % 100
        FROM generate_series(1, 2000) i
        """,
        "INSERT INTO dim (region, region_name) VALUES ('north','N'),('south','S'),('east','E'),"
            + "('west','W'),('central','C')",
        "ANALYZE src",
        "ANALYZE dim");
  }

  private void follows(String query, String refreshClass) throws SQLException {
    Reply.Created created = freshet.create("st", query);
    assertThat(created.refreshClass()).isEqualTo(refreshClass);
    freshet.sql(
        "UPDATE src SET amount = amount + 1 WHERE id % 50 = 0",
        "DELETE FROM src WHERE id % 97 = 0",
        "INSERT INTO src (region, category, amount, score) SELECT 'north', 'A', 6000 + i, i"
            + " FROM generate_series(1, 20) i");
    RefreshReport report = freshet.refreshIncrementally("st");
    assertThat(report.mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(report.rowsWritten()).isPositive();
    freshet.sql(
        "UPDATE dim SET region_name = 'North' WHERE region = 'north'",
        "UPDATE src SET region = 'north' WHERE id IN (1, 2, 3, 401)",
        "DELETE FROM dim WHERE region = 'west'",
        "UPDATE src SET id = id + 1000000 WHERE id = 77");
    assertThat(freshet.refreshIncrementally("st").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(freshet.audit()).allMatch(audit -> audit.equal() && audit.rows() > 0);
    freshet.sql("DELETE FROM src WHERE amount > 3000");
    assertThat(freshet.refresh("st", java.util.Optional.of("full")).mode()).isEqualTo(Mode.FULL);
  }

  @Test
  void scan() throws SQLException {
    follows("SELECT id, region, category, amount, score FROM src", "algebraic");
  }

  @Test
  void filter() throws SQLException {
    follows("SELECT id, region, amount FROM src WHERE amount > 5000", "algebraic");
  }

  @Test
  void aggregate() throws SQLException {
    follows(
        "SELECT region, SUM(amount) AS total, COUNT(*) AS cnt FROM src GROUP BY region",
        "algebraic");
  }

  @Test
  void join() throws SQLException {
    follows(
        "SELECT s.id, s.region, s.amount, d.region_name FROM src s JOIN dim d"
            + " ON s.region = d.region",
        "algebraic");
  }

  @Test
  void joinAggregate() throws SQLException {
    follows(
        "SELECT d.region_name, SUM(s.amount) AS total, COUNT(*) AS cnt FROM src s JOIN dim d"
            + " ON s.region = d.region GROUP BY d.region_name",
        "algebraic");
  }
}
