package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one setting that a stream table's heap has too. */
class FillfactorTest {
  @TempDir Path folder;
  private Database database;
  private Setting shell;

  @BeforeEach
  void setUp() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    shell = Setting.of(database);
    database.execute("CREATE TABLE orders (id int PRIMARY KEY, region text, amount int)");
    assertThat(shell.run("init").code()).isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void tearDown() throws SQLException {
    database.close();
  }

  private String options() throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT array_to_string(reloptions, ',') FROM pg_class WHERE relname = 'st'")) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  private CommandLineRun apply(String refresh, String... more) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("freshet.yaml"),
            refresh
                + """
                stream-tables:
                  - name: public.st
                    query: SELECT region, sum(amount) AS total FROM orders GROUP BY region
                """);
    String[] arguments = new String[more.length + 2];
    arguments[0] = "apply";
    arguments[1] = file.toString();
    System.arraycopy(more, 0, arguments, 2, more.length);
    return shell.run(arguments);
  }

  @Test
  void alterOfTheSettingAltersTheTable() throws SQLException {
    shell.run("create", "st", "--query", "SELECT id FROM orders");
    database.execute("ALTER TABLE st SET (autovacuum_vacuum_threshold = 7)");
    CommandLineRun altered = shell.run("alter", "st", "--set", "fillfactor=70");
    assertThat(altered.err()).isEmpty();
    assertThat(options())
        .as("other options are the user's")
        .contains("fillfactor=70")
        .contains("autovacuum_vacuum_threshold=7");
    assertThat(shell.run("alter", "st", "--query", "SELECT id, region FROM orders").err())
        .isEmpty();
    assertThat(options()).as("another query changes nothing in it").contains("fillfactor=70");
    assertThat(shell.run("alter", "st", "--reset", "fillfactor").err()).isEmpty();
    assertThat(options()).as("the general setting again").doesNotContain("fillfactor=70");
  }

  @Test
  void generalSettingThatChangedIsPlannedAndApplied() throws Exception {
    assertThat(apply("refresh:\n  fillfactor: 80\n").err()).isEmpty();
    assertThat(options()).contains("fillfactor=80");
    assertThat(apply("refresh:\n  fillfactor: 80\n", "--plan").out()).contains("= unchanged");
    CommandLineRun plan = apply("refresh:\n  fillfactor: 60\n", "--plan");
    assertThat(plan.err()).isEmpty();
    assertThat(plan.out())
        .contains("~ alter     public.st")
        .contains("    setting   fillfactor 80 → 60\n")
        .contains("Plan: 1 to alter");
    assertThat(options()).as("a plan changes nothing").contains("fillfactor=80");
    assertThat(apply("refresh:\n  fillfactor: 60\n").err()).isEmpty();
    assertThat(options()).contains("fillfactor=60");
    assertThat(apply("refresh:\n  fillfactor: 60\n", "--plan").out()).contains("= unchanged");
  }

  @Test
  void ownSettingIsShownOnce() throws Exception {
    assertThat(apply("").err()).isEmpty();
    Path file =
        Files.writeString(
            folder.resolve("own.yaml"),
            """
            stream-tables:
              - name: public.st
                query: SELECT region, sum(amount) AS total FROM orders GROUP BY region
                fillfactor: 55
            """);
    CommandLineRun plan = shell.run("apply", file.toString(), "--plan");
    assertThat(plan.err()).isEmpty();
    assertThat(plan.out())
        .containsOnlyOnce("fillfactor")
        .contains("fillfactor as in section refresh → 55");
    assertThat(shell.run("apply", file.toString()).err()).isEmpty();
    assertThat(options()).contains("fillfactor=55");
  }
}
