package dev.freshet.engine.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.config.AdminConfig;
import dev.freshet.engine.Engine;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code /metrics}, {@code /health} and {@code /status} of an engine. */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int BACKLOG = 64;
  private static final String JSON = "application/json; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String INDEX =
      """
      Freshet
      /metrics  measurements for Prometheus
      /health   200 if the change stream works and no stream table has failed, or another engine
                does the work and this one stands by; else 503
      /status   the engine and its stream tables in JSON
      """;

  private static final ObjectMapper MAPPER = Json.mapper();

  private final HttpServer server;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  /** An answer to one request. */
  private record Answer(int status, String contentType, String body) {}

  /** Makes an answer; what it throws becomes a 500. */
  @FunctionalInterface
  private interface Page {
    Answer answer() throws JsonProcessingException;
  }

  private AdminServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Begins serving.
   *
   * @throws FreshetException if the port cannot be had
   */
  public static AdminServer start(AdminConfig config, Engine engine, EngineMetrics metrics) {
    AdminServer admin = new AdminServer(bind(config));
    admin.serve("/metrics", () -> new Answer(200, PROMETHEUS, metrics.scrape()));
    admin.serve("/health", () -> health(engine));
    admin.serve("/status", () -> new Answer(200, JSON, MAPPER.writeValueAsString(engine.status())));
    admin.serve("/", () -> new Answer(200, TEXT, INDEX));
    admin.server.setExecutor(admin.workers);
    admin.server.start();
    return admin;
  }

  private static HttpServer bind(AdminConfig config) {
    try {
      InetAddress address = InetAddress.getByName(config.bindAddress());
      return HttpServer.create(new InetSocketAddress(address, config.port()), BACKLOG);
    } catch (IOException e) {
      throw FreshetException.of(
          Kind.BUSY,
          "cannot serve metrics and health on "
              + config.bindAddress()
              + ":"
              + config.port()
              + ": "
              + e.getMessage(),
          "choose another engine.admin.port, 0 for none: --set engine.admin.port=9188",
          e);
    }
  }

  /** Where it listens: {@code http://127.0.0.1:9187}. */
  public String url() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static Answer health(Engine engine) throws JsonProcessingException {
    Health health = Health.of(engine.healthy(), engine.status());
    return new Answer(health.healthy() ? 200 : 503, JSON, MAPPER.writeValueAsString(health));
  }

  private void serve(String path, Page page) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            send(exchange, answer(exchange, path, page));
          }
        });
  }

  private static Answer answer(HttpExchange exchange, String path, Page page) {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      return new Answer(404, TEXT, "not found\n");
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return new Answer(405, TEXT, "only GET and HEAD\n");
    }
    try {
      return page.answer();
    } catch (FreshetException e) {
      return error(503, e);
    } catch (JsonProcessingException | RuntimeException e) {
      LOG.warn("cannot answer {}", path, e);
      return error(500, e);
    }
  }

  private static Answer error(int status, Exception e) {
    try {
      String body = MAPPER.writeValueAsString(Map.of("error", String.valueOf(e.getMessage())));
      return new Answer(status, JSON, body);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("a map of texts is JSON", impossible);
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.contentType());
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(answer.status(), -1);
    } else {
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Stops at once; requests under way are cut off. */
  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
