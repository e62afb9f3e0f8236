package dev.freshet.engine.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The state of an engine and its stream tables.
 *
 * @param running false if no engine serves the database: then only what the catalog holds is known
 * @param source {@code streaming}, {@code reconnecting: …}, {@code failed: …}, {@code stopped}
 * @param lagBytes log between the server's insert position and what was received
 * @param retainedBytes log that the server keeps for the slot; 0 without an engine
 * @param bufferedBytes memory held by the change buffer
 */
public record EngineStatus(
    boolean running,
    String version,
    Optional<Instant> startedAt,
    String source,
    String slot,
    String publication,
    Optional<String> receivedLsn,
    Optional<String> confirmedLsn,
    long lagBytes,
    long retainedBytes,
    long bufferedBytes,
    long bufferLimitBytes,
    List<StreamTableStatus> streamTables) {

  public EngineStatus {
    streamTables = List.copyOf(streamTables);
  }

  /**
   * @param state {@code active}, {@code paused}, {@code failed}
   * @param stateReason why it is failed or was refilled; empty otherwise
   * @param refreshClass {@code algebraic}, {@code affected keys} or {@code full}
   * @param mode the configured mode: auto, incremental, full
   * @param lagBytes log between the frontier and what was received, 0 when nothing is pending
   * @param lagMilliseconds age of the oldest pending change, 0 when nothing is pending
   */
  public record StreamTableStatus(
      String name,
      String query,
      String state,
      String stateReason,
      String refreshClass,
      String mode,
      String schedule,
      String frontierSnapshot,
      String frontierLsn,
      long lagBytes,
      double lagMilliseconds,
      long pendingTransactions,
      long pendingChanges,
      long rows,
      List<RefreshReport> lastRefreshes) {
    public StreamTableStatus {
      lastRefreshes = List.copyOf(lastRefreshes);
    }
  }
}
