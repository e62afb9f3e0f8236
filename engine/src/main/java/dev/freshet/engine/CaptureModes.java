package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;

/** Decides how changes are captured, for those who look at a server without an engine. */
public final class CaptureModes {
  private CaptureModes() {}

  /**
   * The configuration with the mode that counts: what an operator chose, else what is configured;
   * for {@code auto} the log where it can be read, else triggers.
   *
   * @throws FreshetException if the server cannot be reached
   */
  public static FreshetConfig resolve(FreshetConfig config) {
    return CaptureDecision.of(config).config();
  }
}
