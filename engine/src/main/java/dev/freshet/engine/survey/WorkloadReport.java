package dev.freshet.engine.survey;

import dev.freshet.engine.survey.JudgedQuery.Full;
import dev.freshet.engine.survey.JudgedQuery.Incremental;
import dev.freshet.engine.survey.JudgedQuery.Refused;
import dev.freshet.sql.RefreshClass;
import java.util.List;
import java.util.Optional;

/**
 * What a workload consists of.
 *
 * @param queries in the order of the files
 * @param failures definitions that PostgreSQL rejected, on which later queries may have failed
 * @param skipped what was not run, by kind
 */
public record WorkloadReport(
    List<JudgedQuery> queries, List<Failure> failures, List<Skipped> skipped) {
  public WorkloadReport {
    queries = List.copyOf(queries);
    failures = List.copyOf(failures);
    skipped = List.copyOf(skipped);
  }

  /**
   * A definition that was rejected.
   *
   * @param statement its beginning
   */
  public record Failure(Place place, String statement, String message, Optional<String> sqlState) {}

  /**
   * Statements of one kind that were not run.
   *
   * @param first where the first of them stands
   */
  public record Skipped(String what, int count, Place first) {}

  public long incremental() {
    return count(Incremental.class);
  }

  /** Those of the incremental ones that have {@code refreshClass}. */
  public long incremental(RefreshClass refreshClass) {
    return queries.stream()
        .filter(query -> query.outcome().equals(new Incremental(refreshClass)))
        .count();
  }

  public long full() {
    return count(Full.class);
  }

  public long refused() {
    return count(Refused.class);
  }

  private long count(Class<? extends JudgedQuery.Outcome> outcome) {
    return queries.stream().filter(query -> outcome.isInstance(query.outcome())).count();
  }
}
