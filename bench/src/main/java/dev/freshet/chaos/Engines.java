package dev.freshet.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The engine that serves, one that stands by where an event wants it, and the supervisor of both:
 * as systemd would, it starts an engine again that could not attach. One that ends while it serves
 * has failed.
 */
final class Engines implements AutoCloseable {
  private static final String SERVES = "serves ";
  private static final String STANDS_BY = "standing by: another Freshet engine serves database";
  private static final Duration RESTART_PAUSE = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<String> configuration;
  private final Path directory;
  private volatile EngineChild serving;
  private volatile Optional<EngineChild> other = Optional.empty();
  private final Thread atExit = Thread.ofPlatform().name("kill-engines").unstarted(this::kill);
  private int starts = 1;

  private Engines(List<String> configuration, Path directory) {
    this.configuration = List.copyOf(configuration);
    this.directory = directory;
    this.serving = launch("engine.log", List.of());
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts the first engine.
   *
   * @param configuration options of {@code freshet run}
   * @param directory takes the logs
   */
  static Engines start(List<String> configuration, Path directory) {
    return new Engines(configuration, directory);
  }

  private EngineChild launch(String log, List<String> options) {
    List<String> all = new ArrayList<>(configuration);
    all.addAll(options);
    return EngineChild.start(directory.resolve(log), all);
  }

  /** How often an engine was started. */
  int starts() {
    return starts;
  }

  EngineChild serving() {
    return serving;
  }

  /** Starts an engine in the place of one that has ended. */
  void startAgain() {
    serving = launch("engine.log", List.of());
    starts++;
  }

  /**
   * Looks after the engine.
   *
   * @throws ChaosFailure if it ended although it served, or by a fault of its own
   */
  void supervise() {
    if (serving.isAlive()) {
      return;
    }
    int code = serving.exitCode().orElseThrow();
    if (code != dev.freshet.cli.ExitCode.SERVER || serving.hasPrinted(SERVES)) {
      throw new ChaosFailure("the engine has ended by itself, with exit code " + code);
    }
    pause(RESTART_PAUSE);
    startAgain();
  }

  /** Starts a second engine with {@code --standby} and waits until it says that it stands by. */
  void startStandby() {
    EngineChild standby = launch("standby.log", List.of("--standby"));
    other = Optional.of(standby);
    starts++;
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!standby.hasPrinted(STANDS_BY)) {
      if (!standby.isAlive() || System.nanoTime() > deadline) {
        throw new ChaosFailure("a second engine does not stand by; see standby.log");
      }
      pause(Duration.ofMillis(20));
    }
  }

  /** What stood by is from now on the engine. */
  void standbyTakesOver() {
    serving = other.orElseThrow();
    other = Optional.empty();
  }

  /** Starts a second engine that was not told to stand by; returns what it ends with. */
  int startSecond() {
    EngineChild second = launch("second.log", List.of());
    other = Optional.of(second);
    starts++;
    int code = second.awaitEnd();
    other = Optional.empty();
    return code;
  }

  static void pause(Duration duration) {
    try {
      TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void kill() {
    other.ifPresent(EngineChild::kill);
    serving.kill();
  }

  @Override
  public void close() {
    kill();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException _) {
      // The process is ending, and the hook does the same.
    }
  }
}
