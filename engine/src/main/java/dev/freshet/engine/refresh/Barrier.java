package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.engine.refresh.Capture.Marking;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * Waits until the decoder has received every transaction that a snapshot sees.
 *
 * <p>From PostgreSQL 17 the opening statement itself emits a flushed marker. Before, a message
 * cannot flush: a small synchronous commit on another connection follows the snapshot instead, and
 * its commit record is the marker. {@code synchronous_commit = local} flushes without waiting for a
 * standby.
 */
final class Barrier {
  private static final String COMMIT_MARKER = "SELECT pg_logical_emit_message(true, 'freshet', ?)";

  private final ChangeSource source;
  private final DataSource connections;
  private final Marking marking;
  private final String prefix = UUID.randomUUID().toString();
  private final AtomicLong number = new AtomicLong();

  Barrier(ChangeSource source, DataSource connections, Marking marking) {
    this.source = source;
    this.connections = connections;
    this.marking = marking;
  }

  /** Whether what a snapshot sees may not have been received yet. */
  boolean isNeeded() {
    return marking != Marking.UNNEEDED;
  }

  /** A token that no other engine or refresh uses. */
  String newToken() {
    return prefix + "/" + number.incrementAndGet();
  }

  /** False if the marker did not arrive in time or the stream was interrupted. */
  boolean await(String token, Duration timeout) throws SQLException, InterruptedException {
    if (marking == Marking.BY_COMMIT) {
      try (Connection connection = connections.getConnection();
          PreparedStatement statement =
              connection.prepareStatement("SET synchronous_commit = local")) {
        statement.execute();
        try (PreparedStatement emit = connection.prepareStatement(COMMIT_MARKER)) {
          emit.setString(1, token);
          emit.execute();
        } finally {
          reset(connection);
        }
      }
    }
    return source.awaitBarrier(token, timeout);
  }

  private static void reset(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("RESET synchronous_commit")) {
      statement.execute();
    }
  }
}
