package dev.freshet.config;

/**
 * Where metrics and health are served.
 *
 * @param port 0: not at all
 */
public record AdminConfig(String bindAddress, int port) {
  public AdminConfig {
    Settings.ENGINE_ADMIN_BIND_ADDRESS.require(bindAddress);
    Settings.ENGINE_ADMIN_PORT.require(port);
  }

  public boolean enabled() {
    return port != 0;
  }
}
