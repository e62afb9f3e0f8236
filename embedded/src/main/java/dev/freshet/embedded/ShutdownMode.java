package dev.freshet.embedded;

/**
 * How a server is asked to stop (PostgreSQL manual, "Shutting Down the Server"). For a death
 * without any shutdown see {@link EmbeddedServer#crash()}.
 */
public enum ShutdownMode {
  /** Waits until every client has gone, replication clients included. */
  SMART,
  /** Rolls open transactions back, disconnects the clients, writes a checkpoint. */
  FAST,
  /** Quits without a checkpoint; the next start recovers from the write-ahead log. */
  IMMEDIATE;

  /** The signal by which the postmaster is asked. */
  String signal() {
    return switch (this) {
      case SMART -> "TERM";
      case FAST -> "INT";
      case IMMEDIATE -> "QUIT";
    };
  }
}
