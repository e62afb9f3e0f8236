package dev.freshet.engine.control;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of an engine and its stream tables.
 *
 * @param running false if no engine serves the database: then only what the catalog holds is known
 * @param source {@code streaming}, {@code reconnecting: …}, {@code failed: …}, {@code stopped}
 * @param slot empty if changes do not come from the log, as is the publication
 * @param capture where changes come from: {@code wal}, {@code trigger}
 * @param captureReason why they do, if that is not simply what {@code cdc.mode} says; else empty
 * @param lagBytes log between the server's insert position and what was received
 * @param retainedBytes log that the server keeps for the slot, or captured changes that it keeps in
 *     buffers; 0 without an engine
 * @param bufferedBytes memory held by the change buffer
 * @param service how the engine as a whole is doing, what had to be healed, and who stands by
 */
public record EngineStatus(
    boolean running,
    String version,
    Optional<Instant> startedAt,
    String source,
    String slot,
    String publication,
    String capture,
    String captureReason,
    Optional<String> receivedLsn,
    Optional<String> confirmedLsn,
    long lagBytes,
    long retainedBytes,
    long bufferedBytes,
    long bufferLimitBytes,
    StagedChanges staged,
    Service service,
    List<StreamTableStatus> streamTables) {

  public EngineStatus {
    streamTables = List.copyOf(streamTables);
  }

  /** The same, with why changes are captured as they are. */
  public EngineStatus captured(String reason) {
    return new EngineStatus(
        running,
        version,
        startedAt,
        source,
        slot,
        publication,
        capture,
        reason,
        receivedLsn,
        confirmedLsn,
        lagBytes,
        retainedBytes,
        bufferedBytes,
        bufferLimitBytes,
        staged,
        service,
        streamTables);
  }

  /**
   * Changes that wait in the database instead of in memory.
   *
   * @param transactions one that touched several relations counts once for each
   * @param failure why nothing can be staged at present
   * @param givenUp how many times since the start a stream table was refilled because its changes
   *     held back more log than {@code cdc.max-retained-wal}
   */
  public record StagedChanges(
      long bytes, long transactions, Optional<String> failure, long givenUp) {
    public static final StagedChanges NONE = new StagedChanges(0, 0, Optional.empty(), 0);
  }

  /**
   * @param state {@code active}, {@code paused}, {@code failed}, or {@code waiting}: it could be
   *     refreshed if it were not for a stream table that it reads
   * @param stateReason why it is failed, waits or was refilled; empty otherwise
   * @param refreshClass {@code algebraic}, {@code affected keys} or {@code full}
   * @param mode the configured mode: auto, incremental, full
   * @param lagBytes log between the frontier and what was received, 0 when nothing is pending
   * @param lagMilliseconds age of the oldest pending change, 0 when nothing is pending
   * @param settings of the session that the result depends on, with their pinned values
   * @param place where it stands among stream tables that read each other
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
      Map<String, String> settings,
      Place place,
      List<RefreshReport> lastRefreshes) {
    public StreamTableStatus {
      settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
      lastRefreshes = List.copyOf(lastRefreshes);
    }

    /** What it waits for, for people; empty if it does not wait. */
    public Optional<String> waitingFor() {
      return state.equals("waiting") ? Optional.of(stateReason) : Optional.empty();
    }
  }

  /**
   * The graph that a stream table is part of. All of a graph are refreshed together.
   *
   * @param graph the name of the graph's first stream table; its own if it is alone
   * @param level 0 if it reads no stream table, otherwise one more than the highest that it reads
   * @param upstreams the stream tables that it reads
   * @param dependents the stream tables that read it
   * @param cadence the schedules by which the graph is refreshed; empty: only by hand
   */
  public record Place(
      String graph,
      int level,
      List<String> upstreams,
      List<String> dependents,
      List<String> cadence) {
    public Place {
      upstreams = List.copyOf(upstreams);
      dependents = List.copyOf(dependents);
      cadence = List.copyOf(cadence);
    }

    /** Of one that neither reads a stream table nor is read by one. */
    public static Place alone(String name, List<String> cadence) {
      return new Place(name, 0, List.of(), List.of(), cadence);
    }
  }
}
