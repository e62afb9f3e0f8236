package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.embedded.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An engine in a process of its own, which can be killed. */
final class EngineProcess implements AutoCloseable {
  private static final String SERVING = "serving";

  private final Process process;

  private EngineProcess(Process process) {
    this.process = process;
  }

  /** Launches a Java machine that serves {@code database}; returns at once. */
  static EngineProcess launch(Database database, Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(EngineProcess.class.getName());
    Freshet.keysFor(database, settings).forEach((key, value) -> command.add(key + "=" + value));
    try {
      return new EngineProcess(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the engine has attached and its schedules run. */
  EngineProcess awaitServing() {
    try {
      BufferedReader output = process.inputReader();
      String line = output.readLine();
      while (line != null && !line.equals(SERVING)) {
        line = output.readLine();
      }
      if (line == null) {
        throw new IllegalStateException("the engine ended while starting");
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGKILL: no shutdown hook runs, no connection is closed in order. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGSTOP: it does nothing, and keeps its connections. */
  void pause() {
    signal("STOP");
  }

  /** SIGCONT. */
  void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + " ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets the engine close in order. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroyForcibly();
    }
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("the engine does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  /** The other process: serves until its input ends. */
  public static void main(String[] keysAndValues) throws IOException {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String argument : keysAndValues) {
      int equals = argument.indexOf('=');
      keys.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    try (Engine engine = Engine.open(FreshetConfig.of(keys))) {
      engine.start();
      System.out.println(SERVING);
      System.in.read();
    }
  }
}
