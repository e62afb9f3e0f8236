package dev.freshet.bench.memory;

import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.setup.Setup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An engine in a Java process of its own with a heap of a given size. */
final class ChildEngine implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  /** The most heap in use, and the most that a collection left, in bytes. */
  record Heap(long used, long survived) {}

  private final FreshetConfig config;
  private final Process process;
  private final BufferedReader output;
  private final EngineClient client;

  private ChildEngine(FreshetConfig config, Process process) {
    this.config = config;
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    awaitLine(EngineMain.SERVING);
    this.client = EngineClient.connect(config);
  }

  static ChildEngine launch(BenchDatabase database, int heapMegabytes) {
    FreshetConfig config = database.engineConfig();
    Setup.init(config);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heapMegabytes + "m");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(EngineMain.class.getName());
    keys(config).forEach((key, value) -> command.add(key + "=" + value));
    try {
      return new ChildEngine(
          config,
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> keys(FreshetConfig config) {
    DatabaseConfig database = config.database();
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("database.host", database.host());
    keys.put("database.port", Integer.toString(database.port()));
    keys.put("database.name", database.name());
    keys.put("database.user", database.user());
    database.password().ifPresent(password -> keys.put("database.password", password.reveal()));
    keys.put("cdc.slot-name", config.cdc().slotName());
    keys.put("engine.admin.port", "0");
    keys.put("engine.log.level", "warn");
    return keys;
  }

  private String awaitLine(String beginning) {
    try {
      String line = output.readLine();
      while (line != null && !line.startsWith(beginning)) {
        line = output.readLine();
      }
      if (line == null) {
        throw new IllegalStateException("the engine's process has ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void create(String name, String query, Map<String, String> settings) {
    client.execute(new Command.Create(name, query, settings, false));
  }

  /** Refreshes from the delta, whatever its size. */
  RefreshReport refresh(String name) {
    Reply reply = client.execute(new Command.Refresh(List.of(name), Optional.of("incremental")));
    if (reply instanceof Reply.Refreshed(List<RefreshReport> reports)) {
      return reports.getFirst();
    }
    throw new IllegalStateException("refresh of %s was answered by %s".formatted(name, reply));
  }

  /** Another client, for another thread. */
  EngineClient newClient() {
    return EngineClient.connect(config);
  }

  EngineStatus status() {
    return status(client);
  }

  static EngineStatus status(EngineClient client) {
    if (client.execute(new Command.Status()) instanceof Reply.StatusOf(EngineStatus status)) {
      return status;
    }
    throw new IllegalStateException("the engine does not tell its status");
  }

  Heap heap() {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String[] parts = awaitLine(EngineMain.HEAP).split(" ", -1);
    return new Heap(Long.parseLong(parts[1]), Long.parseLong(parts[2]));
  }

  @Override
  public void close() {
    client.close();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
