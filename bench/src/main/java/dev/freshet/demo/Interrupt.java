package dev.freshet.demo;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C as a request: the first one runs an action instead of ending the process, the second one
 * ends it. A shutdown hook would not do: all hooks run at the same time, also the one that stops
 * the server which is still needed.
 */
final class Interrupt implements AutoCloseable {
  private static final Signal SIGINT = new Signal("INT");

  private final SignalHandler before;

  private Interrupt(SignalHandler before) {
    this.before = before;
  }

  /** Until it is closed, the next Ctrl-C runs {@code action} on a thread of the JVM. */
  static Interrupt handledBy(Runnable action) {
    return new Interrupt(
        Signal.handle(
            SIGINT,
            _ -> {
              Signal.handle(SIGINT, SignalHandler.SIG_DFL);
              action.run();
            }));
  }

  @Override
  public void close() {
    Signal.handle(SIGINT, before);
  }
}
