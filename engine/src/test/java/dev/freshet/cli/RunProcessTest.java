package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code freshet run} as a process of its own: how it ends, and what its end leaves behind. */
class RunProcessTest {
  @TempDir private Path folder;
  private Database database;
  private Setting shell;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void setUp() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    shell = Setting.of(database);
    database.execute("CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL)");
    assertThat(shell.run("init").code()).isEqualTo(ExitCode.OK);
    assertThat(shell.run("create", "s", "-q", "SELECT v, count(*) AS n FROM t GROUP BY v").code())
        .isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void tearDown() throws SQLException {
    started.forEach(Process::destroyForcibly);
    database.close();
  }

  @Test
  void sigtermStopsGracefullyWithExitCodeZero() throws Exception {
    Process engine = start("run");
    awaitLog("run", "serves " + database.name());
    engine.destroy();
    assertThat(engine.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(engine.exitValue()).isEqualTo(ExitCode.OK);
    assertThat(log("run")).contains("stopping after the refreshes under way", "stopped");
  }

  @Test
  void standbyTakesOverFromAnEngineThatWasKilled() throws Exception {
    Process first = start("first");
    awaitLog("first", "serves " + database.name());
    start("second", "--standby");
    awaitLog("second", "standing by: another Freshet engine serves database");
    first.destroyForcibly().waitFor();
    database.execute("INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 100) i");
    awaitLog("second", "serves " + database.name());
    assertThat(shell.run("audit").out()).endsWith("AUDIT OK 1/1\n");
  }

  @Test
  void slotThatIsDroppedWhileItRunsIsReplacedAndEverythingRefilled() throws Exception {
    start("run", "--set", "refresh.schedule=100ms");
    awaitLog("run", "serves " + database.name());
    dropSlotUnderTheEngine();
    database.execute("INSERT INTO t SELECT i, i % 3 FROM generate_series(1, 100) i");
    awaitLog("run", "attaching again: ");
    awaitLog("run", "1 of 1 stream tables are refilled");
    database.execute("INSERT INTO t VALUES (101, 7)");
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> query("SELECT sum(n) || '/' || count(*) FROM s").equals("101/4"));
    assertThat(shell.run("audit").out()).endsWith("AUDIT OK 1/1\n");
  }

  /**
   * The engine connects again at once: a wait between the end of its walsender and the drop loses.
   */
  private void dropSlotUnderTheEngine() throws SQLException {
    database.execute(
        """
        DO $$ BEGIN
          LOOP
            PERFORM pg_terminate_backend(active_pid)
              FROM pg_replication_slots WHERE slot_name = '%1$s';
            BEGIN
              PERFORM pg_drop_replication_slot('%1$s');
              EXIT;
            EXCEPTION WHEN object_in_use THEN
              PERFORM pg_sleep(0.001);
            END;
          END LOOP;
        END $$
        """
            .formatted(shell.environment().get("FRESHET_CDC_SLOT_NAME")));
  }

  @Test
  void streamTableOfTheFileThatCouldNotBeCreatedComesWhenItCan() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("freshet.yaml"),
            """
            stream-tables:
              - name: public.late
                schedule: 100ms
                query: SELECT id FROM missing
              - name: public.sound
                query: SELECT id FROM t
            """);
    start("run", "--config", config.toString());
    awaitLog("run", "cannot create public.late of the configuration, it is tried again");
    awaitLog("run", "serves " + database.name());
    assertThat(query("SELECT to_regclass('sound') IS NOT NULL")).isEqualTo("t");
    database.execute("CREATE TABLE missing (id int PRIMARY KEY)", "INSERT INTO missing VALUES (1)");
    awaitLog("run", "created public.late");
    database.execute("INSERT INTO missing VALUES (2)");
    await()
        .atMost(Duration.ofSeconds(40))
        .until(() -> query("SELECT count(*) FROM late").equals("2"));
    assertThat(shell.run("audit").out()).endsWith("AUDIT OK 3/3\n");
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  private Process start(String name, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.freshet.cli.Main",
                "run",
                "--set",
                "engine.admin.port=0"));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(shell.environment());
    builder.redirectErrorStream(true).redirectOutput(folder.resolve(name).toFile());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private String log(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitLog(String name, String text) {
    await()
        .atMost(Duration.ofSeconds(40))
        .untilAsserted(() -> assertThat(log(name)).contains(text));
  }
}
