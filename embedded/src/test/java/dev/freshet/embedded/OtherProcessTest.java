package dev.freshet.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What several Java machines of one user do to each other. */
class OtherProcessTest {

  @TempDir private Path directory;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endProcesses() {
    started.forEach(Process::destroyForcibly);
    OwnedDirectory.removeOrphans(directory);
  }

  @Test
  void processesFillAnEmptyCacheTogether() throws IOException {
    Map<String, String> emptyCache = Map.of("FRESHET_CACHE", directory.resolve("cache").toString());
    List<Process> processes =
        List.of(startServerInOtherProcess(emptyCache), startServerInOtherProcess(emptyCache));
    assertThat(processes)
        .allSatisfy(process -> assertThat(postmasterOf(process).isAlive()).isTrue());
    try (Stream<Path> entries = Files.list(directory.resolve("cache").resolve("postgresql"))) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .as("two entries and their locks, nothing unfinished")
          .hasSize(4)
          .noneMatch(name -> name.contains("unfinished"));
    }
  }

  @Test
  void serverOfAKilledProcessIsEndedByTheNextOne() throws Exception {
    Process owner = startServerInOtherProcess(Map.of());
    ProcessHandle postmaster = postmasterOf(owner);
    OwnedDirectory.removeOrphans(directory);
    assertThat(postmaster.isAlive()).as("its owner lives").isTrue();

    owner.destroyForcibly().waitFor();
    assertThat(postmaster.isAlive()).as("nobody has noticed yet").isTrue();
    OwnedDirectory.removeOrphans(directory);
    assertThat(Processes.isRunning(postmaster)).isFalse();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("freshet-pg-"));
    }
  }

  @Test
  void serverStopsWhenItsProcessIsToldToEnd() throws Exception {
    Process owner = startServerInOtherProcess(Map.of());
    ProcessHandle postmaster = postmasterOf(owner);
    owner.destroy(); // SIGTERM
    postmaster.onExit().get(30, TimeUnit.SECONDS);
    assertThat(owner.waitFor(30, TimeUnit.SECONDS)).isTrue();
  }

  private Process startServerInOtherProcess(Map<String, String> environment) throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                classPath,
                StartAndWait.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  /** Waits until the process has told its postmaster's id. */
  private static ProcessHandle postmasterOf(Process process) {
    try {
      BufferedReader output = process.inputReader();
      String line = output.readLine();
      while (line != null && !line.startsWith("postmaster ")) {
        line = output.readLine();
      }
      assertThat(line).as("the process has started its server").isNotNull();
      return ProcessHandle.of(Long.parseLong(line.substring("postmaster ".length()))).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The other process. */
  static final class StartAndWait {
    public static void main(String[] arguments) throws IOException {
      EmbeddedServer server = EmbeddedServer.start18();
      Path pidFile = server.dataDirectory().resolve("postmaster.pid");
      System.out.println("postmaster " + Files.readAllLines(pidFile).getFirst().strip());
      System.in.read(); // Until the test ends it.
    }
  }
}
