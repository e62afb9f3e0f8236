package dev.freshet.bench;

import dev.freshet.bench.report.Circumstances;
import dev.freshet.bench.report.Machine;
import dev.freshet.bench.server.BenchServer;
import dev.freshet.bench.server.ServerFacts;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * The run of a benchmark: where, how much, and how it tells its progress.
 *
 * @param seed of everything random
 * @param quick end within a minute, at the price of precision
 */
public record BenchRun(
    BenchServer server, long seed, boolean quick, Instant startedAt, Progress progress) {

  /** No checkpoint in the middle of a measurement; the buffers of a small server. */
  public static final Map<String, String> SERVER_SETTINGS =
      Map.of(
          "shared_buffers", "512MB",
          "max_wal_size", "8GB",
          "checkpoint_timeout", "30min");

  public Circumstances circumstances(int warmUp, int cycles) throws SQLException {
    return circumstances(warmUp, cycles, Map.of());
  }

  /**
   * What the figures of this run were measured on.
   *
   * @param deviating settings that this benchmark gave its own sessions
   */
  public Circumstances circumstances(int warmUp, int cycles, Map<String, String> deviating)
      throws SQLException {
    ServerFacts facts;
    try (Connection connection = server.connect()) {
      facts = ServerFacts.of(connection);
    }
    Map<String, String> settings = new TreeMap<>(facts.settings());
    settings.putAll(deviating);
    return new Circumstances(
        startedAt,
        Machine.ofThisProcess(),
        server.embedded().isPresent() ? "embedded" : "own server",
        facts.version(),
        settings,
        seed,
        warmUp,
        cycles,
        quick);
  }
}
