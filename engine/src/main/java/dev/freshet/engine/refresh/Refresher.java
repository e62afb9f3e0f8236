package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.config.CostModel;
import dev.freshet.config.FullMethod;
import dev.freshet.config.RefreshMode;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.refresh.Apply.NewFrontier;
import dev.freshet.engine.refresh.Apply.Written;
import dev.freshet.engine.refresh.Opening.Marker;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.sql.DataSource;

/**
 * Refreshes one stream table: the algorithm of this package's introduction.
 *
 * <p>Called with the stream table's lock held. A refresh that throws has changed nothing: its
 * transaction is rolled back and the frontier stands.
 */
public final class Refresher {
  /** How long the decoder may take to reach a marker before the refresh gives up and is retried. */
  private static final Duration BARRIER_TIMEOUT = Duration.ofSeconds(30);

  /** SQLSTATE class 22. */
  private static final String DATA_EXCEPTION = "22";

  /** Log that the decoder works off per millisecond, when guessing how long a backlog takes. */
  private static final double DECODED_BYTES_PER_MILLI = 30_000;

  private final DataSource connections;
  private final ChangeSource source;
  private final Barrier barrier;
  private final Apply apply;
  private final Auditor auditor;
  private final String slot;
  private final Alignment alignment;

  public Refresher(
      DataSource connections,
      ChangeSource source,
      boolean emitsFlushed,
      String slot,
      Alignment alignment) {
    this.connections = connections;
    this.source = source;
    this.barrier = new Barrier(source, connections, emitsFlushed);
    this.apply = new Apply(new ArrayTypes());
    this.auditor = new Auditor();
    this.slot = slot;
    this.alignment = alignment;
  }

  /**
   * @throws SQLException what the server said; the transaction is rolled back
   * @throws FreshetException if the barrier was not reached
   */
  public Outcome refresh(Maintained table, Request request)
      throws SQLException, InterruptedException {
    try (Connection connection = connections.getConnection()) {
      Attempt attempt = new Attempt(table, request, connection, Optional.empty());
      try {
        Outcome outcome;
        try {
          outcome = attempt.run();
        } catch (SQLException e) {
          if (!attempt.sparesTheQuery(e)) {
            throw e;
          }
          attempt.rollbackIfOpen();
          attempt = new Attempt(table, request, connection, Optional.empty());
          outcome = attempt.fullAfter(e);
        }
        table.remember(outcome.report());
        return outcome;
      } finally {
        attempt.rollbackIfOpen();
      }
    }
  }

  /**
   * Refreshes one stream table in the transaction of its graph, which the caller opened and ends.
   *
   * @throws SQLException what the server said; what was done since the caller's savepoint is void
   */
  Outcome refresh(Maintained table, Request request, Connection connection, Membership membership)
      throws SQLException {
    return new Attempt(table, request, connection, Optional.of(membership)).inGraph(membership);
  }

  /**
   * Whether time alone has moved a row in or out of the stream table; asked outside of any refresh.
   * Of one that does not follow the clock: no.
   */
  public boolean isDue(Maintained table) throws SQLException {
    CompiledQuery query = table.analysis().compiled();
    if (query.due().isEmpty()) {
      return false;
    }
    try (Connection connection = connections.getConnection()) {
      return Clock.isDueNow(connection, table.analysis().locals(), query, table.frontier().clock());
    }
  }

  /** The marker to send along with a snapshot. */
  Marker marker() {
    return new Marker(barrier.newToken(), source.received());
  }

  Apply apply() {
    return apply;
  }

  /** The transactions that deltas up to {@code cut} hold. */
  Cut aligned(Cut cut) throws SQLException {
    return cut.at(alignment.visible(cut.snapshot(), cut.lsn()));
  }

  /** Waits until all that {@code cut} sees was received. */
  void reach(Marker marker, Cut cut) throws SQLException, InterruptedException {
    if (cut.mustWait() && !barrier.await(marker.token(), BARRIER_TIMEOUT)) {
      throw unreached(cut);
    }
  }

  /**
   * Why not to wait for the decoder: it is so far behind that evaluating the queries is sooner. A
   * full refresh needs no delta, and what is decoded later is recognised as done.
   *
   * @param tables that take a delta from the log, in mode auto
   */
  Optional<String> tooFarBehind(Cut cut, List<Maintained> tables) {
    double full = 0;
    for (Maintained table : tables) {
      OptionalDouble own = table.costs().full();
      if (own.isEmpty() || table.settings().cost() != CostModel.AUTO) {
        return Optional.empty();
      }
      full += own.getAsDouble();
    }
    long behind = cut.lsn().bytesSince(source.received());
    double wait = behind / DECODED_BYTES_PER_MILLI;
    return !tables.isEmpty() && wait > 2 * full
        ? Optional.of(
            "the decoder is %,d bytes behind, about %.0f ms; expected %.1f ms full"
                .formatted(behind, wait, full))
        : Optional.empty();
  }

  private FreshetException unreached(Cut cut) {
    return FreshetException.of(
        Kind.TIMEOUT,
        switch (source.state()) {
          case ChangeSource.State.Streaming _ ->
              "the change stream did not reach %s within %d s; it stands at %s"
                  .formatted(cut.lsn(), BARRIER_TIMEOUT.toSeconds(), source.received());
          case ChangeSource.State.Reconnecting(var cause, _) ->
              "the change stream was interrupted: " + cause;
          case ChangeSource.State.Failed(var cause, _) -> "the change stream has failed: " + cause;
          case ChangeSource.State.Stopped _ -> "the engine is stopping";
        },
        "the refresh is retried; freshet doctor shows the state of the slot");
  }

  /** One stream table's part in a transaction: mostly all of it. */
  private final class Attempt {
    private final Maintained table;
    private final Request request;
    private final Connection connection;
    private final Optional<Membership> membership;
    private final Maintained.Compiled compiled;
    private final CompiledQuery query;
    private final RefreshMode mode;
    private final Phases phases = new Phases();
    private final Optional<Instant> oldestPending;
    private boolean open;
    private boolean rebuilding;
    private boolean applying;

    Attempt(
        Maintained table, Request request, Connection connection, Optional<Membership> membership) {
      this.membership = membership;
      this.table = table;
      this.request = request;
      this.connection = connection;
      this.compiled = table.compiled();
      this.query = compiled.analysis().compiled();
      this.mode = request.mode().orElse(table.settings().mode());
      this.oldestPending = compiled.consumer().pending().oldestCommitTime();
    }

    Outcome run() throws SQLException, InterruptedException {
      boolean incremental = query.refreshClass() != RefreshClass.FULL;
      requirePossible(incremental);
      if (!table.frontier().valid()) {
        return full(open(Optional.empty()), refillReason());
      }
      if (mode == RefreshMode.FULL) {
        return full(open(Optional.empty()), Optional.of("mode full"));
      }
      if (!incremental && !table.changesAreAnnounced()) {
        return full(open(Optional.empty()), Optional.of(query.explain().reason()));
      }
      Optional<Decision.Full> foreseen = incremental ? foreseenFull() : Optional.empty();
      Marker marker = marker();
      Cut cut = open(foreseen.isPresent() ? Optional.empty() : Optional.of(marker));
      if (!cut.sourceFiles().equals(table.frontier().sourceFiles())) {
        requireSameSources(cut);
        return full(cut, Optional.of("a source was truncated, rewritten or redefined"));
      }
      if (foreseen.isPresent()) {
        requireTrustedSources();
        return full(
            cut,
            Optional.of("foreseen " + foreseen.get().reason()),
            foreseen.get().expectedMilliseconds());
      }
      Optional<String> tooFarBehind =
          mode == RefreshMode.AUTO
              ? Refresher.this.tooFarBehind(cut, List.of(table))
              : Optional.empty();
      if (tooFarBehind.isPresent()) {
        return full(cut, tooFarBehind);
      }
      awaitMarker(marker, cut);
      Cut aligned = aligned(cut);
      return incremental ? incrementally(aligned) : fullIfChanged(aligned);
    }

    private void requirePossible(boolean incremental) {
      if (mode == RefreshMode.INCREMENTAL && !incremental) {
        throw FreshetException.of(
            Kind.BAD_SETTING,
            table.displayName() + " cannot be refreshed incrementally: " + query.explain().reason(),
            "use mode auto or full; freshet explain tells which construct it is");
      }
    }

    /** The same decisions at a cut that is there already, and whose deltas were received. */
    Outcome inGraph(Membership graph) throws SQLException {
      boolean incremental = query.refreshClass() != RefreshClass.FULL;
      Cut cut = graph.cut();
      requirePossible(incremental);
      if (!table.frontier().valid()) {
        return full(cut, refillReason());
      }
      if (graph.catchUp().isPresent()) {
        return full(cut, graph.catchUp());
      }
      if (mode == RefreshMode.FULL) {
        return request.mode().isPresent() ? full(cut, Optional.of("mode full")) : ifChanged(cut);
      }
      if (!incremental && !table.changesAreAnnounced()) {
        return full(cut, Optional.of(query.explain().reason()));
      }
      if (!cut.sourceFiles().equals(table.frontier().sourceFiles())) {
        requireSameSources(cut);
        return full(cut, Optional.of("a source was truncated, rewritten or redefined"));
      }
      if (graph.farBehind().isPresent() && compiled.readsLog()) {
        return full(cut, graph.farBehind());
      }
      Cut aligned = aligned(cut);
      return incremental ? incrementally(aligned) : fullIfChanged(aligned);
    }

    /** Mode full: a graph goes by its fastest schedule, which need not be this table's. */
    private Outcome ifChanged(Cut cut) throws SQLException {
      boolean changed =
          !table.changesAreAnnounced()
              || appliedChanges()
              || (query.due().isPresent() && Clock.isDue(connection, query));
      for (DeltaView view : compiled.views().all()) {
        changed |= compiled.consumer().changeCount(view.relation(), cut.snapshot()) > 0;
      }
      return changed
          ? full(cut, Optional.of("mode full"))
          : nothingToDo(cut, List.of(), "no source has changed");
    }

    /** Whether this transaction has changed a stream table that this one reads. */
    private boolean appliedChanges() {
      return membership.isPresent()
          && compiled.analysis().upstreams().stream()
              .anyMatch(upstream -> membership.get().upstreams().changed(upstream));
    }

    private Optional<String> refillReason() {
      String reason = table.table().reason();
      return Optional.of(reason.isEmpty() ? "refill: changes may have been lost" : reason);
    }

    private Cut open(Optional<Marker> marker) throws SQLException {
      open = true;
      Cut cut = compiled.opening().open(connection, table.locals(), marker);
      phases.mark("snapshot");
      String expected = table.frontier().snapshot().toString();
      if (!cut.storedFrontier().equals(Optional.of(expected))) {
        throw new FrontierMovedException(table, expected, cut.storedFrontier());
      }
      return cut;
    }

    /** Another table may have taken a source's name, or a partition come: compile again. */
    private void requireSameSources(Cut cut) {
      if (!oids(cut.sourceFiles()).equals(oids(table.frontier().sourceFiles()))) {
        table.replaceSources();
        throw new SourcesChangedException();
      }
    }

    private static List<String> oids(String sourceFiles) {
      return Arrays.stream(sourceFiles.split(","))
          .filter(item -> item.contains(":") || item.contains("/") || item.equals("gone"))
          .map(item -> item.replaceFirst(":.*", ""))
          .toList();
    }

    private void awaitMarker(Marker marker, Cut cut) throws SQLException, InterruptedException {
      reach(marker, cut);
      phases.mark("wait");
      requireTrustedSources();
    }

    private void requireTrustedSources() {
      if (table.sourcesSuspect()) {
        throw new SourcesChangedException();
      }
    }

    private Outcome fullIfChanged(Cut cut) throws SQLException {
      long changes = 0;
      for (SourceTable watched : compiled.views().watched()) {
        changes += compiled.consumer().changeCount(watched.oid(), cut.snapshot());
      }
      return changes > 0 || appliedChanges()
          ? full(cut, Optional.of(query.explain().reason()))
          : nothingToDo(cut, List.of(), "no source has changed");
    }

    /**
     * Whether the number of changes received so far alone tells that the refresh will be full. Such
     * a refresh needs no marker, no decoder and no delta.
     */
    private Optional<Decision.Full> foreseenFull() {
      if (mode != RefreshMode.AUTO || table.settings().cost() != CostModel.AUTO) {
        return Optional.empty();
      }
      OptionalDouble rowsPerChange = table.costs().rowsPerChange();
      if (rowsPerChange.isEmpty()) {
        return Optional.empty();
      }
      Map<Integer, Long> sizes = new HashMap<>();
      for (DeltaView view : compiled.views().byNeed().values()) {
        long changes = compiled.consumer().changeCount(view.relation());
        sizes.put(view.relation(), Math.round(changes * rowsPerChange.getAsDouble()));
      }
      if (sizes.values().stream().allMatch(size -> size == 0)) {
        return Optional.empty();
      }
      return Decision.between(table.settings(), mode, table.costs(), compiled.sourceRows(), sizes)
              instanceof Decision.Full foreseen
          ? Optional.of(foreseen)
          : Optional.empty();
    }

    private Outcome incrementally(Cut cut) throws SQLException {
      return switch (DeltaReader.read(table, compiled, cut.snapshot())) {
        case DeltaReader.Unknown(String reason) -> unknown(cut, reason);
        case DeltaReader.Known(List<BoundDelta> deltas) ->
            compiled.views().applied().isEmpty() || membership.isEmpty()
                ? decide(cut, deltas)
                : decide(cut, deltas, membership.get().upstreams());
      };
    }

    private Outcome decide(Cut cut, List<BoundDelta> captured, Upstreams upstreams)
        throws SQLException {
      return switch (upstreams.read(connection, compiled.views().applied())) {
        case DeltaReader.Unknown(String reason) -> full(cut, Optional.of(reason));
        case DeltaReader.Known(List<BoundDelta> applied) -> {
          List<BoundDelta> all = new ArrayList<>(captured);
          all.addAll(applied);
          yield decide(cut, all);
        }
      };
    }

    private Outcome decide(Cut cut, List<BoundDelta> deltas) throws SQLException {
      phases.mark("delta");
      if (deltas.isEmpty()) {
        return query.due().isPresent()
            ? ifDue(cut)
            : nothingToDo(cut, deltas, "no change that the query can see");
      }
      table
          .costs()
          .observeConsolidation(
              deltas.stream().mapToLong(BoundDelta::changes).sum(), rowsOf(deltas));
      Map<Integer, Long> sizes = new HashMap<>();
      deltas.forEach(d -> sizes.put(d.need().source().oid(), (long) d.rows().rowCount()));
      return switch (Decision.between(
          table.settings(), mode, table.costs(), compiled.sourceRows(), sizes)) {
        case Decision.Full(var reason, var expected) -> {
          table.costs().preferredFull(rowsOf(deltas));
          yield full(cut, Optional.of(reason), expected);
        }
        case Decision.Incremental decision -> applyDelta(cut, deltas, decision);
      };
    }

    /** The sources are looked at again: one may have lost the replica identity that it needs. */
    private Outcome unknown(Cut cut, String reason) throws SQLException {
      Outcome full = full(cut, Optional.of(reason));
      table.suspectSources();
      return full;
    }

    /** No row has changed, but time may have moved some in or out. */
    private Outcome ifDue(Cut cut) throws SQLException {
      if (!Clock.isDue(connection, query)) {
        return nothingToDo(cut, List.of(), "no change that the query can see, and no row is due");
      }
      Finished finished =
          finish(cut, apply.template(query, table.table().name(), List.of()), List.of());
      return outcome(Mode.INCREMENTAL, "time passed", List.of(), finished, Optional.empty());
    }

    private static long rowsOf(List<BoundDelta> deltas) {
      return deltas.stream().mapToLong(delta -> delta.rows().rowCount()).sum();
    }

    private Outcome applyDelta(Cut cut, List<BoundDelta> deltas, Decision.Incremental decision)
        throws SQLException {
      applying = true;
      apply.ship(connection, query, deltas);
      phases.mark("ship");
      List<SqlStatement> statements = apply.template(query, table.table().name(), deltas);
      Finished finished = finish(cut, statements, deltas);
      table.costs().observeIncremental(rowsOf(deltas), phases.total());
      return outcome(
          Mode.INCREMENTAL, decision.reason(), deltas, finished, decision.expectedMilliseconds());
    }

    /**
     * Whether the delta held a value that the query itself may never evaluate: PostgreSQL stops
     * reading where it knows the answer, and the value may be of a row that is gone.
     */
    boolean sparesTheQuery(SQLException e) {
      return applying
          && mode == RefreshMode.AUTO
          && e.getSQLState() != null
          && e.getSQLState().startsWith(DATA_EXCEPTION);
    }

    Outcome fullAfter(SQLException e) throws SQLException {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return full(
          open(Optional.empty()), Optional.of("the delta could not be evaluated: " + message));
    }

    private Outcome full(Cut cut, Optional<String> reason) throws SQLException {
      return full(cut, reason, Optional.empty());
    }

    private Outcome full(Cut cut, Optional<String> reason, Optional<Double> expected)
        throws SQLException {
      if (table.frontier().valid()) {
        requireSameSources(cut);
      }
      if (!source.coversAll(compiled.consumer(), cut.snapshot())) {
        throw new SnapshotTooOldException();
      }
      FullMethod method = table.settings().full();
      boolean rebuild = method == FullMethod.REBUILD;
      rebuilding = rebuild;
      List<SqlStatement> statements = apply.template(query, table.table().name(), method);
      Finished finished = finish(cut, statements, List.of());
      table.costs().observeFull(phases.total());
      return outcome(
          rebuild ? Mode.REBUILD : Mode.FULL, reason.orElse("full"), List.of(), finished, expected);
    }

    /** The stream table needs no change; the frontier moves if that lets the buffer forget. */
    private Outcome nothingToDo(Cut cut, List<BoundDelta> deltas, String reason)
        throws SQLException {
      boolean worthWriting =
          compiled.consumer().pending().transactions() > 0 || request.audit().isPresent();
      Finished finished =
          worthWriting
              ? finish(cut, List.of(), deltas)
              : new Finished(new Written(0, Lsn.ZERO), Optional.empty());
      return outcome(Mode.NOOP, reason, deltas, finished, Optional.empty());
    }

    private record Finished(Written written, Optional<AuditReport> audit) {}

    /** Writes, audits if asked to, moves the frontier, commits, and tells the change source. */
    private Finished finish(Cut cut, List<SqlStatement> statements, List<BoundDelta> deltas)
        throws SQLException {
      if (membership.isPresent()) {
        return write(membership.get(), statements, deltas);
      }
      NewFrontier next = new NewFrontier(table.table().id(), cut, slot);
      Written written;
      Optional<AuditReport> audit = Optional.empty();
      if (request.audit().isPresent()) {
        Written changed = apply.write(connection, statements, deltas);
        audit = Optional.of(auditor.audit(connection, table, cut, request.audit().get()));
        Written committed = apply.commit(connection, List.of(), List.of(), next);
        written = new Written(changed.rows(), committed.committedAt());
      } else {
        written = apply.commit(connection, statements, deltas, next);
      }
      open = false;
      compiled.consumer().advance(cut.snapshot(), written.committedAt());
      table.frontier(
          new Frontier(
              cut.snapshot(), cut.lsn(), cut.sourceFiles(), cut.clock(), true, Instant.now()));
      phases.mark("apply");
      return new Finished(written, audit);
    }

    /** Writes and audits; the frontier and the commit are the graph's. */
    private Finished write(Membership graph, List<SqlStatement> statements, List<BoundDelta> deltas)
        throws SQLException {
      Written written =
          apply.write(connection, rebuilding ? statements : graph.captured(statements), deltas);
      Optional<AuditReport> audit =
          request.audit().isPresent()
              ? Optional.of(auditor.audit(connection, table, graph.cut(), request.audit().get()))
              : Optional.empty();
      phases.mark("apply");
      return new Finished(written, audit);
    }

    private Outcome outcome(
        Mode done,
        String reason,
        List<BoundDelta> deltas,
        Finished finished,
        Optional<Double> expected) {
      Optional<Double> freshness =
          oldestPending
              .filter(_ -> done != Mode.NOOP)
              .map(arrival -> Duration.between(arrival, Instant.now()).toNanos() / 1e6);
      RefreshReport report =
          new RefreshReport(
              table.displayName(),
              done,
              reason,
              deltas.stream().mapToLong(BoundDelta::changes).sum(),
              rowsOf(deltas),
              finished.written().rows(),
              phases.startedAt(),
              phases.total(),
              expected,
              phases.byName(),
              freshness,
              Optional.empty());
      return new Outcome(report, finished.audit().map(audit -> auditor.withRefresh(audit, report)));
    }

    void rollbackIfOpen() throws SQLException {
      if (open && !connection.isClosed()) {
        try (var statement = connection.createStatement()) {
          statement.execute("ROLLBACK");
        }
        open = false;
      }
    }
  }
}
