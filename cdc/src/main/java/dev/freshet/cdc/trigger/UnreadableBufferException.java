package dev.freshet.cdc.trigger;

import java.sql.SQLException;

/** A buffer could not be read. */
public final class UnreadableBufferException extends RuntimeException {
  private final SQLException failure;

  UnreadableBufferException(SQLException failure) {
    super("cannot read captured changes: " + failure.getMessage(), failure);
    this.failure = failure;
  }

  /** What the server or the connection said. */
  public SQLException failure() {
    return failure;
  }
}
