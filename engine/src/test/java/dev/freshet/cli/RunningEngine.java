package dev.freshet.cli;

import static org.awaitility.Awaitility.await;

import dev.freshet.cli.CommandLineRun.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** {@code freshet run} in a thread of this process; closing it is what Ctrl-C does. */
final class RunningEngine implements AutoCloseable {
  private final HttpClient client = HttpClient.newHttpClient();
  private final int port = freePort();
  private final CompletableFuture<CommandLineRun> ended = new CompletableFuture<>();
  private final Thread thread;

  private RunningEngine(Setting setting, String... options) {
    List<String> command = new ArrayList<>(List.of("run", "--set", "engine.admin.port=" + port));
    command.addAll(List.of(options));
    thread =
        Thread.ofPlatform()
            .name("freshet-run")
            .start(() -> ended.complete(setting.run(command.toArray(String[]::new))));
  }

  static RunningEngine start(Setting setting) {
    RunningEngine engine = new RunningEngine(setting);
    engine.awaitService();
    return engine;
  }

  /** One that waits until another ends. */
  static RunningEngine standBy(Setting setting) {
    return new RunningEngine(setting, "--standby");
  }

  void awaitService() {
    await().atMost(Duration.ofSeconds(30)).until(() -> ended.isDone() || answers());
    if (ended.isDone()) {
      throw new AssertionError("freshet run ended: " + ended.join().err());
    }
  }

  private boolean answers() {
    try {
      return get("/").statusCode() == 200;
    } catch (UncheckedIOException _) {
      return false;
    }
  }

  HttpResponse<String> get(String path) {
    return send("GET", path);
  }

  HttpResponse<String> send(String method, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    ended.join();
    client.close();
  }
}
