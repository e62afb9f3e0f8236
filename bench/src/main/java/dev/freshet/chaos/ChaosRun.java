package dev.freshet.chaos;

import dev.freshet.bench.server.StreamTables;
import dev.freshet.config.FreshetConfig;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.engine.setup.Setup;
import dev.freshet.engine.setup.SetupReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** One run: server, network, engine, writers, and events one after the other. */
final class ChaosRun {
  private static final Duration START_PATIENCE = Duration.ofSeconds(120);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String DATABASE = "chaos";

  private final ChaosOptions options;
  private final ChaosOutput output;
  private final List<Event> events = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private ChaosResult.Checks checks = ChaosResult.Checks.NONE;

  ChaosRun(ChaosOptions options, ChaosOutput output) {
    this.options = options;
    this.output = output;
  }

  /**
   * Runs to the end; leaves the engine's log and configuration behind only if it has failed.
   *
   * @throws ChaosFailure if there is no first event, because the engine does not get going
   */
  ChaosResult run() throws SQLException, IOException {
    Path directory = Files.createTempDirectory("freshet-chaos-");
    boolean clean = false;
    try {
      ChaosResult result = run(directory);
      clean = result.isClean();
      return result;
    } finally {
      if (clean) {
        remove(directory);
      } else {
        output.say("The engine's log and configuration are in " + directory);
      }
    }
  }

  private ChaosResult run(Path directory) throws SQLException, IOException {
    long began = System.nanoTime();
    output.say("Starting %s …".formatted(options.version()));
    try (EmbeddedServer server = startServer();
        TcpProxy network = TcpProxy.start(server::port);
        Database database = server.createDatabase(DATABASE)) {
      database.execute(SourceTables.DDL.toArray(String[]::new));
      initialise(server.port());
      List<String> configuration = new ArrayList<>(Configuration.options(DATABASE, network.port()));
      configuration.addAll(
          List.of("--config", Configuration.write(directory.resolve("freshet.yaml")).toString()));
      output.say("Creating %d stream tables …".formatted(Shape.ALL.size()));
      try (Engines engines = Engines.start(configuration, directory);
          Load load = Load.start(database, options.seed());
          Witness witness = prepare(database, engines)) {
        output.say("Ready after %.1f s; seed %d.".formatted(seconds(began), options.seed()));
        output.say("");
        new Course(new Stage(server, database, network, engines), load, witness).run(began);
        return result(database, began, load, witness, engines);
      }
    }
  }

  private EmbeddedServer startServer() {
    return EmbeddedServer.builder(options.version())
        .setting("fsync", "off") // The operating system survives every event.
        .setting("shared_buffers", "64MB")
        .setting("wal_sender_timeout", Stage.SENDER_TIMEOUT.toMillis() + "ms")
        .start();
  }

  private static void initialise(int port) {
    SetupReport report = Setup.init(FreshetConfig.of(Configuration.settings(DATABASE, port)));
    if (!report.ready()) {
      throw new IllegalStateException("cannot set Freshet up: " + report.checks());
    }
  }

  /** Waits until the engine has created and filled everything. */
  private static Witness prepare(Database database, Engines engines) throws SQLException {
    String count = "SELECT count(*)::text FROM freshet.frontier";
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    try (Connection connection = database.connect()) {
      while (Integer.parseInt(StreamTables.query(connection, count)) < Shape.ALL.size()) {
        engines.supervise();
        if (System.nanoTime() > deadline) {
          throw new ChaosFailure("the engine has not created every stream table");
        }
        Engines.pause(Duration.ofMillis(50));
      }
    }
    new Marker(database).pass(START_PATIENCE, engines::supervise);
    return Witness.start(database);
  }

  private ChaosResult result(
      Database database, long began, Load load, Witness witness, Engines engines)
      throws SQLException {
    String version;
    try (Connection connection = database.connect()) {
      version = StreamTables.query(connection, "SHOW server_version");
    }
    return new ChaosResult(
        options,
        version,
        Duration.ofNanos(System.nanoTime() - began),
        events,
        checks.withLooks(witness.looks()),
        ChaosResult.Traffic.of(load),
        engines.starts(),
        failures);
  }

  /** The events of a run. */
  private final class Course {
    private final Stage stage;
    private final Witness witness;
    private final Marker marker;
    private final Audit audit;
    private final Refills refills;
    private final Random random = new Random(options.seed());
    private boolean violated;
    private final Deck deck = new Deck(options.kinds(), random);

    Course(Stage stage, Load load, Witness witness) {
      this.stage = stage;
      this.witness = witness;
      this.marker = new Marker(stage.database());
      this.audit = new Audit(stage.database(), load);
      this.refills = new Refills(stage.database());
    }

    void run(long began) throws SQLException {
      refills.since(Instant.EPOCH);
      for (int number = 1; number <= options.events(); number++) {
        boolean late =
            options.limit().filter(limit -> seconds(began) >= limit.toSeconds()).isPresent();
        if (late || (!failures.isEmpty() && !options.keepGoing())) {
          return;
        }
        Kind kind = deck.draw();
        output.begins(number, kind);
        try {
          Event event = happen(number, kind);
          events.add(event);
          output.happened(event);
        } catch (ChaosFailure e) {
          fail(number, kind, String.valueOf(e.getMessage()));
          return; // Nothing that follows would tell more.
        }
      }
    }

    private Event happen(int number, Kind kind) throws SQLException {
      Stage.linger(random, 50, 500);
      Refills.Expected expected = kind.fault().inflict(stage, random);
      long harmed = System.nanoTime();
      awaitRecovery();
      Duration recovery = Duration.ofNanos(System.nanoTime() - harmed);
      Instant auditing = Instant.now();
      check(number, kind);
      List<Refills.Refill> refilled = refills.since(auditing);
      for (Refills.Refill refill : refilled) {
        if (!expected.permits(refill)) {
          fail(
              number,
              kind,
              "%s was refilled, which the event does not concern: %s"
                  .formatted(refill.streamTable(), refill.reason()));
        }
      }
      return new Event(
          number,
          kind,
          recovery,
          List.copyOf(new TreeSet<>(refilled.stream().map(Refills.Refill::streamTable).toList())));
    }

    private void awaitRecovery() {
      marker.pass(PATIENCE, stage.engines()::supervise);
    }

    private void check(int number, Kind kind) throws SQLException {
      Audit.Finding finding = audit.compare(PATIENCE, this::awaitRecovery);
      checks = checks.and(finding);
      finding.mismatches().forEach(what -> fail(number, kind, what));
      finding.lost().forEach(what -> fail(number, kind, what));
      if (!violated && witness.violation().isPresent()) {
        violated = true; // It looks no further.
        fail(number, kind, witness.violation().get());
      }
    }
  }

  private void fail(int number, Kind kind, String what) {
    failures.add("event %d, %s: %s".formatted(number, kind.key(), what));
    output.failed(failures.getLast());
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static void remove(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      files.forEach(
          file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    Files.delete(directory);
  }
}
