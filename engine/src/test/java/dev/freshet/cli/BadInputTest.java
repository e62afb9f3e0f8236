package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bad input gets an error that names what, where and what to do, and changes nothing. Servers that
 * are not ready, not reachable or do not let one in: {@link InitCommandTest}.
 */
class BadInputTest {
  private Database database;
  private Setting shell;

  @BeforeEach
  void setUp() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    shell = Setting.of(database);
    database.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, region text NOT NULL, amount int NOT NULL)",
        "CREATE TABLE log (line text)");
    assertThat(shell.run("init").code()).isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void nothingWasCreatedOrLost() throws SQLException {
    try {
      assertThat(shell.run("list").out()).startsWith("No stream tables yet");
    } finally {
      database.close();
    }
  }

  @Test
  void unknownColumnIsShownInTheQueryWithTheServersHint() {
    CommandLineRun run =
        shell.run("create", "x", "-q", "SELECT region,\n  sum(amout)\nFROM orders GROUP BY 1");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .isEqualTo(
            """
            error: PostgreSQL rejects the defining query: column "amout" does not exist
            LINE 2:   sum(amout)
                          ^
            hint: Perhaps you meant to reference the column "orders.amount".
            """);
  }

  @Test
  void syntaxErrorIsShownInTheQuery() {
    CommandLineRun run = shell.run("create", "x", "-q", "SELECT region FORM orders WHERE 1=1");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("syntax error at or near \"orders\"")
        .contains(
            """
            LINE 1: SELECT region FORM orders WHERE 1=1
                                       ^
            """);
  }

  @Test
  void twoStatementsAreRefused() {
    CommandLineRun run = shell.run("create", "x", "-q", "SELECT 1; SELECT 2");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("has 2 statements").contains("hint: give exactly one SELECT");
  }

  @Test
  void unknownTableIsNamedAndShown() {
    CommandLineRun run = shell.run("create", "x", "-q", "SELECT * FROM ordres");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .startsWith(
            """
            error: PostgreSQL rejects the defining query: relation "ordres" does not exist
            LINE 1: SELECT * FROM ordres
                                  ^
            """);
  }

  @Test
  void unreadableTableIsNamedWithTheGrant() throws SQLException {
    String role = "reader_" + database.name();
    database.execute(
        "CREATE ROLE " + role + " LOGIN REPLICATION PASSWORD 'x'",
        "GRANT ALL ON SCHEMA public, freshet TO " + role,
        "GRANT ALL ON ALL TABLES IN SCHEMA freshet TO " + role,
        "GRANT CREATE ON DATABASE " + database.name() + " TO " + role);
    try {
      Setting reader = Setting.empty().as(database, role, "x");
      CommandLineRun run = reader.run("create", "x", "-q", "SELECT * FROM orders");
      assertThat(run.code()).isEqualTo(ExitCode.SERVER);
      assertThat(run.err())
          .contains("error: the role " + role + " may not read public.orders\n")
          .contains("hint: run: GRANT SELECT ON \"public\".\"orders\" TO \"" + role + "\";\n");
    } finally {
      database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
    }
  }

  @Test
  void volatileFunctionIsNamed() {
    CommandLineRun run = shell.run("create", "x", "-q", "SELECT id, random() AS r FROM orders");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("calls random(), which is VOLATILE")
        .contains("hint: remove the call");
  }

  @Test
  void lockingClauseIsRefusedWhereItStands() {
    CommandLineRun run = shell.run("create", "x", "-q", "SELECT id FROM orders FOR UPDATE");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("the defining query locks rows (FOR UPDATE or FOR SHARE)\n")
        .contains("LINE 1: SELECT id FROM orders FOR UPDATE\n" + " ".repeat(30) + "^\n")
        .contains("hint: remove the locking clause");
  }

  @Test
  void sampleIsRefused() {
    CommandLineRun run =
        shell.run("create", "x", "-q", "SELECT id FROM orders TABLESAMPLE system (10)");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("TABLESAMPLE, whose result is random\n")
        .contains(
            "LINE 1: SELECT id FROM orders TABLESAMPLE system (10)\n" + " ".repeat(30) + "^\n")
        .contains("hint: remove TABLESAMPLE");
  }

  @Test
  void takenNameIsNamed() {
    CommandLineRun run = shell.run("create", "log", "-q", "SELECT * FROM orders");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("log")
        .contains("exists already")
        .contains("choose another name");
  }

  @Test
  void unknownStreamTableIsNamed() {
    for (List<String> command :
        List.of(
            List.of("drop", "nowhere"),
            List.of("refresh", "nowhere"),
            List.of("audit", "nowhere"),
            List.of("pause", "nowhere"),
            List.of("alter", "nowhere", "--schedule", "1s"),
            List.of("status", "nowhere"))) {
      CommandLineRun run = shell.run(command.toArray(String[]::new));
      assertThat(run.code()).as("%s", command).isEqualTo(ExitCode.USAGE);
      assertThat(run.err())
          .as("%s", command)
          .startsWith("error: there is no stream table public.nowhere\nhint: freshet list shows");
    }
  }

  @Test
  void databaseWithoutFreshetSaysWhatToRun() throws SQLException {
    try (Database bare = SharedServer.of(PgVersion.V18).freshDatabase()) {
      CommandLineRun run = Setting.of(bare).run("list");
      assertThat(run.code()).isEqualTo(ExitCode.SERVER);
      assertThat(run.err())
          .isEqualTo(
              "error: Freshet is not set up in database "
                  + bare.name()
                  + "\nhint: run: freshet init\n");
    }
  }

  @Test
  void sourceWithoutKeyIsNamedWhenFreshetMayNotSetItsIdentity() {
    CommandLineRun run =
        shell
            .with("FRESHET_CDC_MANAGE_REPLICA_IDENTITY", "false")
            .run("create", "x", "--mode", "incremental", "-q", "SELECT line FROM log");
    assertThat(run.code()).isNotEqualTo(ExitCode.OK);
    assertThat(run.err()).contains("log").contains("REPLICA IDENTITY FULL");
  }

  @Test
  void misspeltAndOutOfRangeKeysOfTheFileAreToldTogetherWithTheirLines(@TempDir Path folder)
      throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("freshet.yaml"),
            """
            cdc:
              slot-nmae: freshet
            refresh:
              max-change-ratio: 1.5
              schedule: 5
            """);
    CommandLineRun run = shell.run("list", "--config", file.toString());
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .startsWith("error: 3 problems in the configuration\n")
        .contains(file + ":2:")
        .contains("did you mean cdc.slot-name?")
        .contains(file + ":4:")
        .contains("max-change-ratio = 1.5")
        .contains(file + ":5:")
        .contains("schedule = 5");
  }

  @Test
  void missingConfigurationFileIsNamed() {
    CommandLineRun run = shell.run("list", "--config", "nowhere.yaml");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("nowhere.yaml");
  }
}
