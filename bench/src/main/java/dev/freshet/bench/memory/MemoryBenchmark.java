package dev.freshet.bench.memory;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.Benchmark;
import dev.freshet.bench.matrix.SourceTables;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.bench.server.Comparison;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.cdc.Lsn;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A burst of changes that is many times larger than the engine's heap.
 *
 * <p>Two stream tables wait for it, one that mirrors the rows and one that sums them up. Four
 * fifths of the changes come in transactions of a thousand rows, the last fifth in one transaction.
 * Then both are refreshed from what was kept: a full refresh would mean that something was lost.
 *
 * @param changes changed rows in the burst
 * @param heapMegabytes heap of the engine's process
 * @param rows rows of the table that changes
 * @param rounds small batches before and after, by which its speed is told
 */
record MemoryBenchmark(int changes, int heapMegabytes, int rows, int rounds) implements Benchmark {
  private static final int TRANSACTION_ROWS = 1_000;
  private static final int BATCH_ROWS = 10_000;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Map<String, String> QUERIES =
      Map.of(
          "public.st_rows", "SELECT id, region, amount FROM src",
          "public.st_sums",
              "SELECT region, sum(amount) AS total, count(*) AS n FROM src GROUP BY region");

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    run.progress().expect(6);
    try (BenchDatabase database = run.server().createDatabase("memory", Map.of());
        Connection connection = database.connect();
        ChildEngine engine = ChildEngine.launch(database, heapMegabytes)) {
      run.progress().step("making %,d rows and two stream tables".formatted(rows));
      SourceTables.create(connection, rows, run.seed());
      QUERIES.forEach((name, query) -> engine.create(name, query, Map.of("schedule", "manual")));
      Findings findings = new Findings(this);
      run.progress().step("measuring the speed before");
      findings.before(speed(engine, connection));
      try (StatusWatch watch = StatusWatch.of(engine)) {
        run.progress().step("writing %,d changes".formatted(changes));
        findings.written(burst(connection));
        run.progress().step("receiving what is left of them");
        findings.received(receive(engine, connection));
        findings.watched(watch);
      }
      run.progress().step("refreshing from what is staged");
      for (String name : QUERIES.keySet()) {
        long start = System.nanoTime();
        RefreshReport report = engine.refresh(name);
        findings.refreshed(name, report, seconds(start));
      }
      findings.equal(areEqual(connection));
      findings.heap(engine.heap());
      run.progress().step("measuring the speed after");
      findings.after(speed(engine, connection));
      findings.equal(areEqual(connection));
      return findings.report(run);
    }
  }

  /** Changed rows per second, from the first statement to both stream tables showing them. */
  private double speed(ChildEngine engine, Connection connection) throws SQLException {
    List<Double> rates = new ArrayList<>();
    for (int round = -1; round < rounds; round++) {
      long start = System.nanoTime();
      int from = (round + 1) * BATCH_ROWS % rows;
      update(connection, from, from + BATCH_ROWS);
      for (String name : QUERIES.keySet()) {
        RefreshReport report = engine.refresh(name);
        if (report.mode() != Mode.INCREMENTAL) {
          throw new IllegalStateException(name + " was not followed: " + report.reason());
        }
      }
      if (round >= 0) { // The first one warms up.
        rates.add(BATCH_ROWS / seconds(start));
      }
    }
    return Samples.of(rates).median();
  }

  /** Writes the burst; returns the seconds it took. */
  private double burst(Connection connection) throws SQLException {
    long start = System.nanoTime();
    int small = changes / 5 * 4;
    for (int written = 0; written < small; written += TRANSACTION_ROWS) {
      int from = written % rows;
      update(connection, from, from + Math.min(TRANSACTION_ROWS, small - written));
    }
    connection.setAutoCommit(false);
    for (int left = changes - small; left > 0; left -= rows) {
      update(connection, 0, Math.min(rows, left));
    }
    connection.commit();
    connection.setAutoCommit(true);
    return seconds(start);
  }

  private static void update(Connection connection, int from, int to) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "UPDATE src SET amount = amount + 1 WHERE id > %d AND id <= %d".formatted(from, to));
    }
  }

  /** Waits until everything is in the buffer or staged; returns the seconds it took. */
  private static double receive(ChildEngine engine, Connection connection) throws SQLException {
    long start = System.nanoTime();
    Lsn target = StreamTables.insertPosition(connection);
    StreamTables.query(
        connection, "SELECT pg_logical_emit_message(true, 'freshet_bench', 'settle')::text");
    while (engine.status().receivedLsn().map(Lsn::parse).orElse(Lsn.ZERO).isBefore(target)) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new IllegalStateException("the engine did not receive the burst");
      }
      StreamTables.pause(PAUSE);
    }
    return seconds(start);
  }

  private static Map<String, Boolean> areEqual(Connection connection) throws SQLException {
    Map<String, Boolean> equal = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : QUERIES.entrySet()) {
      equal.put(
          each.getKey(), Comparison.differences(connection, each.getKey(), each.getValue()) == 0);
    }
    return equal;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
