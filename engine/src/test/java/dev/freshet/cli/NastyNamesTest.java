package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every identifier that PostgreSQL allows is a name, and every text a value. */
class NastyNamesTest {
  private static final String SCHEMA = "Sch'e\"ma \\ $1 ?";
  private static final String TABLE = "select";
  private static final String LONG = "ä".repeat(31) + "x";
  private static final String STREAM = "Täble \"of\" 'things' \\n ${x} -- ?";
  private static final String ROLE = "R'o\"le \\ ";
  private static final String PUBLICATION = "Pub'li\"c \\ ation";

  @TempDir Path directory;

  private Database database;
  private String role;
  private Setting shell;

  @BeforeEach
  void make() throws SQLException {
    String number = Long.toString(System.nanoTime());
    database = SharedServer.of(PgVersion.V18).createDatabase("Data'b\"ase \\ ü " + number);
    role = ROLE + number;
    database.execute(
        "CREATE ROLE " + quoted(role) + " LOGIN SUPERUSER",
        "CREATE SCHEMA " + quoted(SCHEMA),
        "CREATE SCHEMA " + quoted("Live One"),
        """
        CREATE TABLE %s ("order" int PRIMARY KEY, "user" text, %s int, "a\\b?" int)\
        """
            .formatted(source(), quoted(LONG)),
        "INSERT INTO %s SELECT i, 'u' || i %% 3, i, i FROM generate_series(1, 40) i"
            .formatted(source()));
    shell =
        Setting.empty()
            .as(database, role, "")
            .with("FRESHET_CDC_PUBLICATION_NAME", PUBLICATION)
            .with("FRESHET_CDC_SLOT_NAME", "slot_" + number);
  }

  @AfterEach
  void drop() throws SQLException {
    database.close();
    try (Database maintenance = SharedServer.of(PgVersion.V18).freshDatabase()) {
      maintenance.execute("DROP ROLE " + quoted(role));
    }
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String source() {
    return quoted(SCHEMA) + "." + quoted(TABLE);
  }

  private CommandLineRun ok(String... command) {
    CommandLineRun run = shell.run(command);
    assertThat(run.code())
        .as(String.join(" ", command) + ": " + run.out() + run.err())
        .isEqualTo(ExitCode.OK);
    return run;
  }

  @Test
  void wholeLifeOfAStreamTable() throws Exception {
    String name = quoted("Live One") + "." + quoted(STREAM);
    String other = quoted("Live One") + "." + quoted(LONG);
    ok("init");
    ok(
        "create",
        name,
        "--query",
        """
        SELECT "user" AS "U'ser \\", sum(%1$s) AS %1$s, count(*) AS "group", max("a\\b?") AS "$1"
        FROM %2$s WHERE "user" <> 'it''s \\ "quoted" ?' GROUP BY "user"\
        """
            .formatted(quoted(LONG), source()));
    ok(
        "create",
        other,
        "--query",
        "SELECT \"U'ser \\\" || '?' AS \"select\", \"group\" FROM " + name);
    database.execute(
        "UPDATE %s SET %s = 1000 WHERE \"order\" = 1".formatted(source(), quoted(LONG)),
        "INSERT INTO %s VALUES (100, 'it''s \\ \"quoted\" ?', 1, 1), (101, '\\N', 1, 1)"
            .formatted(source()),
        "DELETE FROM %s WHERE \"order\" = 2".formatted(source()));
    ok("refresh", name);
    assertThat(ok("audit").out()).endsWith("AUDIT OK 2/2\n");
    assertThat(ok("explain", name).out()).contains("algebraic");
    assertThat(ok("status").out()).contains(STREAM.replace("\"", "\"\""));
    ok("status", name);
    ok("alter", other, "--query", "SELECT \"U'ser \\\" AS \"new one\" FROM " + name);
    ok("alter", name, "--schedule", "1s");
    assertThat(ok("doctor").out()).doesNotContain("FAIL");
    try (RunningEngine _ = RunningEngine.start(shell)) {
      database.execute("UPDATE %s SET \"user\" = 'ü?\\'".formatted(source()));
      assertThat(ok("audit").out()).endsWith("AUDIT OK 2/2\n");
    }
    ok("drop", other);
    ok("drop", name);
    assertThat(ok("list").out()).doesNotContain("Live One");
  }

  @Test
  void applyFromAFile() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("freshet.yaml"),
            """
            stream-tables:
              - name: '"Live One"."%s"'
                query: 'SELECT "order", "user", "a\\b?" FROM %s WHERE "a\\b?" > 3'
            """
                .formatted(
                    STREAM.replace("\"", "\"\"").replace("'", "''"), source().replace("'", "''")));
    Setting plain = shell;
    ok("init");
    shell = plain.with("FRESHET_CONFIG", file.toString());
    assertThat(shell.run("apply", "--plan").out()).contains("create");
    ok("apply");
    database.execute("UPDATE %s SET \"user\" = 'x' WHERE \"order\" = 5".formatted(source()));
    assertThat(ok("audit").out()).endsWith("AUDIT OK 1/1\n");
    assertThat(ok("apply").out()).doesNotContain("created");
    assertThat(ok("init", "--print-grants").out())
        .contains("SELECT DISTINCT pg_get_userbyid")
        .contains("('%s', '%s')".formatted(SCHEMA.replace("'", "''"), TABLE));
  }
}
