package dev.freshet.cdc.wal;

import dev.freshet.cdc.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A slot that is there, whole, ours and free, and the server that it is on.
 *
 * @param end where the server's flushed log ends
 * @param start where it was confirmed
 */
public record SlotInspection(Identity identity, Lsn end, Lsn start) {
  private static final long PAUSE_MILLIS = 50;

  /** Which server and which history of it. */
  public record Identity(String systemIdentifier, int timeline) {
    @Override
    public String toString() {
      return "system %s, timeline %d".formatted(systemIdentifier, timeline);
    }
  }

  /**
   * Looks at the slot and the publication.
   *
   * @throws CaptureException telling what is wrong and what to do
   */
  public static SlotInspection of(ReplicationConnections connections, WalOptions options) {
    try (Connection connection = connections.open()) {
      return on(connection, options);
    } catch (SQLException e) {
      throw CaptureErrors.explain(e, options);
    }
  }

  /** Waits while another connection holds the slot, as long as the options say. */
  public static SlotInspection patiently(ReplicationConnections connections, WalOptions options) {
    long deadline = System.nanoTime() + options.slotWait().toNanos();
    while (true) {
      try {
        return of(connections, options);
      } catch (CaptureException e) {
        if (!e.isBusy() || System.nanoTime() > deadline) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CaptureException.interrupted("interrupted while the slot was in use");
    }
  }

  static SlotInspection on(Connection connection, WalOptions options) throws SQLException {
    return ReplicationSession.inspect(connection, options);
  }

  /**
   * Why what was received, or is still to be, need not be of the history that it was of.
   *
   * @param received how far that history is known
   * @param confirmed how far the slot may have been confirmed
   */
  public Optional<String> differsFrom(
      @Nullable Identity server, Lsn received, Lsn confirmed, String slot) {
    if (!identity.equals(server)) {
      return Optional.of(
          "the server is another one, or on another timeline: was %s, is %s"
              .formatted(server, identity));
    }
    if (end.isBefore(received)) {
      return Optional.of(
          "the server's log ends at %s, before %s that was received: it was set back to an older copy"
              .formatted(end, received));
    }
    return beyond(confirmed, slot);
  }

  /** Whether somebody else confirmed more than was to be. */
  public Optional<String> beyond(Lsn confirmed, String slot) {
    return start.isAfter(confirmed)
        ? Optional.of(
            "replication slot \"%s\" stands at %s, beyond what was confirmed: somebody moved it or made it anew"
                .formatted(slot, start))
        : Optional.empty();
  }
}
