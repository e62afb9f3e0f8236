package dev.freshet.engine;

import java.util.Optional;

/**
 * A failure of operation, told so that a person can act: what, where, and what to do.
 *
 * <p>Never used for programming errors; those crash.
 */
public final class FreshetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, in the terms a caller can branch on. */
  public enum Kind {
    /** PostgreSQL rejected the defining query; its message, position and SQLSTATE are passed on. */
    BAD_QUERY,
    /** The query is valid SQL but cannot be a stream table (volatile, FOR UPDATE, …). */
    UNSUPPORTED_QUERY,
    UNKNOWN_STREAM_TABLE,
    NAME_TAKEN,
    /** Other stream tables read the one that is to be dropped or altered. */
    HAS_DEPENDENTS,
    MISSING_PRIVILEGE,
    /** wal_level, slots, senders, version, publication, replica identity. */
    SERVER_NOT_READY,
    /** Cannot connect, or not with this password. */
    CONNECTION,
    BAD_SETTING,
    /** Another session holds a lock that is needed, for longer than the configured time. */
    BUSY,
    /** Anything PostgreSQL said that fits nowhere else. */
    SERVER_ERROR,
    NOT_INITIALISED,
    TIMEOUT
  }

  private final Kind kind;
  private final String remedy;
  private final Optional<String> sqlState;
  private final Optional<Integer> position;

  private FreshetException(
      Kind kind,
      String message,
      String remedy,
      Optional<String> sqlState,
      Optional<Integer> position,
      @org.jspecify.annotations.Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.remedy = remedy;
    this.sqlState = sqlState;
    this.position = position;
  }

  public static FreshetException of(Kind kind, String message, String remedy) {
    return new FreshetException(kind, message, remedy, Optional.empty(), Optional.empty(), null);
  }

  public static FreshetException of(Kind kind, String message, String remedy, Throwable cause) {
    return new FreshetException(kind, message, remedy, Optional.empty(), Optional.empty(), cause);
  }

  /**
   * @param position of the error in the query's text, in characters from 1, if the server told
   */
  public static FreshetException fromServer(
      Kind kind,
      String message,
      String remedy,
      String sqlState,
      Optional<Integer> position,
      Throwable cause) {
    return new FreshetException(kind, message, remedy, Optional.of(sqlState), position, cause);
  }

  /** As it came from another process. */
  public static FreshetException received(
      Kind kind,
      String message,
      String remedy,
      Optional<String> sqlState,
      Optional<Integer> position) {
    return new FreshetException(kind, message, remedy, sqlState, position, null);
  }

  public Kind kind() {
    return kind;
  }

  /** What to do about it; empty if there is nothing to say. */
  public String remedy() {
    return remedy;
  }

  public Optional<String> sqlState() {
    return sqlState;
  }

  public Optional<Integer> position() {
    return position;
  }
}
