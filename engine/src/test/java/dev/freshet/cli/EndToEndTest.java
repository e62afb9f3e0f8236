package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a person does first, through the command line alone. */
class EndToEndTest {
  private static final String REVENUE =
      "SELECT region, sum(amount) AS total, count(*) AS n FROM orders GROUP BY region;";

  private Database database;
  private Setting shell;

  @BeforeEach
  void setUp() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    shell = Setting.of(database);
    database.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, region text NOT NULL, amount int NOT NULL)",
        "INSERT INTO orders SELECT i, 'r' || i % 3, i FROM generate_series(1, 99) i");
    assertThat(shell.run("init").code()).isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void tearDown() throws SQLException {
    database.close();
  }

  @Test
  void withoutAnEngineCommandsDoTheWorkThemselves() throws SQLException {
    CommandLineRun created = shell.reading(REVENUE).run("create", "revenue", "-");
    assertThat(created.err()).isEmpty();
    assertThat(created.out()).startsWith("public.revenue: 3 rows in ");

    database.execute(
        "INSERT INTO orders VALUES (100, 'r0', 1000)", "DELETE FROM orders WHERE id=1");
    CommandLineRun refreshed = shell.run("refresh", "revenue");
    assertThat(refreshed.code()).isEqualTo(ExitCode.OK);
    assertThat(refreshed.out()).containsPattern("public.revenue +(incremental|full) ");
    assertThat(query("SELECT total FROM revenue WHERE region = 'r0'")).isEqualTo("2683");

    CommandLineRun audited = shell.run("audit");
    assertThat(audited.out())
        .containsPattern("public.revenue +equal +3 ")
        .endsWith("AUDIT OK 1/1\n");
    assertThat(audited.code()).isEqualTo(ExitCode.OK);

    assertThat(shell.run("list").out()).contains("public.revenue");
    assertThat(shell.run("status").out())
        .startsWith("No engine is running: freshet run starts one.\n")
        .contains("public.revenue");

    CommandLineRun dropped = shell.run("drop", "revenue");
    assertThat(dropped.code()).isEqualTo(ExitCode.OK);
    assertThat(query("SELECT to_regclass('revenue') IS NULL")).isEqualTo("t");
    assertThat(shell.run("list").out()).startsWith("No stream tables yet");
  }

  @Test
  void runningEngineTakesCommandsAndFollowsWrites() throws SQLException {
    try (RunningEngine engine = RunningEngine.start(shell)) {
      assertThat(shell.run("create", "revenue", "-q", REVENUE, "--schedule", "100ms").code())
          .isEqualTo(ExitCode.OK);
      database.execute("UPDATE orders SET amount = amount + 1 WHERE region = 'r1'");
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> query("SELECT total FROM revenue WHERE region = 'r1'").equals("1650"));

      CommandLineRun status = shell.run("status");
      assertThat(status.out())
          .contains("source   streaming")
          .containsPattern("public.revenue +(algebraic|affected keys|full) +active");
      assertThat(shell.run("status", "revenue").out()).contains("schedule 100ms", "LAST REFRESH");
      assertThat(shell.run("status", "--json").out()).contains("\"running\" : true");

      assertThat(shell.run("pause", "revenue").code()).isEqualTo(ExitCode.OK);
      assertThat(shell.run("list").out()).containsPattern("public.revenue .* paused");
      assertThat(shell.run("resume", "--all").code()).isEqualTo(ExitCode.OK);
      assertThat(shell.run("alter", "revenue", "--schedule", "manual").code())
          .isEqualTo(ExitCode.OK);
      assertThat(shell.run("list").out()).containsPattern("public.revenue .* manual +active");
      assertThat(shell.run("audit").out()).endsWith("AUDIT OK 1/1\n");

      CommandLineRun doctor = shell.run("doctor");
      assertThat(doctor.out())
          .containsPattern("ok +engine +runs")
          .containsPattern("ok +source public.orders +readable, published")
          .contains("\n0 failures, ");

      HttpResponse<String> health = engine.get("/health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(health.body())
          .isEqualTo("{\"healthy\":true,\"state\":\"serving\",\"reasons\":[]}");
      assertThat(engine.get("/metrics").body())
          .containsPattern(
              "freshet_refresh_duration_seconds_bucket\\{mode=\"\\w+\",stream_table=\"public.revenue\"")
          .contains("freshet_stream_table_lag_bytes{stream_table=\"public.revenue\"}")
          .contains("freshet_source_state{state=\"streaming\"} 1.0")
          .containsPattern("freshet_slot_retained_bytes [1-9]")
          .contains("freshet_buffer_bytes ");
      assertThat(engine.get("/status").body()).contains("\"name\":\"public.revenue\"");

      assertThat(shell.run("drop", "revenue").code()).isEqualTo(ExitCode.OK);
      assertThat(engine.get("/metrics").body()).doesNotContain("public.revenue");
      assertThat(engine.get("/nowhere").statusCode()).isEqualTo(404);
      assertThat(engine.send("POST", "/health").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void secondEngineIsRefused() {
    try (RunningEngine _ = RunningEngine.start(shell)) {
      CommandLineRun second = shell.run("run");
      assertThat(second.code()).isEqualTo(ExitCode.SERVER);
      assertThat(second.err())
          .contains("error: another Freshet engine serves database " + database.name())
          .contains("freshet run --standby");
    }
  }

  @Test
  void auditShowsTheRowsThatDiffer() throws SQLException {
    assertThat(shell.run("create", "revenue", "-q", REVENUE).code()).isEqualTo(ExitCode.OK);
    database.execute("UPDATE revenue SET total = 7 WHERE region = 'r2'");
    CommandLineRun audited = shell.run("audit", "revenue");
    assertThat(audited.code()).isEqualTo(ExitCode.PROBLEM);
    assertThat(audited.out())
        .contains("public.revenue differs")
        .containsPattern("missing +1 +\\(r2,1650,33\\)")
        .containsPattern("unexpected +1 +\\(r2,7,33\\)")
        .endsWith("AUDIT FAILED 0/1\n");
  }

  @Test
  void explainTellsWhyAndHowWithoutChangingAnything() throws SQLException {
    CommandLineRun run = shell.run("explain", "-q", REVENUE, "--sql");
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("The query: ")
        .contains("row identity  ")
        .containsPattern("public.orders +\\w+ +\\w+")
        .contains("-- table\nCREATE TABLE ")
        .contains("-- audit\n");
    assertThat(query("SELECT count(*) FROM pg_publication_tables")).isEqualTo("0");
    assertThat(shell.run("explain", "-q", REVENUE, "--json").out()).contains("\"rowIdentity\" : ");
  }

  @Test
  void explainShowsWhichChangesAreShipped() {
    String large = "SELECT id, amount FROM orders WHERE amount > 5000 AND amount + 1 < 9000";
    assertThat(shell.run("explain", "-q", large).out())
        .contains("filter        changes of public.orders: amount > 5000\n");
    assertThat(shell.run("explain", "-q", large, "--json").out())
        .contains("\"condition\" : \"amount > 5000\"");
  }

  @Test
  void createdAgainIfNotExistsIsNoError() {
    assertThat(shell.run("create", "revenue", "-q", REVENUE).code()).isEqualTo(ExitCode.OK);
    CommandLineRun again = shell.run("create", "revenue", "-q", REVENUE, "--if-not-exists");
    assertThat(again.err()).isEmpty();
    assertThat(again.code()).isEqualTo(ExitCode.OK);
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }
}
