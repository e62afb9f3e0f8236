package dev.freshet.embedded;

import java.util.Map;

/** Starts servers from unpacked binaries. */
final class EmbeddedProvider implements PostgresProvider {

  @Override
  public String name() {
    return "embedded";
  }

  @Override
  public PostgresServer start(PgVersion version, Map<String, String> settings) {
    EmbeddedServerBuilder builder = EmbeddedServer.builder(version);
    settings.forEach(builder::setting);
    return builder.start();
  }
}
