package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code compile} in a database of the user's. */
class CompileCommandTest {
  @TempDir private Path folder;
  private Database database;

  @BeforeEach
  void makeDatabase() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute("CREATE TABLE orders (id int PRIMARY KEY, region text, amount int)");
  }

  @AfterEach
  void dropDatabase() throws Exception {
    database.close();
  }

  private CommandLineRun compile(String sql, String... options) throws Exception {
    Path file = Files.writeString(folder.resolve("work.sql"), sql);
    List<String> arguments = new ArrayList<>(List.of("compile", file.toString()));
    arguments.addAll(List.of("-d", database.name()));
    arguments.addAll(List.of(options));
    return Setting.of(database).run(arguments.toArray(String[]::new));
  }

  private JsonNode compiled(String sql) throws Exception {
    return new ObjectMapper().readTree(compile(sql, "--json").out());
  }

  @Test
  void tellsOfEachQueryHowItWouldBeRefreshed() throws Exception {
    CommandLineRun run =
        compile(
            """
            CREATE VIEW totals AS SELECT region, sum(amount) FROM orders GROUP BY region;
            CREATE VIEW variety AS SELECT region, count(DISTINCT amount) FROM orders GROUP BY region;
            SELECT id, now() AS seen FROM orders;
            """);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .containsPattern("totals +\\S+work.sql:1 +incremental +algebraic")
        .containsPattern("variety +\\S+work.sql:2 +incremental +affected keys")
        .containsPattern("query 1 +\\S+work.sql:3 +full +the clock is not only compared")
        .endsWith(
            "\n3 queries: 2 incremental (67 %: 1 algebraic, 1 affected keys), 1 full (33 %), 0"
                + " refused\n");
  }

  @Test
  void leavesTheDatabaseAsItWas() throws Exception {
    compile(
        "CREATE SCHEMA made; CREATE TABLE made.t (a int); DROP TABLE orders; COMMIT; SELECT 1;");
    try (var connection = database.connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "SELECT to_regclass('orders') IS NOT NULL, to_regnamespace('made') IS NULL")) {
      row.next();
      assertThat(row.getBoolean(1)).isTrue();
      assertThat(row.getBoolean(2)).isTrue();
    }
  }

  @Test
  void laterQueriesSeeEarlierDefinitions() throws Exception {
    JsonNode answer =
        compiled(
            """
            CREATE SCHEMA s; SET search_path = s, public;
            CREATE TABLE t (a int PRIMARY KEY);
            CREATE VIEW v AS SELECT a FROM t;
            SELECT count(*) FROM v JOIN orders ON id = a;
            """);
    assertThat(answer.path("summary").path("refused").asInt()).isZero();
    assertThat(answer.path("failures")).isEmpty();
  }

  @Test
  void refusalTellsStateAndPlace() throws Exception {
    JsonNode query = compiled("SELECT 1;\n\nSELECT id,\n  random() FROM orders;").at("/queries/1");
    assertThat(query.path("refresh").asText()).isEqualTo("refused");
    assertThat(query.path("sqlState").asText()).isEqualTo("0A000");
    assertThat(query.at("/place/line").asInt()).isEqualTo(4);
    assertThat(query.at("/place/column").asInt()).isEqualTo(3);
    assertThat(query.path("reason").asText()).contains("random(), which is VOLATILE");
  }

  @Test
  void refusesWhatCreateRefuses() throws Exception {
    JsonNode answer =
        compiled(
            """
            SELECT * FROM orders FOR UPDATE;
            SELECT * FROM orders TABLESAMPLE SYSTEM (10);
            WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d;
            SELECT amuont FROM orders;
            CREATE VIEW broken AS SELECT 1 FROM nowhere;
            """);
    List<String> states = new ArrayList<>();
    answer.path("queries").forEach(query -> states.add(query.path("sqlState").asText()));
    assertThat(states).containsExactly("0A000", "0A000", "0A000", "42703", "42P01");
    assertThat(answer.path("failures")).as("a refused view is told once").isEmpty();
  }

  @Test
  void failedDefinitionIsToldAndTheRestGoesOn() throws Exception {
    CommandLineRun run =
        compile("CREATE TABLE t (a nosuchtype);\nSELECT id FROM orders;\nCREATE EXTENSION nosuch;");
    assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
    assertThat(run.out())
        .contains(
            "work.sql:1: CREATE TABLE t (a nosuchtype)\n"
                + "  type \"nosuchtype\" does not exist [42704]\n")
        .endsWith("0 full, 0 refused; 2 definitions failed\n");
  }

  @Test
  void whatTheDatabaseHasAlreadyIsNoFailure() throws Exception {
    CommandLineRun run = compile("CREATE TABLE orders (x int); SELECT region FROM orders;");
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("skipped: definitions of what the database has already");
  }

  @Test
  void queriesInDefinitionFilesAreNotJudged() throws Exception {
    Path ddl = Files.writeString(folder.resolve("ddl.sql"), "CREATE VIEW v AS SELECT 1 AS one;");
    CommandLineRun run = compile("SELECT one FROM v;", "--ddl", ddl.toString());
    assertThat(run.out()).contains("\n1 query: ");
  }

  @Test
  void missingFileIsNamed() {
    CommandLineRun run = CommandLineRun.of("compile", "nowhere.sql");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).startsWith("error: nowhere.sql does not exist\n");
  }

  @Test
  void withoutServerOrConnectionItAsksForOne() throws Exception {
    Path file = Files.writeString(folder.resolve("q.sql"), "SELECT 1");
    CommandLineRun run = CommandLineRun.of("compile", file.toString());
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .startsWith("error: This Freshet has no embedded PostgreSQL: name a database");
  }
}
