package dev.freshet.cli;

/** What the process returns to its caller. */
public final class ExitCode {
  /** Done; nothing to complain about. */
  public static final int OK = 0;

  /** Done, and a problem was found: an audit with differences, a check that failed. */
  public static final int PROBLEM = 1;

  /** Not begun: wrong usage, configuration or query. */
  public static final int USAGE = 2;

  /** The server, or the engine that serves it, cannot do it: connection, privilege, lock, state. */
  public static final int SERVER = 3;

  /** A fault of Freshet itself. */
  public static final int FAULT = 70;

  private ExitCode() {}
}
