package dev.freshet.engine.refresh;

/**
 * A transaction that the decoder received before the stream table was registered is not visible to
 * the snapshot yet: its changes would be in neither. A snapshot taken a little later sees it.
 */
public final class SnapshotTooOldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SnapshotTooOldException() {
    super("the snapshot does not see everything that was received before registration");
  }
}
