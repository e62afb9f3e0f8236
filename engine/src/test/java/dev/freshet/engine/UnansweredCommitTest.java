package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The connection breaks between a refresh's commit and its answer: the catalog has a frontier that
 * the engine does not know. Here somebody else commits what the refresh would have.
 */
@ExtendWith(FreshetExtension.class)
class UnansweredCommitTest {
  private static final String FRONTIER =
      """
      UPDATE freshet.frontier SET snapshot = %s, lsn = pg_current_wal_insert_lsn()
      WHERE stream_table_id = (SELECT id FROM freshet.stream_table WHERE table_name = '%s')\
      """;

  private Freshet freshet;

  @BeforeEach
  void makeSource(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql("CREATE TABLE src (id int PRIMARY KEY, v int)", "INSERT INTO src VALUES (1, 1)");
  }

  private void commitUnanswered(String... statements) throws SQLException {
    try (Connection connection = freshet.database().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
      for (String sql : statements) {
        statement.execute(sql);
      }
      statement.execute("COMMIT");
    }
  }

  @Test
  void refreshGoesOnFromTheFrontierThatTheCatalogHas() throws SQLException {
    freshet.create("st", "SELECT id, v FROM src");
    freshet.sql("INSERT INTO src VALUES (2, 2)", "UPDATE src SET v = 10 WHERE id = 1");
    commitUnanswered(
        "INSERT INTO st VALUES (2, 2)",
        "UPDATE st SET v = 10 WHERE id = 1",
        FRONTIER.formatted("pg_current_snapshot()", "st"));
    freshet.sql("INSERT INTO src VALUES (3, 3)", "UPDATE src SET v = 11 WHERE id = 1");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(freshet.rows("SELECT id, v FROM st ORDER BY id"))
        .containsExactly("(1,11)", "(2,2)", "(3,3)");
    freshet.sql("DELETE FROM src WHERE id = 2");
    freshet.follow("st");
  }

  @Test
  void changesThatItSawAreNotAppliedAgain() throws SQLException {
    freshet.create("sums", "SELECT id % 2 AS k, count(*) AS n, sum(v) AS v FROM src GROUP BY 1");
    freshet.sql("INSERT INTO src VALUES (3, 5)");
    commitUnanswered(
        "UPDATE sums SET n = 2, v = 6 WHERE k = 1",
        FRONTIER.formatted("pg_current_snapshot()", "sums"));
    assertThat(freshet.refresh("sums").mode()).isNotEqualTo(Mode.FULL);
    assertThat(freshet.rows("SELECT k, n, v FROM sums")).containsExactly("(1,2,6)");
    freshet.sql("INSERT INTO src VALUES (5, 5)");
    freshet.follow("sums");
  }

  @Test
  void graphGoesOnAsAWhole() throws SQLException {
    freshet.create("lower", "SELECT id % 2 AS k, sum(v) AS v FROM src GROUP BY 1");
    freshet.create("upper", "SELECT sum(v) AS v FROM lower");
    freshet.sql("INSERT INTO src VALUES (3, 5)");
    commitUnanswered(
        "UPDATE lower SET v = 6 WHERE k = 1",
        "UPDATE upper SET v = 6",
        FRONTIER.formatted("pg_current_snapshot()", "lower"),
        FRONTIER.formatted("pg_current_snapshot()", "upper"));
    freshet.sql("INSERT INTO src VALUES (2, 1)");
    assertThat(freshet.refresh("lower").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(freshet.rows("SELECT v FROM upper")).containsExactly("(7)");
  }

  @Test
  void frontierThatWasSetBackIsRefilled() throws SQLException {
    freshet.create("st", "SELECT id, v FROM src");
    String before = freshet.rows("SELECT snapshot FROM freshet.frontier").getFirst();
    freshet.sql("INSERT INTO src VALUES (2, 2)");
    freshet.refresh("st");
    commitUnanswered(
        "DELETE FROM st WHERE id = 2",
        FRONTIER.formatted("trim('()\"' FROM '" + before + "')::pg_snapshot", "st"));
    freshet.sql("INSERT INTO src VALUES (3, 3)");
    assertThat(freshet.refresh("st"))
        .matches(report -> report.mode() == Mode.FULL)
        .matches(report -> report.reason().contains("undone by a crash"));
    assertThat(freshet.rows("SELECT id FROM st ORDER BY id")).containsExactly("(1)", "(2)", "(3)");
  }
}
