package dev.freshet.bench;

import dev.freshet.bench.report.BenchReport;
import java.sql.SQLException;
import java.util.Map;

/** Measures one thing. */
public interface Benchmark {
  /** Its name on the command line and in reports. */
  String name();

  /** Server parameters that the embedded server needs besides {@link BenchRun#SERVER_SETTINGS}. */
  default Map<String, String> serverSettings() {
    return Map.of();
  }

  /**
   * Measures.
   *
   * @throws SQLException if the server fails; the run's databases are dropped all the same
   */
  BenchReport run(BenchRun run) throws SQLException;
}
