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
import java.sql.SQLException;
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
