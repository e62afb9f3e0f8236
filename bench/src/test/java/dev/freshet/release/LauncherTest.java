package dev.freshet.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a release of its own, with Javas that only tell how they were called. */
class LauncherTest {

  private static final Path SCRIPT = Path.of("..", "freshet").toAbsolutePath().normalize();

  @TempDir private Path directory;
  private Path launcher = SCRIPT;

  @BeforeEach
  void unpackRelease() throws IOException {
    Path release = directory.resolve("a release");
    launcher = release.resolve("bin").resolve("freshet");
    Files.createDirectories(release.resolve("lib"));
    Files.createDirectories(release.resolve("bin"));
    Files.copy(SCRIPT, launcher);
    executable(launcher);
    Files.writeString(release.resolve("lib").resolve("freshet-engine-1.jar"), "engine");
  }

  @Test
  void passesArgumentsAndClassPathUnchanged() throws Exception {
    Result result = run(Map.of("JAVA_HOME", java(25)), launcher, "create", "a b", "", "$x");
    assertThat(result.exitCode()).isEqualTo(7);
    assertThat(result.lines())
        .containsSubsequence(
            "-cp",
            directory.resolve("a release/lib/freshet-engine-1.jar").toString(),
            "dev.freshet.cli.Main",
            "create",
            "a b",
            "",
            "$x");
  }

  @Test
  void prefersJavaThatIsNewEnough() throws Exception {
    Result result = run(Map.of("JAVA_HOME", java(17), "JAVA25_HOME", java(26)), launcher, "status");
    assertThat(result.lines()).contains("Java 26");
  }

  @Test
  void namesWhatItFoundAndWhatToInstall() throws Exception {
    Result result =
        run(
            Map.of("JAVA_HOME", java(21)),
            Path.of("/bin/bash"),
            "-c",
            "source '%s'; java_release() { [[ $1 == '%s' ]] && echo 21 || echo 0; }; find_java java"
                .formatted(launcher, java(21)));
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output())
        .contains("a JDK 25 or newer is needed")
        .contains(java(21) + " is Java 21")
        .contains("sdk install java 25");
  }

  @Test
  void worksThroughSymbolicLinks() throws Exception {
    Path link = directory.resolve("link");
    Files.createSymbolicLink(link, Path.of("a release", "bin", "freshet"));
    Path linkToLink = Files.createSymbolicLink(directory.resolve("second"), link);
    Result result = run(Map.of("JAVA_HOME", java(25)), linkToLink, "list");
    assertThat(result.lines()).contains("-Dfreshet.home=" + directory.resolve("a release"));
  }

  @Test
  void optionsOfTheEnvironmentAreSplitIntoWords() throws Exception {
    Result result =
        run(
            Map.of("JAVA_HOME", java(25), "JAVA_OPTS", "-Xmx1g -Da=b", "FRESHET_OPTS", "-Dc=d"),
            launcher,
            "list");
    assertThat(result.lines()).containsSubsequence("-Xmx1g", "-Da=b", "-Dc=d", "-cp");
  }

  @Test
  void onlyShortCommandsDoWithoutTheOptimisingCompiler() throws Exception {
    Map<String, String> environment = Map.of("JAVA_HOME", java(25));
    assertThat(run(environment, launcher, "list").lines()).contains("-XX:TieredStopAtLevel=1");
    assertThat(run(environment, launcher, "--config=x", "run").lines())
        .doesNotContain("-XX:TieredStopAtLevel=1");
  }

  @Test
  void classArchiveIsNamedByTheJarsContent() throws Exception {
    Map<String, String> environment = Map.of("JAVA_HOME", java(25));
    String before = archive(run(environment, launcher, "list"));
    assertThat(archive(run(environment, launcher, "list"))).isEqualTo(before);
    Files.writeString(directory.resolve("a release/lib/freshet-engine-1.jar"), "ENGINE");
    assertThat(archive(run(environment, launcher, "list"))).isNotEqualTo(before);
  }

  @Test
  void debeziumComesBehindOurJarsAndNoJarTwice() throws Exception {
    Path lib = directory.resolve("a release/lib");
    Path debezium = Files.createDirectories(lib.resolve("debezium"));
    Files.writeString(lib.resolve("slf4j-api-2.0.20.jar"), "");
    Files.writeString(debezium.resolve("debezium-api-3.6.3.Final.jar"), "");
    Files.writeString(debezium.resolve("slf4j-api-2.0.17.jar"), "");
    Result result =
        run(Map.of("JAVA_HOME", java(25), "FRESHET_CLASSPATH", "/opt/more.jar"), launcher, "list");
    assertThat(result.lines())
        .containsSubsequence(
            "-cp",
            "%1$s/freshet-engine-1.jar:%1$s/slf4j-api-2.0.20.jar:%2$s/debezium-api-3.6.3.Final.jar"
                    .formatted(lib, debezium)
                + ":/opt/more.jar");
  }

  /** Who fetches Debezium for a release gets the version that this one was tested with. */
  @Test
  void debeziumIsFetchedInTheTestedVersion() throws Exception {
    String version = "<debezium.version>";
    assertThat(lineWith(version, SCRIPT.resolveSibling("config/debezium/pom.xml")))
        .isEqualTo(lineWith(version, SCRIPT.resolveSibling("pom.xml")));
  }

  private static String lineWith(String text, Path file) throws IOException {
    return Files.readString(file)
        .lines()
        .filter(line -> line.contains(text))
        .findFirst()
        .orElseThrow()
        .strip();
  }

  private static String archive(Result result) {
    return result.lines().stream()
        .filter(line -> line.startsWith("-XX:SharedArchiveFile="))
        .findFirst()
        .orElseThrow();
  }

  /** The home of a Java that prints its release and arguments, a line each, and exits with 7. */
  private String java(int release) throws IOException {
    Path home = directory.resolve("java-" + release);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"%d.0.1\"\n".formatted(release));
    Path program = home.resolve("bin").resolve("java");
    Files.writeString(
        program,
        """
        #!/usr/bin/env bash
        printf '%%s\\n' 'Java %d' "$@"
        exit 7
        """
            .formatted(release));
    executable(program);
    return home.toString();
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private record Result(int exitCode, String output) {
    List<String> lines() {
      return List.of(output.split("\n", -1));
    }
  }

  private Result run(Map<String, String> environment, Path program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.matches("JAVA.*|FRESHET.*"));
    builder.environment().put("FRESHET_CACHE", directory.resolve("cache").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
