package dev.freshet.sql.parse;

/** A construct that is not maintained incrementally; the message names it, for {@code explain}. */
public final class UnsupportedQueryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnsupportedQueryException(String reason) {
    super(reason);
  }
}
