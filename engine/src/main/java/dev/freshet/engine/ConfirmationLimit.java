package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.engine.catalog.SlotRecord;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Lets the slot move on, but never beyond what the catalog has durably allowed: that is how a slot
 * which was dropped and created again is told from ours.
 *
 * <p>Cheap on purpose: a limit is stored at most once per tick, and an idle log (less than {@link
 * #STEP_BYTES} of it) is left alone, so that storing the limit does not itself keep the log moving.
 */
final class ConfirmationLimit {
  private static final long STEP_BYTES = 1 << 20;

  private final ChangeSource source;
  private final DataSource connections;
  private final String slot;
  private Lsn stored;

  ConfirmationLimit(ChangeSource source, DataSource connections, String slot, Lsn stored) {
    this.source = source;
    this.connections = connections;
    this.slot = slot;
    this.stored = stored;
    source.permitConfirmation(stored);
  }

  /** Stores a new limit if the log has moved by enough since the last one. */
  synchronized void tick() throws SQLException {
    Lsn wanted = source.confirmable();
    if (wanted.bytesSince(stored) >= STEP_BYTES) {
      store(wanted);
    }
  }

  /** Stores whatever can be confirmed now, however little: at shutdown. */
  synchronized void finish() throws SQLException {
    Lsn wanted = source.confirmable();
    if (wanted.isAfter(stored)) {
      store(wanted);
    }
  }

  private void store(Lsn limit) throws SQLException {
    try (Connection connection = connections.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = on");
      try {
        SlotRecord.raiseLimit(connection, slot, limit);
      } finally {
        statement.execute("RESET synchronous_commit");
      }
    }
    stored = limit;
    source.permitConfirmation(limit);
  }
}
