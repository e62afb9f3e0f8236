package dev.freshet.engine.refresh;

/**
 * A source's description changed between compiling and refreshing; nothing was written. The query
 * is to be analysed again.
 */
public final class SourcesChangedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SourcesChangedException() {
    super("a source was altered");
  }
}
