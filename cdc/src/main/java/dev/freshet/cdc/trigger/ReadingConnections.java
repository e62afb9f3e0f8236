package dev.freshet.cdc.trigger;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few connections that are kept open between two readings. Not the pool that refreshes run on: a
 * refresh holds one of that while it reads a buffer, and a pool of which all wait for another
 * connection stands still.
 */
final class ReadingConnections implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReadingConnections.class);
  private static final int KEPT = 4;

  private final SqlConnections connections;
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  ReadingConnections(SqlConnections connections) {
    this.connections = connections;
  }

  interface Reading<T> {
    T read(Connection connection) throws SQLException;
  }

  /** One that was kept may have died meanwhile: the reading is then done on a new one. */
  <T> T with(Reading<T> reading) throws SQLException {
    Connection kept = idle.pollFirst();
    if (kept != null) {
      try {
        T result = reading.read(kept);
        giveBack(kept);
        return result;
      } catch (SQLException e) {
        closeQuietly(kept);
        if (e.getSQLState() != null
            && !e.getSQLState().startsWith("08")
            && !e.getSQLState().startsWith("57")) {
          throw e;
        }
      } catch (RuntimeException e) {
        closeQuietly(kept);
        throw e;
      }
    }
    Connection fresh = connections.open();
    boolean sound = false;
    try {
      T result = reading.read(fresh);
      sound = true;
      return result;
    } finally {
      if (sound) {
        giveBack(fresh);
      } else {
        closeQuietly(fresh);
      }
    }
  }

  private void giveBack(Connection connection) {
    if (closed || idle.size() >= KEPT) {
      closeQuietly(connection);
    } else {
      idle.addFirst(connection);
    }
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      log.debug("closing a reading connection: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Connection next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
      closeQuietly(next);
    }
  }
}
