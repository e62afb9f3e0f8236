package dev.freshet.engine.testcontainers;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** A server in a container of the official image. */
final class ContainerServer implements PostgresServer {

  private static final Map<String, String> LOGICAL_DECODING =
      Map.of(
          "wal_level", "logical",
          "max_wal_senders", "20",
          "max_replication_slots", "20",
          "max_prepared_transactions", "20");

  private final PgVersion version;
  private final PostgreSQLContainer container;

  private ContainerServer(PgVersion version, PostgreSQLContainer container) {
    this.version = version;
    this.container = container;
  }

  static ContainerServer start(PgVersion version, Map<String, String> settings) {
    List<String> command = new ArrayList<>(List.of("postgres"));
    LOGICAL_DECODING.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    PostgreSQLContainer container =
        new PostgreSQLContainer("postgres:" + version.major())
            .withUsername(SUPERUSER)
            .withDatabaseName(SUPERUSER)
            .withEnv("POSTGRES_HOST_AUTH_METHOD", "trust")
            .withCommand(command.toArray(String[]::new));
    container.start();
    return new ContainerServer(version, container);
  }

  @Override
  public PgVersion version() {
    return version;
  }

  @Override
  public String host() {
    return container.getHost();
  }

  @Override
  public int port() {
    return container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
  }

  @Override
  public void close() {
    container.stop();
  }
}
