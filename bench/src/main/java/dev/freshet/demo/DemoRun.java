package dev.freshet.demo;

import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.bench.server.BenchServer;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.cli.ExitCode;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.engine.Engine;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One run of the demo: server, shop, stream tables, writer, display, audit. The audit compares in
 * one snapshot of the live system, so the writer keeps writing meanwhile.
 */
final class DemoRun {
  private static final int SHOWN_DIFFERENCES = 5;
  private static final Duration FRAME = Duration.ofMillis(500);
  private static final Duration PLAIN_FRAME = Duration.ofSeconds(1);
  private static final long SEED = 20_260_101L;
  private static final Map<String, String> SERVER_SETTINGS =
      Map.of("max_wal_size", "4GB", "checkpoint_timeout", "30min");

  private final DemoOptions options;
  private final Screen screen;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Map<String, TableFigures> figures = new LinkedHashMap<>();
  private Optional<Scene.Peek> lastPeek = Optional.empty();

  /** What was asked for on the command line. */
  record DemoOptions(Optional<Long> seconds, double rate, int port, boolean json) {}

  DemoRun(DemoOptions options, Screen screen) {
    this.options = options;
    this.screen = screen;
    ShopStreamTable.ALL.forEach(table -> figures.put(table.name(), new TableFigures()));
  }

  /** Runs to the end and returns the process's exit code. */
  int run() throws SQLException {
    try (Interrupt _ = Interrupt.handledBy(end::countDown)) {
      long started = System.nanoTime();
      say("Starting PostgreSQL 18 …");
      try (BenchServer server = BenchServer.startEmbedded(SERVER_SETTINGS, options.port())) {
        BenchDatabase shop = server.createDatabaseNamed("shop");
        try (Connection connection = shop.connect()) {
          ShopSchema.create(connection);
        }
        say("Creating %d stream tables …".formatted(ShopStreamTable.ALL.size()));
        try (Engine engine = shop.openEngine()) {
          listen(engine);
          for (ShopStreamTable table : ShopStreamTable.ALL) {
            StreamTables.create(engine, table.qualifiedName(), table.query(), table.settings());
          }
          engine.start();
          say("Ready after %.1f s.".formatted((System.nanoTime() - started) / 1e9));
          say("");
          return live(server, shop, engine);
        }
      }
    }
  }

  private void listen(Engine engine) {
    engine.addListener(
        report -> {
          TableFigures of = figures.get(report.name().replaceFirst("^public\\.", ""));
          if (of != null) {
            of.refreshed(report, System.nanoTime());
          }
        });
  }

  private int live(BenchServer server, BenchDatabase shop, Engine engine) throws SQLException {
    try (Connection reader = shop.connect();
        Follower follower = new Follower(shop.connect(), figures);
        ShopWriter writer =
            new ShopWriter(shop.connect(), options.rate(), new Random(SEED), follower::follow)) {
      Scene.Address address = address(server, shop.config(), reader);
      follower.start();
      writer.start();
      show(address, reader, follower, writer);
      say("");
      say("Audit: each stream table against its query, in one snapshot, the writer still writing");
      List<AuditReport> reports = audit(engine);
      writer.failure().ifPresent(e -> say("The writer had stopped: " + e.getMessage()));
      if (options.json()) {
        screen.println(DemoJson.audit(reports));
      } else {
        AuditText.lines(reports, ShopStreamTable.ALL.size()).forEach(screen::println);
      }
      return AuditText.equal(reports) == ShopStreamTable.ALL.size()
          ? ExitCode.OK
          : ExitCode.PROBLEM;
    }
  }

  private void show(Scene.Address address, Connection reader, Follower follower, ShopWriter writer)
      throws SQLException {
    Board board = new Board(screen, screen.width());
    boolean redrawn = screen.isTerminal() && !options.json();
    if (!redrawn && !options.json()) {
      screen.println("connect: " + address.psql());
    }
    long started = System.nanoTime();
    Meter meter = new Meter(started);
    long frames = 0;
    while (true) {
      long frameNanos = (redrawn ? FRAME : PLAIN_FRAME).toNanos();
      frames++;
      long wait = started + frames * frameNanos - System.nanoTime();
      boolean asked = awaitEnd(wait);
      long elapsed = Math.round((System.nanoTime() - started) / 1e9);
      meter.read(writer);
      countRows(reader);
      Scene scene =
          new Scene(
              address,
              elapsed,
              options.seconds(),
              writer.transactions(),
              meter.transactionsPerSecond(),
              meter.rowsPerSecond(),
              figures,
              peek(reader, follower));
      if (options.json()) {
        screen.println(DemoJson.scene(scene));
      } else if (redrawn) {
        screen.redraw(board.lines(scene));
      } else {
        screen.println(board.plainLine(scene));
      }
      boolean over = options.seconds().filter(seconds -> elapsed >= seconds).isPresent();
      if (asked || over || writer.failure().isPresent()) {
        if (!redrawn && !options.json()) {
          screen.println("");
          board.table(scene).forEach(screen::println);
        }
        return;
      }
    }
  }

  private boolean awaitEnd(long nanos) {
    try {
      return end.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void countRows(Connection reader) throws SQLException {
    StringBuilder sql = new StringBuilder();
    for (ShopStreamTable table : ShopStreamTable.ALL) {
      sql.append(sql.isEmpty() ? "" : " UNION ALL ");
      sql.append("SELECT '%1$s', count(*) FROM %1$s".formatted(table.name()));
    }
    try (Statement statement = reader.createStatement();
        ResultSet row = statement.executeQuery(sql.toString())) {
      while (row.next()) {
        TableFigures of = figures.get(row.getString(1));
        if (of != null) {
          of.setRows(row.getLong(2));
        }
      }
    }
  }

  private Optional<Scene.Peek> peek(Connection reader, Follower follower) throws SQLException {
    Optional<Follower.Arrival> arrival = follower.lastArrival();
    if (arrival.isEmpty()) {
      return lastPeek;
    }
    Marker marker = arrival.get().marker();
    List<String> rows = new ArrayList<>();
    try (Statement statement = reader.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT order_id, line, customer, product, quantity, amount, status"
                    + " FROM order_overview WHERE order_id = %d ORDER BY line"
                        .formatted(marker.orderId()))) {
      while (row.next()) {
        rows.add(
            "%7d  line %d  %-16s %2d × %-14s %9s  %s"
                .formatted(
                    row.getLong(1),
                    row.getInt(2),
                    row.getString(3),
                    row.getInt(5),
                    row.getString(4),
                    row.getString(6),
                    row.getString(7)));
      }
    }
    String what = Character.toUpperCase(marker.what().charAt(0)) + marker.what().substring(1);
    if (!rows.isEmpty()) { // Otherwise it has been cancelled meanwhile.
      lastPeek = Optional.of(new Scene.Peek(what, arrival.get().millis(), rows));
    }
    return lastPeek;
  }

  private static List<AuditReport> audit(Engine engine) {
    Reply reply = engine.execute(new Command.Audit(List.of(), SHOWN_DIFFERENCES));
    if (reply instanceof Reply.Audited(List<AuditReport> reports)) {
      return reports;
    }
    throw new IllegalStateException("audit was answered by " + reply);
  }

  private static Scene.Address address(
      BenchServer server, DatabaseConfig database, Connection reader) throws SQLException {
    return new Scene.Address(
        StreamTables.query(reader, "SHOW server_version"),
        database.host(),
        database.port(),
        server.embedded().map(embedded -> embedded.socketDirectory().toString()).orElse(""),
        database.user(),
        database.name());
  }

  private void say(String line) {
    if (!options.json()) {
      screen.println(line);
    }
  }
}
