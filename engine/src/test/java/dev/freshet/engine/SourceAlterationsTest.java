package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Sources that are emptied, rewritten, altered, renamed, divided: seen, and answered rightly. */
@ExtendWith(FreshetExtension.class)
class SourceAlterationsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, k int, v int, t varchar(20))",
        "CREATE TABLE b (k int PRIMARY KEY, label text)",
        "INSERT INTO a SELECT i, i % 3, i, 't' || i FROM generate_series(1, 30) i",
        "INSERT INTO b SELECT i, 'b' || i FROM generate_series(0, 2) i");
  }

  private void createBoth() {
    freshet.create("st", "SELECT a.id, a.v, b.label FROM a JOIN b ON a.k = b.k");
    freshet.create("sums", "SELECT k, sum(v) AS v, max(t) AS t FROM a GROUP BY k");
  }

  @Test
  void truncateEmptiesTheStreamTable() throws SQLException {
    createBoth();
    freshet.sql("TRUNCATE a");
    fullOnce("st", "truncated");
    fullOnce("sums", "truncated");
    assertThat(freshet.rows("SELECT * FROM st")).isEmpty();
  }

  @Test
  void truncateWithInsertsInTheSameTransaction() throws SQLException {
    createBoth();
    inOneTransaction(
        "INSERT INTO a VALUES (100, 1, 1, 'before')",
        "TRUNCATE a, b",
        "INSERT INTO a VALUES (101, 1, 5, 'after')",
        "INSERT INTO b VALUES (1, 'after')");
    fullOnce("st", "truncated");
    fullOnce("sums", "truncated");
    assertThat(freshet.rows("SELECT id, v, label FROM st")).containsExactly("(101,5,after)");
  }

  @Test
  void truncateThatIsRolledBackChangesNothing() throws SQLException {
    createBoth();
    try (Connection connection = freshet.database().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("TRUNCATE a");
      statement.execute("ROLLBACK");
    }
    freshet.sql("UPDATE a SET v = 0 WHERE id = 1");
    freshet.follow("st");
    freshet.follow("sums");
  }

  @Test
  void refreshesAmidTruncatesAreNeverFooled() throws Exception {
    createBoth();
    AtomicBoolean stop = new AtomicBoolean();
    Thread truncating =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; !stop.get(); i++) {
                      inOneTransaction(
                          "TRUNCATE a",
                          "INSERT INTO a SELECT i, i %% 3, %d, '' FROM generate_series(1, 30) i"
                              .formatted(i));
                      freshet.sql("UPDATE a SET v = v + 1 WHERE k = 1", "VACUUM FULL b");
                    }
                  } catch (SQLException e) {
                    throw new IllegalStateException(e);
                  }
                });
    for (int i = 0; i < 40; i++) {
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
    stop.set(true);
    truncating.join();
  }

  @Test
  void typeThatIsRewrittenUsingAnExpressionIsRefilled() throws SQLException {
    createBoth();
    freshet.sql("ALTER TABLE a ALTER COLUMN v TYPE int USING v * 100");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    isRight("st");
  }

  @Test
  void vacuumFullIsNoticedAndHarmless() throws SQLException {
    createBoth();
    freshet.sql("VACUUM FULL a", "CLUSTER b USING b_pkey", "UPDATE a SET v = 1 WHERE id = 3");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql("UPDATE a SET v = 2 WHERE id = 3");
    freshet.follow("st");
  }

  @Test
  void rewriteWithoutAnyRowEventIsNoticedByTheSchedule() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a", Map.of("schedule", "20ms"));
    freshet.engine().start();
    freshet.sql("ALTER TABLE a ALTER COLUMN v TYPE int USING v * 100");
    await()
        .atMost(PATIENCE)
        .until(() -> freshet.rows("SELECT v FROM st WHERE id = 30").contains("(3000)"));
  }

  @Test
  void addedAndDroppedColumnsThatTheQueryDoesNotReadAreIgnored() throws SQLException {
    createBoth();
    freshet.sql(
        "ALTER TABLE a ADD COLUMN extra int DEFAULT 5",
        "UPDATE a SET extra = id, v = v + 1 WHERE id < 4",
        "ALTER TABLE a DROP COLUMN extra",
        "INSERT INTO a VALUES (50, 1, 1, 'new')");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql("UPDATE a SET v = 9 WHERE id = 5");
    freshet.follow("st");
    freshet.follow("sums");
  }

  @Test
  void droppedColumnStopsItsStreamTableAndNoOther() throws SQLException {
    createBoth();
    freshet.sql("ALTER TABLE a DROP COLUMN t", "INSERT INTO a VALUES (60, 1, 1)");
    assertThatThrownBy(() -> freshet.refresh("sums"))
        .isInstanceOf(FreshetException.class)
        .hasMessageContaining("\"t\" does not exist");
    assertThat(freshet.status("sums").state()).isEqualTo("failed");
    assertThat(freshet.status("sums").stateReason()).contains("\"t\"");
    isRight("st");
    freshet.sql("ALTER TABLE a ADD COLUMN t varchar(20) DEFAULT 'again'");
    assertThat(freshet.refresh("sums").mode()).isEqualTo(Mode.FULL);
    assertThat(freshet.status("sums").state()).isEqualTo("active");
  }

  @Test
  void renamedColumnStopsItsStreamTableUntilItIsBack() throws SQLException {
    createBoth();
    freshet.sql("ALTER TABLE a RENAME COLUMN t TO text", "UPDATE a SET v = 0 WHERE id = 1");
    assertThatThrownBy(() -> freshet.refresh("sums")).hasMessageContaining("t");
    isRight("st");
    freshet.sql("ALTER TABLE a RENAME COLUMN text TO t");
    freshet.refresh("sums");
  }

  @Test
  void retypedColumnIsCompiledAgainOrNamedInAnError() throws SQLException {
    createBoth();
    freshet.sql("ALTER TABLE a ALTER COLUMN t TYPE text", "UPDATE a SET t = 'x' WHERE id = 1");
    freshet.refresh("st");
    isRight("st");
    freshet.sql("ALTER TABLE a ALTER COLUMN v TYPE bigint", "UPDATE a SET v = 7 WHERE id = 2");
    assertThatThrownBy(() -> freshet.refresh("st"))
        .hasMessageContaining("public.st")
        .hasMessageContaining("column v is integer, the query's is bigint");
    freshet
        .engine()
        .execute(
            new Command.Alter(
                "st",
                Optional.of("SELECT a.id, a.v, b.label FROM a JOIN b ON a.k = b.k"),
                Map.of()));
    freshet
        .engine()
        .execute(
            new Command.Alter(
                "sums",
                Optional.of("SELECT k, sum(v) AS v, max(t) AS t FROM a GROUP BY k"),
                Map.of()));
    freshet.sql("UPDATE a SET v = 8 WHERE id = 2");
    freshet.follow("st");
  }

  @Test
  void renamedTableStopsItsStreamTablesUntilItIsBack() throws SQLException {
    createBoth();
    freshet.sql("ALTER TABLE b RENAME TO c");
    assertThatThrownBy(() -> freshet.refresh("st")).hasMessageContaining("b");
    freshet.sql("UPDATE a SET v = 0 WHERE id = 1");
    freshet.follow("sums");
    freshet.sql("ALTER TABLE c RENAME TO b");
    freshet.refresh("st");
  }

  @Test
  void tableThatTakesTheNameOfASourceIsFollowed() throws SQLException {
    createBoth();
    freshet.sql(
        "ALTER TABLE b RENAME TO old_b",
        "CREATE TABLE b (k int PRIMARY KEY, label text)",
        "INSERT INTO b VALUES (1, 'new')");
    freshet.refresh("st");
    assertThat(freshet.rows("SELECT DISTINCT label FROM st")).containsExactly("(new)");
    freshet.sql("INSERT INTO b VALUES (2, 'also new')", "UPDATE old_b SET label = 'old'");
    freshet.follow("st");
  }

  @Test
  void rowsAreFoundOtherwiseWithoutThePrimaryKey() throws SQLException {
    createBoth();
    freshet.sql("ALTER TABLE a DROP CONSTRAINT a_pkey", "UPDATE a SET v = 7 WHERE id = 2");
    isRight("st");
    isRight("sums");
    freshet.sql("INSERT INTO a VALUES (1, 1, 1, 'twice')", "UPDATE a SET v = 3 WHERE id = 1");
    freshet.follow("st");
    freshet.follow("sums");
    assertThat(freshet.rows("SELECT id, v FROM st WHERE id = 1")).containsExactly("(1,3)", "(1,3)");
    freshet.sql("DELETE FROM a WHERE t = 'twice'", "ALTER TABLE a ADD PRIMARY KEY (id)");
    isRight("st");
    freshet.sql("UPDATE a SET id = 100 WHERE id = 1");
    freshet.follow("st");
  }

  @Test
  void replicaIdentityThatSomebodyChangesIsSetAgain() throws SQLException {
    createBoth();
    freshet.sql("ALTER TABLE a REPLICA IDENTITY DEFAULT", "UPDATE a SET v = v * 2, k = 0");
    assertThat(freshet.refresh("sums").mode()).isEqualTo(Mode.FULL);
    freshet.sql("UPDATE a SET v = 1 WHERE id = 4");
    isRight("sums");
    assertThat(freshet.rows("SELECT relreplident FROM pg_class WHERE oid = 'a'::regclass"))
        .containsExactly("(f)");
    freshet.sql("UPDATE a SET v = 1 WHERE id = 5");
    freshet.follow("sums");
  }

  @Test
  void tableTakenOutOfThePublicationIsNotSilentlyStale() throws SQLException {
    createBoth();
    String publication = freshet.config().cdc().publicationName();
    freshet.sql(
        "ALTER PUBLICATION %s DROP TABLE a".formatted(publication),
        "UPDATE a SET v = v + 1000 WHERE id = 1",
        "ALTER PUBLICATION %s ADD TABLE a".formatted(publication),
        "UPDATE a SET v = v + 1 WHERE id = 2");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql(
        "ALTER PUBLICATION %s DROP TABLE a".formatted(publication), "DELETE FROM a WHERE id = 3");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    freshet.sql("DELETE FROM a WHERE id = 4");
    freshet.follow("st");
  }

  @Test
  void replacedFunctionAndViewAreSeen() throws SQLException {
    freshet.sql(
        "CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1'",
        "CREATE VIEW large AS SELECT id, v FROM a WHERE v > 10");
    freshet.create("st", "SELECT id, f(v) AS v FROM a");
    freshet.create("of_view", "SELECT id, v FROM large");
    freshet.sql(
        "CREATE OR REPLACE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 2'",
        "CREATE OR REPLACE VIEW large AS SELECT id, v FROM a WHERE v > 20");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    assertThat(freshet.rows("SELECT v FROM st WHERE id = 1")).containsExactly("(3)");
    assertThat(freshet.rows("SELECT * FROM of_view")).hasSize(10);
  }

  @Test
  void droppedSourceIsToldAndTheStreamTableKeepsItsRows() throws SQLException {
    createBoth();
    freshet.sql("DROP TABLE b");
    assertThatThrownBy(() -> freshet.refresh("st")).hasMessageContaining("b");
    assertThat(freshet.rows("SELECT * FROM st")).hasSize(30);
    freshet.sql("CREATE TABLE b (k int PRIMARY KEY, label text)", "INSERT INTO b VALUES (0, 'x')");
    freshet.refresh("st");
    assertThat(freshet.rows("SELECT * FROM st")).hasSize(10);
  }

  private void isRight(String name) {
    Reply.Audited audited =
        (Reply.Audited) freshet.engine().execute(new Command.Audit(List.of(name), 5));
    assertThat(audited.reports()).allMatch(AuditReport::equal);
  }

  private void fullOnce(String name, String reason) throws SQLException {
    RefreshReport report = freshet.refresh(name);
    assertThat(report.mode()).isEqualTo(Mode.FULL);
    assertThat(report.reason()).contains(reason);
    assertThat(freshet.refresh(name).mode()).as("the second time").isEqualTo(Mode.NOOP);
  }

  private void inOneTransaction(String... statements) throws SQLException {
    try (Connection connection = freshet.database().connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(sql);
      }
      connection.commit();
    }
  }
}
