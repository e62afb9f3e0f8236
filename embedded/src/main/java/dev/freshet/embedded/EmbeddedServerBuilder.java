package dev.freshet.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an {@link EmbeddedServer} shall be like. Not safe for use by several threads. */
public final class EmbeddedServerBuilder {

  final PgVersion version;
  final Map<String, String> settings = new LinkedHashMap<>();
  int port;
  boolean shutdownHook = true;
  Duration startTimeout = Duration.ofSeconds(60);
  private final List<String> hba = new ArrayList<>();
  private Optional<Path> dataDirectory = Optional.empty();
  private ServerCache cache = ServerCache.ofUser();
  private boolean ownSystemIdentifier;
  private Optional<EmbeddedServer> primary = Optional.empty();

  EmbeddedServerBuilder(PgVersion version) {
    this.version = version;
    settings.put("wal_level", "logical");
    settings.put("max_wal_senders", "20");
    settings.put("max_replication_slots", "20");
    settings.put("max_prepared_transactions", "20");
    settings.put("max_connections", "100");
    settings.put("shared_buffers", "256MB");
    settings.put("listen_addresses", "127.0.0.1");
    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    settings.put("log_line_prefix", "%m [%p] %q%u@%d ");
  }

  /**
   * Sets a server parameter, over the default: {@code wal_level=logical}, 20 walsenders, slots and
   * prepared transactions, 100 connections, 256 MB of shared buffers, durable commits.
   */
  public EmbeddedServerBuilder setting(String name, String value) {
    settings.put(name, value);
    return this;
  }

  /** Listens on this TCP port; 0, the default, takes a free one. */
  public EmbeddedServerBuilder port(int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("A TCP port lies between 0 and 65535, not " + port);
    }
    this.port = port;
    return this;
  }

  /**
   * Keeps the data here, and continues with what is there; the default is a temporary directory
   * that is removed on close.
   */
  public EmbeddedServerBuilder dataDirectory(Path directory) {
    dataDirectory = Optional.of(directory.toAbsolutePath().normalize());
    return this;
  }

  /**
   * Puts lines before the ones of {@code pg_hba.conf} that let everyone in without a password, for
   * instance {@code host all app 127.0.0.1/32 scram-sha-256}.
   */
  public EmbeddedServerBuilder hba(String... lines) {
    hba.addAll(List.of(lines));
    return this;
  }

  /**
   * Runs {@code initdb} for this server alone (a second or more), so that its system identifier
   * differs from every other server's; by default clusters are copies of one template.
   */
  public EmbeddedServerBuilder ownSystemIdentifier() {
    ownSystemIdentifier = true;
    return this;
  }

  /**
   * Makes a standby that follows {@code primary}, of which the data is copied: it must be stopped,
   * and may be started as soon as this one runs. The standby accepts connections for reading;
   * {@code SELECT pg_promote()} makes it a primary.
   */
  public EmbeddedServerBuilder standbyOf(EmbeddedServer stoppedPrimary) {
    primary = Optional.of(stoppedPrimary);
    settings.put(
        "primary_conninfo",
        "host=127.0.0.1 port=%d user=%s dbname=postgres"
            .formatted(stoppedPrimary.port(), PostgresServer.SUPERUSER));
    return this;
  }

  /**
   * Leaves the server running while the JVM shuts down, for a program that still needs it in a
   * shutdown hook of its own, where it must then close it. By default a hook stops the server.
   */
  public EmbeddedServerBuilder withoutShutdownHook() {
    shutdownHook = false;
    return this;
  }

  /** How long a start, recovery included, may take; the default is a minute. */
  public EmbeddedServerBuilder startTimeout(Duration timeout) {
    startTimeout = timeout;
    return this;
  }

  /** Keeps unpacked binaries and template clusters somewhere else than in the user's cache. */
  EmbeddedServerBuilder cache(Path directory) {
    cache = new ServerCache(directory);
    return this;
  }

  /**
   * Makes the data directory where there is none and starts the server.
   *
   * @throws UncheckedIOException when there are no binaries for the version and this system, when
   *     the data directory cannot be made, or when the server does not start
   */
  public EmbeddedServer start() {
    EmbeddedServer server = build();
    try {
      server.start();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private EmbeddedServer build() {
    ServerDirectory directory = null;
    try {
      ServerPrograms programs = new ServerPrograms(Binaries.installed(version, cache));
      directory =
          dataDirectory.isPresent()
              ? ServerDirectory.kept(dataDirectory.get())
              : ServerDirectory.temporary();
      if (primary.isPresent()) {
        Cluster.copyForStandby(primary.get().dataDirectory(), directory.data());
      } else if (!directory.hasCluster()) {
        Cluster.create(programs, cache, directory.data(), ownSystemIdentifier);
      }
      Cluster.writeHba(directory.data(), hba);
      settings.put("unix_socket_directories", directory.socket().toString());
      return new EmbeddedServer(this, programs, directory);
    } catch (IOException e) {
      if (directory != null) {
        directory.close();
      }
      throw new UncheckedIOException("Cannot set up %s: %s".formatted(version, e.getMessage()), e);
    }
  }
}
