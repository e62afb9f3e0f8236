package dev.freshet.cli;

import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.Engine;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.Version;
import dev.freshet.engine.admin.AdminServer;
import dev.freshet.engine.admin.EngineMetrics;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
  private static final Duration FAILURE_CHECK = Duration.ofSeconds(1);
  private static final Duration REOPEN_INTERVAL = Duration.ofSeconds(5);
  private static final Duration STANDBY_INTERVAL = Duration.ofSeconds(2);

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
      attend(config, stopRequested);
      ended = true;
    } finally {
      stopped.countDown();
      if (!ended && stopRequested.getCount() > 0) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
    return ExitCode.OK;
  }

  /**
   * Serves until stopped. When the change stream has failed for good, the engine is opened anew:
   * that checks the slot, makes a new one where needed, and refills.
   */
  private void attend(FreshetConfig config, CountDownLatch stopRequested)
      throws InterruptedException {
    boolean served = false;
    while (stopRequested.getCount() > 0) {
      try (Engine engine = open(config, stopRequested)) {
        served = true;
        serve(engine, config, stopRequested);
      } catch (FreshetException e) {
        if (!served) {
          throw e;
        }
        LOG.error("cannot attach again, it is tried again: {}", e.getMessage());
        stopRequested.await(REOPEN_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
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

  private Engine open(FreshetConfig config, CountDownLatch stopRequested)
      throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        return Engine.open(config);
      } catch (FreshetException e) {
        if (e.kind() != Kind.BUSY || stopRequested.getCount() == 0) {
          throw e;
        }
        if (!standby) {
          throw FreshetException.of(
              Kind.BUSY,
              String.valueOf(e.getMessage()),
              "stop it first, or let this one wait for its end: freshet run --standby",
              e);
        }
        if (!told) {
          LOG.info("standing by: {}", e.getMessage());
          told = true;
        }
      }
      if (stopRequested.await(STANDBY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        throw FreshetException.of(Kind.BUSY, "stopped while standing by", "");
      }
    }
  }

  private void serve(Engine engine, FreshetConfig config, CountDownLatch stopRequested)
      throws InterruptedException {
    try (EngineMetrics metrics = new EngineMetrics(engine::status)) {
      engine.addListener(metrics);
      try (Admin admin = admin(engine, config, metrics)) {
        engine.start();
        LOG.info("{}", banner(engine, config, admin));
        awaitEnd(engine, stopRequested);
      }
    }
  }

  private static void awaitEnd(Engine engine, CountDownLatch stopRequested)
      throws InterruptedException {
    while (!stopRequested.await(FAILURE_CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
      Optional<String> failure = engine.failure();
      if (failure.isPresent()) {
        LOG.error("{}; attaching again", failure.get());
        return;
      }
    }
    LOG.info("stopping after the refreshes under way");
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

  private static String banner(Engine engine, FreshetConfig config, Admin admin) {
    DatabaseConfig database = config.database();
    return "freshet "
        + Version.text()
        + " serves "
        + database.name()
        + " at "
        + database.host()
        + ":"
        + database.port()
        + " as "
        + database.user()
        + ": "
        + Human.count(engine.status().streamTables().size(), "stream table")
        + ", slot "
        + config.cdc().slotName()
        + ", publication "
        + config.cdc().publicationName()
        + admin.server().map(server -> "; metrics and health on " + server.url()).orElse("");
  }
}
