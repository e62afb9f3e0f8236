package dev.freshet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.bench.decode.DecodeBenchmark;
import dev.freshet.bench.freshness.FreshnessBenchmark;
import dev.freshet.bench.matrix.Cycles;
import dev.freshet.bench.matrix.MatrixBenchmark;
import dev.freshet.bench.matrix.Scenario;
import dev.freshet.bench.noop.NoopBenchmark;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.scale.ScaleBenchmark;
import dev.freshet.bench.server.BenchServer;
import dev.freshet.bench.tpch.TpchBenchmark;
import dev.freshet.bench.writers.WritersBenchmark;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each benchmark in its smallest size: what it measures is right, whatever it costs. */
class BenchmarksTest {
  private static final List<Scenario> ALL = Arrays.asList(Scenario.values());

  private final PostgresServer server = SharedServer.of(PgVersion.V18);

  private BenchReport run(Benchmark benchmark) throws SQLException {
    String url = server.jdbcUrl(PostgresServer.SUPERUSER);
    return benchmark.run(
        new BenchRun(BenchServer.at(url), 7, false, Instant.EPOCH, Progress.silent()));
  }

  private static void assertRight(BenchReport report) {
    assertThat(report.faults()).isEmpty();
    assertThat(report.lines())
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).containsEntry("equal", true));
  }

  private static Map<String, Object> line(BenchReport report, String key, Object value) {
    return report.lines().stream()
        .filter(line -> value.equals(line.get(key)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line with " + key + " = " + value));
  }

  @Test
  void tpchTellsClassAndTimesOfEachQuery() throws SQLException {
    BenchReport report =
        run(new TpchBenchmark(0.01, List.of(1, 18), List.of(0.01), new Cycles(0, 1)));
    assertRight(report);
    assertThat(line(report, "contender", "wal"))
        .containsEntry("query", "q01")
        .containsEntry("class", "algebraic")
        .containsEntry("modes", Map.of("INCREMENTAL", 1));
    assertThat(report.lines())
        .filteredOn(line -> "q18".equals(line.get("query")))
        .extracting(line -> line.get("contender"))
        .contains("full", "rmv", "auto");
    assertThat(report.tables().getFirst().rows()).hasSize(2);
  }

  /** A forgotten slot would retain log until the disk is full. */
  @AfterEach
  void leavesNoSlotAndNoDatabaseBehind() throws SQLException {
    try (Connection connection = server.connect(PostgresServer.SUPERUSER);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT (SELECT count(*) FROM pg_replication_slots)
                  + (SELECT count(*) FROM pg_database WHERE datname LIKE 'freshet%')\
                """)) {
      row.next();
      assertThat(row.getLong(1)).isZero();
    }
  }

  @Test
  void matrixRefreshesEveryContenderToTheSameResult() throws SQLException {
    BenchReport report =
        run(
            new MatrixBenchmark(
                List.of(Scenario.SCAN, Scenario.JOIN_AGG),
                List.of(500),
                List.of(0.1),
                List.of("off"),
                new Cycles(1, 2),
                true));
    assertRight(report);
    assertThat(report.lines())
        .extracting(line -> line.get("contender"))
        .contains(
            "full", "rmv", "rmvc", "wal", "trigger", "auto", "rebuild", "auto_rebuild", "wal_cold");
    assertThat(report.lines())
        .allSatisfy(line -> assertThat((Long) line.get("delta_rows")).isPositive());
    assertThat(report.tables()).hasSize(2);
    assertThat(report.chart()).isPresent();
  }

  @Test
  void noopSendsNoStatementForATick() throws SQLException {
    BenchReport report = run(new NoopBenchmark(Duration.ofMillis(300), 5));
    assertRight(report);
    assertThat(line(report, "case", "tick")).containsEntry("ticks", 1_500L);
    assertThat(line(report, "case", "manual")).containsEntry("calls", 5);
  }

  @Test
  void writersAreMeasuredWithAndWithoutCapture() throws SQLException {
    BenchReport report = run(new WritersBenchmark(List.of("on"), 1, Duration.ofMillis(400)));
    assertRight(report);
    assertThat(report.lines())
        .extracting(line -> line.get("contender"))
        .containsExactly("nothing", "wal_default", "wal_full", "trigger_rows", "trigger_sums");
    assertThat(report.lines())
        .allSatisfy(line -> assertThat((Double) line.get("p50_ms")).isPositive());
  }

  @Test
  void freshnessIsMeasuredInEveryStreamTable() throws SQLException {
    BenchReport report =
        run(new FreshnessBenchmark(Duration.ofMillis(200), Duration.ofMillis(800), 1_000, 200));
    assertRight(report);
    assertThat(report.lines()).hasSize(ALL.size());
  }

  @Test
  void decodeAccountsForEveryChange() throws SQLException {
    BenchReport report = run(new DecodeBenchmark(5_000, 1));
    assertRight(report);
    assertThat(report.lines())
        .extracting(line -> line.get("contender"))
        .contains("freshet", "pgjdbc stream");
  }

  @Test
  void scaleChangesTheSameNumberOfRowsInEverySize() throws SQLException {
    BenchReport report = run(new ScaleBenchmark(ALL, List.of(500, 2_000), 50, new Cycles(0, 2)));
    assertRight(report);
    assertThat(report.lines()).hasSize(2 * ALL.size());
  }
}
