package dev.freshet.engine;

import dev.freshet.engine.control.RefreshReport;

/**
 * Hears what the engine does, for metrics and live displays. Called on worker threads; be quick.
 */
public interface EngineListener {
  /** After each refresh, failed ones included; no-op ticks of a schedule are not reported. */
  void refreshed(RefreshReport report);

  /** The engine serves: it was started, has taken over, or has attached anew. */
  default void serving() {}
}
