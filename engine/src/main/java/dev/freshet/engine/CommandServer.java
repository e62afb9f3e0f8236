package dev.freshet.engine;

import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.CommandQueue;
import dev.freshet.engine.control.CommandQueue.Waiting;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the command queue on the session that holds the engine's lock. */
final class CommandServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommandServer.class);
  private static final int POLL_MILLIS = 500;

  /** Where replies are written. */
  @FunctionalInterface
  interface Replies {
    Connection open() throws SQLException;
  }

  private final CommandQueue queue;
  private final Replies replies;
  private final Function<Command, Reply> handler;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private long last = -1;

  CommandServer(CommandQueue queue, Replies replies, Function<Command, Reply> handler) {
    this.queue = queue;
    this.replies = replies;
    this.handler = handler;
  }

  /** On a new session. */
  void listen(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("LISTEN " + CommandQueue.COMMANDS);
    }
  }

  /** Begins what waits, each command on a thread of its own, and waits a little for more. */
  void poll(Connection session) throws SQLException {
    for (Waiting waiting : queue.waiting(session, last)) {
      last = waiting.id();
      executor.execute(() -> answer(waiting));
    }
    session.unwrap(PGConnection.class).getNotifications(POLL_MILLIS);
  }

  private void answer(Waiting waiting) {
    Reply reply = handler.apply(waiting.command());
    for (int attempt = 1; attempt <= 3; attempt++) {
      try (Connection connection = replies.open()) {
        queue.answer(connection, waiting.id(), reply);
        return;
      } catch (SQLException | FreshetException e) {
        LOG.warn("cannot answer command {}: {}", waiting.id(), e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    executor.close();
  }
}
