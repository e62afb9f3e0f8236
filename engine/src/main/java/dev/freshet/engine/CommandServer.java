package dev.freshet.engine;

import dev.freshet.config.DatabaseConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.CommandQueue;
import dev.freshet.engine.control.CommandQueue.Waiting;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the lock that makes this process the engine of its database, and serves the command queue
 * on the same connection.
 *
 * <p>If the connection breaks, the lock is gone with it: nothing is refreshed until it is held
 * again.
 */
final class CommandServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandServer.class);
  private static final int POLL_MILLIS = 500;

  /** A predecessor that was killed leaves its lock as soon as the server notices. */
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(1);

  private static final Duration RECONNECT_PAUSE = Duration.ofMillis(500);

  private final DatabaseConfig database;
  private final DataSource connections;
  private final CommandQueue queue;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private volatile Connection session;
  private volatile boolean locked;
  private volatile boolean closed;
  private volatile @Nullable Thread thread;

  /**
   * Takes the lock.
   *
   * @throws FreshetException BUSY if another engine serves the database
   */
  CommandServer(DatabaseConfig database, DataSource connections, CommandQueue queue) {
    this.database = database;
    this.connections = connections;
    this.queue = queue;
    this.session = Connections.open(database);
    try {
      if (!lock()) {
        session.close();
        throw FreshetException.of(
            Kind.BUSY,
            "another Freshet engine serves database " + database.name(),
            "stop it first; commands like create and refresh reach it by themselves");
      }
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "take the engine's lock");
    }
  }

  private boolean lock() throws SQLException {
    long deadline = System.nanoTime() + LOCK_PATIENCE.toNanos();
    while (!CommandQueue.tryLock(session)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    locked = true;
    return true;
  }

  /** Whether this process still is the engine. */
  boolean holdsLock() {
    return locked;
  }

  /** Begins to serve: each command runs on a thread of its own. */
  void serve(Function<Command, Reply> handler) {
    thread = Thread.ofPlatform().name("freshet-commands").daemon().start(() -> loop(handler));
  }

  private void loop(Function<Command, Reply> handler) {
    long last = -1;
    boolean listening = false;
    while (!closed) {
      try {
        if (!locked) {
          reconnect();
          listening = false;
        }
        if (!listening) {
          listen();
          listening = true;
        }
        for (Waiting waiting : queue.waiting(session, last)) {
          last = waiting.id();
          executor.execute(() -> answer(waiting, handler));
        }
        session.unwrap(PGConnection.class).getNotifications(POLL_MILLIS);
      } catch (SQLException e) {
        if (!closed) {
          locked = false;
          LOG.warn("lost the command connection, connecting again: {}", e.getMessage());
          pause();
        }
      } catch (FreshetException e) {
        LOG.warn("cannot become the engine again: {}", e.getMessage());
        pause();
      }
    }
  }

  private void listen() throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("LISTEN " + CommandQueue.COMMANDS);
    }
  }

  private void reconnect() throws SQLException {
    session.close();
    session = Connections.open(database);
    if (!lock()) {
      throw FreshetException.of(
          Kind.BUSY, "another engine has taken over " + database.name(), "stop one of the two");
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RECONNECT_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(Waiting waiting, Function<Command, Reply> handler) {
    Reply reply = handler.apply(waiting.command());
    for (int attempt = 1; attempt <= 3; attempt++) {
      try (Connection connection = connections.getConnection()) {
        queue.answer(connection, waiting.id(), reply);
        return;
      } catch (SQLException e) {
        LOG.warn("cannot answer command {}: {}", waiting.id(), e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    locked = false;
    Thread serving = thread;
    if (serving != null) {
      serving.interrupt();
    }
    executor.close();
    try {
      session.close();
    } catch (SQLException e) {
      LOG.debug("closing the command connection: {}", e.getMessage());
    }
  }
}
