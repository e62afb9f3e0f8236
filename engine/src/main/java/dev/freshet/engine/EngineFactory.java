package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;

final class EngineFactory {
  private EngineFactory() {}

  static Engine open(FreshetConfig config) {
    throw new IllegalStateException("engine not assembled for " + config);
  }
}
