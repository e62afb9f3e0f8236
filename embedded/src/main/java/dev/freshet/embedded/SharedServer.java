package dev.freshet.embedded;

import java.util.EnumMap;
import java.util.Map;

/**
 * One server per version for all tests of a JVM, started when first asked for and stopped when the
 * JVM ends. Each test takes a database of its own from it:
 *
 * <pre>{@code
 * try (Database database = SharedServer.of(PgVersion.V18).freshDatabase()) { … }
 * }</pre>
 *
 * <p>A test that restarts, crashes or reconfigures its server starts one of its own.
 */
public final class SharedServer {

  /** Tests need no durability across a power failure, only across a crash of the server. */
  private static final Map<String, String> SETTINGS = Map.of("fsync", "off");

  private static final Map<PgVersion, PostgresServer> RUNNING = new EnumMap<>(PgVersion.class);

  private SharedServer() {}

  /** The server of this version; everybody gets the same one. Nobody closes it. */
  public static PostgresServer of(PgVersion version) {
    synchronized (RUNNING) {
      return RUNNING.computeIfAbsent(
          version, wanted -> PostgresProvider.chosen().start(wanted, SETTINGS));
    }
  }
}
