package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;

/**
 * Asks the engine that serves a database, from any process that can connect to it. Where no engine
 * runs, the client becomes one for the length of the command.
 */
public final class EngineClient implements AutoCloseable {
  private final FreshetConfig config;

  private EngineClient(FreshetConfig config) {
    this.config = config;
  }

  /**
   * @throws FreshetException if the server cannot be reached or Freshet is not set up there
   */
  public static EngineClient connect(FreshetConfig config) {
    return new EngineClient(config);
  }

  /**
   * @throws FreshetException if the command fails; never returns {@link Reply.Failed}
   */
  public Reply execute(Command command) {
    throw new IllegalStateException("no engine for " + command + " with " + config);
  }

  /** The class, reason, row identity, replica identities and SQL of a query. Changes nothing. */
  public Explanation explain(String streamTableOrQuery) {
    throw new IllegalStateException("cannot explain " + streamTableOrQuery);
  }

  @Override
  public void close() {}
}
