package dev.freshet.cli;

import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.Engine;
import dev.freshet.engine.EngineListener;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.Version;
import dev.freshet.engine.admin.AdminServer;
import dev.freshet.engine.admin.EngineMetrics;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.RefreshReport;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code freshet run}. */
@Command(
    name = "run",
    header = "Run the engine: keep the stream tables of one database fresh.",
    description = {
      "Ends on Ctrl-C or SIGTERM after the refreshes under way, and loses nothing however it ends.",
      "Metrics (/metrics), health (/health) and state (/status) are served on engine.admin.port."
    },
    footer = {
      "",
      "Examples:",
      "  freshet run",
      "  freshet run --config /etc/freshet/freshet.yaml --set engine.log.format=json",
      "  freshet run --standby"
    })
final class RunCommand extends FreshetCommand {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  @Option(
      names = "--standby",
      description = "If another engine serves the database, wait until it ends and take over.")
  boolean standby;

  RunCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() throws InterruptedException {
    FreshetConfig config = config();
    Logging.apply(config.engine().log());
    CountDownLatch stopRequested = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook = Thread.ofPlatform().name("stop").unstarted(() -> stop(stopRequested, stopped));
    Runtime.getRuntime().addShutdownHook(hook);
    boolean ended = false;
    try {
      serve(config, stopRequested);
      ended = true;
    } finally {
      stopped.countDown();
      if (!ended && stopRequested.getCount() > 0) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
    return ExitCode.OK;
  }

  /** Runs as the virtual machine goes down: lets the main thread close everything first. */
  private static void stop(CountDownLatch stopRequested, CountDownLatch stopped) {
    stopRequested.countDown();
    try {
      stopped.await();
    } catch (InterruptedException _) {
      return;
    }
    LOG.info("stopped");
    // Being asked to stop is no failure: without this, SIGTERM ends the process with 143.
    Runtime.getRuntime().halt(ExitCode.OK);
  }

  private Engine open(FreshetConfig config) {
    if (standby) {
      return Engine.standBy(config);
    }
    try {
      return Engine.open(config);
    } catch (FreshetException e) {
      if (e.kind() != Kind.BUSY) {
        throw e;
      }
      throw FreshetException.of(
          Kind.BUSY,
          String.valueOf(e.getMessage()),
          "stop it first, or let this one wait for its end: freshet run --standby",
          e);
    }
  }

  /** Serves until stopped; what happens to slot and server meanwhile, the engine heals. */
  private void serve(FreshetConfig config, CountDownLatch stopRequested)
      throws InterruptedException {
    try (Engine engine = open(config);
        EngineMetrics metrics = new EngineMetrics(engine::status)) {
      engine.addListener(metrics);
      try (Admin admin = admin(engine, config, metrics)) {
        engine.addListener(new Banner(engine, config, admin));
        engine.start();
        if (!engine.healthy()) {
          admin.server().ifPresent(it -> LOG.info("metrics and health on {}", it.url()));
        }
        stopRequested.await();
        LOG.info("stopping after the refreshes under way");
      }
    }
  }

  /** Says what is served, each time that the engine begins to. */
  private record Banner(Engine engine, FreshetConfig config, Admin admin)
      implements EngineListener {
    @Override
    public void refreshed(RefreshReport report) {}

    @Override
    public void serving() {
      LOG.info("{}", banner(engine, config, admin));
    }
  }

  /** The admin server where one is wanted. */
  private record Admin(Optional<AdminServer> server) implements AutoCloseable {
    @Override
    public void close() {
      server.ifPresent(AdminServer::close);
    }
  }

  private static Admin admin(Engine engine, FreshetConfig config, EngineMetrics metrics) {
    return new Admin(
        config.engine().admin().enabled()
            ? Optional.of(AdminServer.start(config.engine().admin(), engine, metrics))
            : Optional.empty());
  }

  private static String capture(EngineStatus status) {
    return status.slot().isEmpty()
        ? ", changes captured by triggers"
        : ", slot " + status.slot() + ", publication " + status.publication();
  }

  private static String banner(Engine engine, FreshetConfig config, Admin admin) {
    DatabaseConfig database = config.database();
    return "freshet "
        + Version.text()
        + " serves "
        + database.name()
        + " at "
        + database.address()
        + " as "
        + database.user()
        + ": "
        + Human.count(engine.status().streamTables().size(), "stream table")
        + capture(engine.status())
        + admin.server().map(server -> "; metrics and health on " + server.url()).orElse("");
  }
}
