package dev.freshet.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server that runs as a child of this process, from unpacked binaries, on 127.0.0.1
 * and on a Unix socket.
 *
 * <pre>{@code
 * try (EmbeddedServer server = EmbeddedServer.builder(PgVersion.V18).start();
 *     Connection connection = server.connect("postgres")) { … }
 * }</pre>
 *
 * <p>It can be stopped, restarted with other settings and killed: its data directory and port stay.
 * Methods that change the server's state exclude one another.
 */
public final class EmbeddedServer implements PostgresServer {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
  private static final int PORT_ATTEMPTS = 5;
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);
  private static final int LOG_LINES_IN_ERRORS = 20;

  private final PgVersion version;
  private final ServerPrograms programs;
  private final ServerDirectory directory;
  private final Map<String, String> settings;
  private final Duration startTimeout;
  private final boolean portIsFree;
  private final Optional<Thread> shutdownHook;
  private volatile int port;
  private Optional<Process> postmaster = Optional.empty();

  EmbeddedServer(
      EmbeddedServerBuilder builder, ServerPrograms programs, ServerDirectory directory) {
    this.version = builder.version;
    this.programs = programs;
    this.directory = directory;
    this.settings = new LinkedHashMap<>(builder.settings);
    this.startTimeout = builder.startTimeout;
    this.portIsFree = builder.port == 0;
    this.port = builder.port;
    if (builder.shutdownHook) {
      Thread hook = Thread.ofPlatform().name("stop-" + directory.data()).unstarted(this::quit);
      Runtime.getRuntime().addShutdownHook(hook);
      this.shutdownHook = Optional.of(hook);
    } else {
      this.shutdownHook = Optional.empty();
    }
  }

  /** Describes a server of the given version; {@link EmbeddedServerBuilder#start()} starts it. */
  public static EmbeddedServerBuilder builder(PgVersion version) {
    return new EmbeddedServerBuilder(version);
  }

  /** Starts a PostgreSQL 18 with the default settings and a temporary data directory. */
  public static EmbeddedServer start18() {
    return builder(PgVersion.V18).start();
  }

  @Override
  public PgVersion version() {
    return version;
  }

  @Override
  public String host() {
    return "127.0.0.1";
  }

  @Override
  public int port() {
    return port;
  }

  /** The directory of the Unix socket, for {@code psql -h}. */
  public Path socketDirectory() {
    return directory.socket();
  }

  /** The data directory ({@code PGDATA}). */
  public Path dataDirectory() {
    return directory.data();
  }

  /** Whether the postmaster lives. */
  public synchronized boolean isRunning() {
    return postmaster.filter(Process::isAlive).isPresent();
  }

  /**
   * Changes a server parameter. It takes effect with the next {@link #restart}, or with {@code
   * SELECT pg_reload_conf()} where the parameter allows it.
   */
  public synchronized void configure(String name, String value) {
    settings.put(name, value);
    try {
      Cluster.writeSettings(directory.data(), settings);
    } catch (IOException e) {
      throw failure("cannot write its settings", e);
    }
  }

  /**
   * Starts the server and waits until it accepts connections, recovery included. One that runs is
   * left alone.
   *
   * @throws UncheckedIOException when it does not start; the message ends with its log's last lines
   */
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    try {
      long deadline = System.nanoTime() + startTimeout.toNanos();
      for (int attempt = 1; ; ) {
        if (port == 0) {
          port = freePort();
        }
        long logStart = directory.logSize();
        if (launch()) {
          return;
        }
        String said = directory.logSince(logStart);
        // A process that was killed lets go of its shared memory a moment after it is gone.
        boolean memoryInUse = said.contains("pre-existing shared memory block");
        // Between freePort() and the server's bind another process may have taken the port.
        boolean portTaken = portIsFree && said.contains("Address already in use");
        if (memoryInUse && System.nanoTime() < deadline) {
          LockSupport.parkNanos(20_000_000);
        } else if (portTaken && attempt < PORT_ATTEMPTS) {
          attempt++;
          port = 0;
        } else {
          throw new IOException("the server ended while starting");
        }
      }
    } catch (IOException e) {
      throw failure("does not start", e);
    }
  }

  /** Whether the server got ready; false when it ended instead. */
  private boolean launch() throws IOException {
    settings.put("port", Integer.toString(port));
    Cluster.writeSettings(directory.data(), settings);
    directory.discardPidFileOfDeadServer();
    Process process = programs.startServer(directory.data(), directory.log());
    postmaster = Optional.of(process);
    long deadline = System.nanoTime() + startTimeout.toNanos();
    while (!directory.isReady(process.pid())) {
      if (awaitExit(process, Duration.ofMillis(5))) {
        return false;
      }
      if (System.nanoTime() > deadline) {
        kill(process);
        throw new IOException("not ready after %d s".formatted(startTimeout.toSeconds()));
      }
    }
    LOG.debug("{} runs on port {} in {}", version, port, directory.data());
    return true;
  }

  /**
   * Stops the server and waits for its end. One that does not run is left alone.
   *
   * @throws UncheckedIOException when it has not stopped after a minute, which in {@link
   *     ShutdownMode#SMART} means that a client is still connected
   */
  public synchronized void stop(ShutdownMode mode) {
    if (!isRunning()) {
      return;
    }
    Process process = postmaster.orElseThrow();
    try {
      programs.signal(mode.signal(), process.pid());
      if (!awaitExit(process, STOP_TIMEOUT)) {
        throw new IOException(
            "still running %d s after a %s shutdown was requested"
                .formatted(STOP_TIMEOUT.toSeconds(), mode));
      }
    } catch (IOException e) {
      throw failure("does not stop", e);
    }
  }

  /** Stops the server and starts it again on the same port, with the settings as they are now. */
  public synchronized void restart(ShutdownMode mode) {
    stop(mode);
    start();
  }

  /**
   * Kills the postmaster and all its children with SIGKILL, as a power failure would; waits until
   * they are gone. {@link #start()} then recovers from the write-ahead log. (The operating system
   * lives on, so what was written and not flushed survives: this tests the server's recovery, not
   * the disk.)
   */
  public synchronized void crash() {
    postmaster.ifPresent(EmbeddedServer::kill);
  }

  /** The last lines that the server wrote to its log. */
  public String logTail(int lines) {
    try {
      List<String> all = directory.logSince(0).lines().toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException e) {
      return "(the server's log cannot be read: %s)".formatted(e);
    }
  }

  /** Stops the server; removes its data directory unless it was named when building. */
  @Override
  public void close() {
    try {
      shutdownHook.ifPresent(Runtime.getRuntime()::removeShutdownHook);
    } catch (IllegalStateException _) {
      return; // The process is ending: the hook does it.
    }
    quit();
  }

  private synchronized void quit() {
    try {
      // What is removed anyway needs no checkpoint. (Killing it would leave its shared memory.)
      stop(directory.isTemporary() ? ShutdownMode.IMMEDIATE : ShutdownMode.FAST);
    } finally {
      crash();
      directory.close();
    }
  }

  private static void kill(Process process) {
    // The postmaster first: it would replace the children that die.
    Stream<ProcessHandle> children = process.descendants();
    Processes.kill(Stream.concat(Stream.of(process.toHandle()), children).toList());
    awaitExit(process, STOP_TIMEOUT);
  }

  private static boolean awaitExit(Process process, Duration timeout) {
    try {
      return process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for PostgreSQL to end", e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private UncheckedIOException failure(String what, IOException cause) {
    String message =
        "%s in %s, port %d, %s: %s%nIts log ends with:%n%s"
            .formatted(
                version,
                directory.data(),
                port,
                what,
                cause.getMessage(),
                logTail(LOG_LINES_IN_ERRORS));
    return new UncheckedIOException(message, cause);
  }
}
