package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.engine.catalog.SlotRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * Lets the slot move on, but never beyond what the catalog has durably allowed: that is how a slot
 * which was dropped and created again is told from ours.
 *
 * <p>Cheap on purpose: a limit is stored at most once per tick, and an idle log (less than {@link
 * #STEP_BYTES} of it) is left alone, so that storing the limit does not itself keep the log moving.
 */
final class ConfirmationLimit implements CaptureMode.Upkeep {
  private static final long STEP_BYTES = 1 << 20;

  private final ChangeSource source;
  private final DataSource database;
  private final String slot;
  private final CaptureMode.Frontiers frontiers;
  private final AtomicLong connections = new AtomicLong();
  private long verified;
  private Lsn stored;

  ConfirmationLimit(
      ChangeSource source,
      DataSource database,
      String slot,
      CaptureMode.Frontiers frontiers,
      Lsn stored) {
    this.source = source;
    this.database = database;
    this.frontiers = frontiers;
    this.slot = slot;
    this.stored = stored;
    source.permitConfirmation(stored);
  }

  /**
   * The stream was connected, perhaps to a server that has crashed meanwhile. What the crash undid
   * must not count as durable once the log has passed its old position.
   */
  @Override
  public void connected() {
    connections.incrementAndGet();
  }

  /** Stores a new limit if the log has moved by enough since the last one. */
  @Override
  public synchronized void tick() throws SQLException, InterruptedException {
    raise(STEP_BYTES);
  }

  /** Stores whatever can be confirmed now, however little: at shutdown. */
  @Override
  public synchronized void finish() throws SQLException, InterruptedException {
    raise(1);
  }

  private void raise(long stepBytes) throws SQLException, InterruptedException {
    long connection = connections.get();
    if (connection != verified) {
      if (!frontiers.areStored()) {
        return;
      }
      verified = connection;
    }
    Lsn wanted = source.confirmable();
    if (wanted.bytesSince(stored) >= stepBytes && connection == connections.get()) {
      store(wanted);
    }
  }

  /** Flushed here is enough: a standby that takes over is another timeline. */
  private void store(Lsn limit) throws SQLException {
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute("SET synchronous_commit = local");
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
