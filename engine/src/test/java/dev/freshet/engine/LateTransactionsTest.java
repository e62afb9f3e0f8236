package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Transactions that end long after they wrote: each arrives in the first refresh that sees it. */
@ExtendWith(FreshetExtension.class)
class LateTransactionsTest {
  private Freshet freshet;
  private Connection connection;
  private Statement late;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, k int, v int)",
        "CREATE TABLE b (k int PRIMARY KEY, label text)",
        "INSERT INTO a SELECT i, i % 3, i FROM generate_series(1, 9) i",
        "INSERT INTO b SELECT i, 'b' || i FROM generate_series(0, 2) i");
    freshet.create("st", "SELECT a.id, a.v, b.label FROM a JOIN b ON a.k = b.k");
    freshet.create("sums", "SELECT b.label, sum(a.v) AS v FROM a JOIN b ON a.k = b.k GROUP BY 1");
    connection = freshet.database().connect();
    late = connection.createStatement();
  }

  @AfterEach
  void disconnect() throws SQLException {
    connection.close();
  }

  @Test
  void transactionIdleOverSeveralRefreshesArrivesOnce() throws SQLException {
    late.execute("BEGIN");
    late.execute("INSERT INTO a VALUES (100, 1, 1000)");
    late.execute("UPDATE b SET label = 'late' WHERE k = 2");
    for (int i = 0; i < 3; i++) {
      freshet.sql("UPDATE a SET v = v + 1 WHERE k = " + i);
      follow();
      assertThat(freshet.rows("SELECT * FROM st WHERE id = 100")).isEmpty();
    }
    late.execute("COMMIT");
    follow();
    assertThat(freshet.rows("SELECT id, v, label FROM st WHERE id = 100"))
        .containsExactly("(100,1000,b1)");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.NOOP);
  }

  @Test
  void transactionsOlderThanTheFrontierStillCount() throws SQLException {
    late.execute("BEGIN");
    late.execute("DELETE FROM a WHERE id = 1");
    freshet.sql("INSERT INTO a VALUES (200, 1, 1)", "INSERT INTO a VALUES (201, 2, 1)");
    follow();
    freshet.restartEngine();
    freshet.sql("INSERT INTO a VALUES (202, 1, 1)");
    follow();
    late.execute("COMMIT");
    follow();
    assertThat(freshet.rows("SELECT * FROM st WHERE id = 1")).isEmpty();
  }

  @Test
  void onlyWhatSurvivesSavepointsCounts() throws SQLException {
    late.execute("BEGIN");
    late.execute("SAVEPOINT one");
    late.execute("INSERT INTO a VALUES (300, 1, 1)");
    late.execute("SAVEPOINT two");
    late.execute("UPDATE a SET v = 2 WHERE id = 300");
    late.execute("DELETE FROM b WHERE k = 0");
    late.execute("ROLLBACK TO SAVEPOINT two");
    late.execute("RELEASE SAVEPOINT one");
    late.execute("SAVEPOINT three");
    late.execute("INSERT INTO a VALUES (301, 1, 1)");
    late.execute("ROLLBACK TO SAVEPOINT three");
    freshet.sql("INSERT INTO a VALUES (302, 2, 2)");
    follow();
    late.execute("COMMIT");
    follow();
    assertThat(freshet.rows("SELECT id, v FROM st WHERE id >= 300 ORDER BY id"))
        .containsExactly("(300,1)", "(302,2)");
  }

  @Test
  void preparedTransactionArrivesWhenItIsCommitted() throws SQLException {
    prepare("kept", "UPDATE a SET k = 0 WHERE id IN (1, 2)");
    prepare("dropped", "DELETE FROM a WHERE k = 0");
    freshet.sql("INSERT INTO b VALUES (7, 'seven')", "INSERT INTO a VALUES (400, 7, 7)");
    follow();
    freshet.restartEngine();
    everythingIsEqual();
    freshet.sql(
        "ROLLBACK PREPARED '%s dropped'".formatted(freshet.database().name()),
        "COMMIT PREPARED '%s kept'".formatted(freshet.database().name()));
    follow();
    assertThat(freshet.rows("SELECT id, label FROM st WHERE id IN (1, 2) ORDER BY id"))
        .containsExactly("(1,b0)", "(2,b0)");
  }

  private void prepare(String name, String change) throws SQLException {
    late.execute("BEGIN");
    late.execute(change);
    late.execute("PREPARE TRANSACTION '%s %s'".formatted(freshet.database().name(), name));
  }

  @Test
  void commitThatIsVisibleBeforeItIsFlushedIsNotMissed() throws SQLException {
    late.execute("SET synchronous_commit = off");
    for (int i = 0; i < 20; i++) {
      late.execute("UPDATE a SET v = v + 1 WHERE id = " + (1 + i % 9));
      assertThat(freshet.refreshIncrementally("st").rowsWritten()).isEqualTo(1);
    }
    everythingIsEqual();
  }

  @Test
  void transactionThatWroteBeforeItsTableWasPublishedIsWaitedFor() throws Exception {
    freshet.sql("CREATE TABLE c (id int PRIMARY KEY, v int)");
    late.execute("BEGIN");
    late.execute("INSERT INTO c VALUES (1, 1)");
    Thread creation =
        Thread.ofVirtual().start(() -> freshet.create("early", "SELECT id, v FROM c"));
    await()
        .until(
            () ->
                !freshet
                    .rows(
                        freshet.usesTriggers()
                            ? "SELECT 1 FROM pg_locks WHERE NOT granted AND relation ="
                                + " 'c'::regclass"
                            : "SELECT 1 FROM pg_publication_tables WHERE tablename = 'c'")
                    .isEmpty());
    late.execute("INSERT INTO c VALUES (2, 2)");
    assertThat(freshet.rows("SELECT to_regclass('early')")).containsExactly("()");
    late.execute("COMMIT");
    creation.join();
    assertThat(freshet.rows("SELECT * FROM early")).hasSize(2);
  }

  /** Both stream tables from their deltas. */
  private void follow() {
    freshet.follow("st");
    freshet.follow("sums");
  }

  private void everythingIsEqual() {
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }
}
