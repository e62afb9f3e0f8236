package dev.freshet.engine.testcontainers;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresProvider;
import dev.freshet.embedded.PostgresServer;
import java.util.Map;

/** Starts servers in containers; public for {@link java.util.ServiceLoader}. */
public final class ContainerProvider implements PostgresProvider {

  @Override
  public String name() {
    return "testcontainers";
  }

  @Override
  public PostgresServer start(PgVersion version, Map<String, String> settings) {
    return ContainerServer.start(version, settings);
  }
}
