package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Commands take effect at once, from whichever process they come. */
@ExtendWith(FreshetExtension.class)
class CommandsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String QUERY = "SELECT id, v FROM a";

  private Freshet freshet;

  @BeforeEach
  void makeSource(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql("CREATE TABLE a (id int PRIMARY KEY, v int)", "INSERT INTO a VALUES (1, 1)");
  }

  @Test
  void runningEngineObeysAnotherProcess() throws Exception {
    freshet.engine().close();
    try (EngineProcess _ =
            EngineProcess.launch(freshet.database(), Map.of("refresh.schedule", "10ms"))
                .awaitServing();
        EngineClient client = EngineClient.connect(freshet.config())) {
      assertThat(client.isEngineRunning()).isTrue();
      assertThat(client.execute(new Command.Create("st", QUERY, Map.of(), false)))
          .isInstanceOfSatisfying(Reply.Created.class, made -> assertThat(made.rows()).isOne());
      freshet.sql("UPDATE a SET v = 2");
      awaitRows("SELECT v FROM st", "(2)");

      client.execute(
          new Command.Alter("st", Optional.of("SELECT id, v * 10 AS v FROM a"), Map.of()));
      assertThat(freshet.rows("SELECT v FROM st")).containsExactly("(20)");
      freshet.sql("UPDATE a SET v = 3");
      awaitRows("SELECT v FROM st", "(30)");

      client.execute(new Command.Pause(List.of("st")));
      freshet.sql("UPDATE a SET v = 4");
      Reply.StatusOf status = (Reply.StatusOf) client.execute(new Command.Status());
      assertThat(status.status().running()).isTrue();
      assertThat(status.status().streamTables().getFirst().state()).isEqualTo("paused");
      client.execute(new Command.Resume(List.of("st")));
      awaitRows("SELECT v FROM st", "(40)");

      assertThatThrownBy(() -> client.execute(new Command.Create("st", QUERY, Map.of(), false)))
          .isInstanceOfSatisfying(
              FreshetException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAME_TAKEN));
      assertThat(audit(client)).allMatch(AuditReport::equal).hasSize(1);
      client.execute(new Command.Drop("st", false));
      assertThat(freshet.rows("SELECT to_regclass('st')")).containsExactly("()");
      assertThatThrownBy(() -> client.execute(new Command.Drop("st", false)))
          .isInstanceOfSatisfying(
              FreshetException.class,
              e -> assertThat(e.kind()).isEqualTo(Kind.UNKNOWN_STREAM_TABLE));
    }
    freshet.restartEngine();
  }

  private static List<AuditReport> audit(EngineClient client) {
    return ((Reply.Audited) client.execute(new Command.Audit(List.of(), 5))).reports();
  }

  private void awaitRows(String query, String row) {
    await().atMost(PATIENCE).until(() -> freshet.rows(query).equals(List.of(row)));
  }

  @Test
  void clientDoesTheWorkWhereNoEngineRuns() throws SQLException {
    freshet.engine().close();
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      assertThat(client.isEngineRunning()).isFalse();
      client.execute(new Command.Create("st", QUERY, Map.of(), false));
      freshet.sql("UPDATE a SET v = 2");
      client.execute(new Command.Refresh(List.of(), Optional.empty()));
      assertThat(freshet.rows("SELECT v FROM st")).containsExactly("(2)");
      Reply.StatusOf status = (Reply.StatusOf) client.execute(new Command.Status());
      assertThat(status.status().running()).isFalse();
      assertThat(status.status().streamTables()).hasSize(1);
    }
    freshet.restartEngine();
  }

  @Test
  void secondEngineIsRefused() {
    assertThatThrownBy(() -> Engine.open(freshet.config()))
        .isInstanceOfSatisfying(
            FreshetException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.BUSY);
              assertThat(e).hasMessageContaining(freshet.database().name());
            });
    freshet.create("st", QUERY);
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.NOOP);
  }

  @Test
  void pausedStreamTableKeepsItsChangesEvenOverARestart() throws SQLException {
    freshet.create("st", QUERY, Map.of("schedule", "10ms"));
    freshet.engine().start();
    freshet.engine().execute(new Command.Pause(List.of("st")));
    freshet.sql("UPDATE a SET v = 2");
    await().atMost(PATIENCE).until(() -> freshet.status("st").pendingChanges() == 1);
    freshet.restartEngine();
    freshet.engine().start();
    freshet.sql("INSERT INTO a VALUES (2, 2)");
    await().atMost(PATIENCE).until(() -> freshet.status("st").pendingChanges() == 2);
    assertThat(freshet.rows("SELECT * FROM st")).containsExactly("(1,1)");
    freshet.engine().execute(new Command.Resume(List.of("st")));
    await().atMost(PATIENCE).until(() -> freshet.rows("SELECT * FROM st").size() == 2);
    assertThat(freshet.status("st").lastRefreshes())
        .anyMatch(refresh -> refresh.mode() == Mode.INCREMENTAL)
        .noneMatch(refresh -> refresh.mode() == Mode.FULL);
  }

  @Test
  void droppingOneStreamTableLeavesWhatTheOtherNeeds() throws SQLException {
    freshet.create("st", QUERY);
    freshet.create("other", "SELECT v, count(*) AS n FROM a GROUP BY v");
    freshet.sql("UPDATE a SET v = 2");
    freshet.refresh("st");
    freshet.engine().execute(new Command.Drop("st", false));
    freshet.sql("INSERT INTO a VALUES (2, 2)");
    freshet.follow("other");
    freshet.engine().execute(new Command.Drop("other", false));
    assertThat(freshet.rows("SELECT 1 FROM pg_publication_tables")).isEmpty();
    freshet.create("st", QUERY);
    freshet.sql("UPDATE a SET v = 3");
    freshet.follow("st");
  }

  @Test
  void streamTableOverAStreamTableIsFollowed() throws SQLException {
    freshet.create("base", "SELECT id % 2 AS odd, sum(v) AS v FROM a GROUP BY 1");
    freshet.create("upper_one", "SELECT sum(v) AS v FROM base");
    freshet.sql("INSERT INTO a VALUES (2, 5), (3, 6)");
    freshet.refresh("base");
    freshet.refresh("upper_one");
    assertThat(freshet.rows("SELECT v FROM upper_one")).containsExactly("(12)");
  }

  @Test
  void badCommandsChangeNothing() throws SQLException {
    refused(Kind.BAD_QUERY, "SELECT nothing FROM a", "nothing");
    refused(Kind.BAD_QUERY, "SELECT * FROM missing", "missing");
    refused(Kind.BAD_QUERY, "SELEC id FROM a", "SELEC");
    refused(Kind.UNSUPPORTED_QUERY, "SELECT id, random() FROM a", "random");
    assertThat(freshet.rows("SELECT * FROM freshet.stream_table")).isEmpty();
    assertThat(freshet.rows("SELECT to_regclass('st')")).containsExactly("()");
    assertThatThrownBy(() -> freshet.create("st", QUERY, Map.of("schedul", "1s")))
        .hasMessageContaining("schedul");
    freshet.sql("CREATE TABLE st (x int)");
    refused(Kind.NAME_TAKEN, QUERY, "st");
    assertThat(freshet.rows("SELECT * FROM st")).isEmpty();
  }

  private void refused(Kind kind, String query, String named) {
    assertThatThrownBy(() -> freshet.create("st", query))
        .isInstanceOfSatisfying(
            FreshetException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(kind);
              assertThat(e.remedy()).isNotNull();
            })
        .hasMessageContaining(named);
  }

  @Test
  void readersAreNotBlockedByAFullRefresh() throws SQLException {
    freshet.create("st", QUERY);
    try (var reader = freshet.database().connect();
        var statement = reader.createStatement()) {
      statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
      statement.executeQuery("SELECT * FROM st").close();
      freshet.sql("UPDATE a SET v = 2", "INSERT INTO a VALUES (2, 2)");
      assertThat(freshet.refresh("st", Optional.of("full")).rowsWritten()).isEqualTo(2);
      try (var row = statement.executeQuery("SELECT count(*), sum(v) FROM st")) {
        row.next();
        assertThat(row.getInt(1)).isOne();
        assertThat(row.getInt(2)).isOne();
      }
      statement.execute("COMMIT");
    }
  }

  @Test
  void rebuildReplacesTheContent() throws SQLException {
    freshet.create("st", QUERY, Map.of("full", "rebuild"));
    freshet.sql("UPDATE a SET v = 2", "INSERT INTO a VALUES (2, 2)");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.REBUILD);
    freshet.sql("UPDATE a SET v = 3");
    freshet.follow("st");
  }
}
