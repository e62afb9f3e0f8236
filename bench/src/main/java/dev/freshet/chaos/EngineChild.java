package dev.freshet.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** {@code freshet run} as a process of its own, which can be stopped, held up and killed. */
final class EngineChild {
  /** It starts often and lives for seconds: no compiler that pays off after minutes. */
  private static final List<String> JVM =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Process process;
  private final Path log;
  private final int before;

  private EngineChild(Process process, Path log, int before) {
    this.process = process;
    this.log = log;
    this.before = before;
  }

  /**
   * Starts an engine with the classes of this process and nothing of its environment.
   *
   * @param log takes all that it prints, behind what is there
   */
  static EngineChild start(Path log, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.freshet.cli.Main", "run"));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(EngineChild::isSetting);
    builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    int before = read(log).length();
    try {
      return new EngineChild(builder.start(), log, before);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start an engine", e);
    }
  }

  private static boolean isSetting(String variable) {
    return variable.startsWith("FRESHET_") || variable.startsWith("PG");
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** What it ended with, if it has ended. */
  OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /** SIGKILL: no shutdown hook runs, no connection is closed in order. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM, as a service manager does; returns what it ends with. */
  int terminate() {
    process.destroy();
    return awaitEnd();
  }

  /** SIGSTOP: it keeps memory and connections, and does nothing. */
  void holdUp() {
    signal("-STOP");
  }

  /** SIGCONT. */
  void letGo() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      Process kill = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("kill %s %d failed".formatted(signal, process.pid()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot signal the engine", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What it ended with; waits for it. */
  int awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new ChaosFailure(
            "the engine has not ended %d s after it was asked to".formatted(PATIENCE.toSeconds()));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Whether it has printed {@code text}. */
  boolean hasPrinted(String text) {
    return read(log).indexOf(text, before) >= 0;
  }

  private static String read(Path log) {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
