package dev.freshet.sql;

/**
 * The thread was interrupted while it compiled: nothing is known of the query. Its interrupt status
 * is set.
 */
public final class CompilationInterruptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CompilationInterruptedException(Throwable cause) {
    super("interrupted while compiling a query", cause);
  }
}
