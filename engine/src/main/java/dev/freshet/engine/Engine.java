package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.Reply;

/**
 * A running engine: the only one that refreshes its database (it holds an advisory lock).
 *
 * <p>{@link #open} attaches (lock, catalog, slot, change stream); {@link #start} begins schedules
 * and serves commands of other processes; {@link #close} stops after the refreshes under way.
 *
 * <p>What happens to slot, server and lock meanwhile is healed where that is safe, and waited out
 * where it is not; {@link #status} tells.
 */
public interface Engine extends AutoCloseable {

  /**
   * Attaches to the configured database.
   *
   * @throws FreshetException if the server is not reachable or not ready, Freshet is not set up
   *     there, or another engine serves it ({@link FreshetException.Kind#BUSY})
   */
  static Engine open(FreshetConfig config) {
    return EngineFactory.open(config);
  }

  /**
   * The same, but where another engine serves the database, this one waits until that ends and
   * takes over by itself.
   */
  static Engine standBy(FreshetConfig config) {
    return EngineFactory.standBy(config);
  }

  /**
   * Starts the schedules and the command queue, and creates stream tables the configuration names.
   */
  void start();

  /**
   * Executes {@code command} in this process.
   *
   * @throws FreshetException if it fails; never returns {@link Reply.Failed}
   */
  Reply execute(Command command);

  EngineStatus status();

  void addListener(EngineListener listener);

  /** Whether the change stream works and no stream table has failed, for the health endpoint. */
  boolean healthy();

  @Override
  void close();
}
