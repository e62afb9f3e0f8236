package dev.freshet.engine.refresh;

import dev.freshet.cdc.DeltaView;
import dev.freshet.config.CostModel;
import dev.freshet.config.RefreshMode;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.refresh.Completion.Finished;
import dev.freshet.engine.refresh.Opening.Marker;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One stream table's part in a transaction, mostly all of it: which way it is refreshed. {@link
 * Execution} does that.
 */
final class Attempt {
  private final Refresher refresher;
  private final Maintained table;
  private final Request request;
  private final Connection connection;
  private final Optional<Membership> membership;
  private final Maintained.Compiled compiled;
  private final CompiledQuery query;
  private final RefreshMode mode;
  private final Phases phases;
  private final Optional<Instead> instead;
  private final Completion completion;
  private final Execution execution;
  private boolean open;

  Attempt(
      Refresher refresher,
      Maintained table,
      Request request,
      Connection connection,
      Optional<Membership> membership,
      Phases phases,
      Optional<Instead> instead) {
    this.refresher = refresher;
    this.phases = phases;
    this.instead = instead;
    this.membership = membership;
    this.table = table;
    this.request = request;
    this.connection = connection;
    this.compiled = table.compiled();
    this.query = compiled.analysis().compiled();
    this.mode = request.mode().orElse(table.settings().mode());
    this.completion = new Completion(refresher, table, request, connection, membership, phases);
    this.execution = new Execution(refresher, table, connection, mode, phases, completion);
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
    if (instead.isPresent() && instead.get() instanceof Instead.Full(String reason)) {
      return full(open(Optional.empty()), Optional.of(reason));
    }
    Optional<Decision.Full> foreseen = incremental ? foreseenFull() : Optional.empty();
    Optional<Marker> marker = refresher.reception().marker();
    Cut cut = open(foreseen.isPresent() ? Optional.empty() : marker);
    if (isRewritten(cut)) {
      return full(cut, Optional.of("a source was truncated, rewritten or redefined"));
    }
    if (foreseen.isPresent()) {
      requireTrustedSources();
      return full(cut, foreseen.get());
    }
    Optional<String> tooFarBehind =
        mode == RefreshMode.AUTO
            ? refresher.reception().tooFarBehind(cut, List.of(table))
            : Optional.empty();
    if (tooFarBehind.isPresent()) {
      return full(cut, tooFarBehind);
    }
    awaitMarker(marker, cut);
    Cut aligned = refresher.aligned(cut);
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
    if (instead.isPresent() && instead.get() instanceof Instead.Full(String reason)) {
      return full(cut, Optional.of(reason));
    }
    if (mode == RefreshMode.FULL) {
      return request.mode().isPresent() ? full(cut, Optional.of("mode full")) : ifChanged(cut);
    }
    if (!incremental && !table.changesAreAnnounced()) {
      return full(cut, Optional.of(query.explain().reason()));
    }
    if (isRewritten(cut)) {
      return full(cut, Optional.of("a source was truncated, rewritten or redefined"));
    }
    if (graph.farBehind().isPresent() && compiled.readsLog()) {
      return full(cut, graph.farBehind());
    }
    Cut aligned = refresher.aligned(cut);
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
    if (changeOfSources(cut) == SourceState.Change.REDEFINED) {
      table.replaceSources();
      throw new SourcesChangedException();
    }
  }

  private SourceState.Change changeOfSources(Cut cut) {
    return SourceState.between(table.frontier().sourceFiles(), cut.sourceFiles());
  }

  private boolean isRewritten(Cut cut) {
    requireSameSources(cut);
    return changeOfSources(cut) == SourceState.Change.REWRITTEN;
  }

  private void awaitMarker(Optional<Marker> marker, Cut cut)
      throws SQLException, InterruptedException {
    refresher.reception().reach(marker, cut);
    phases.markDelta("wait");
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
   * Whether the number of changes received so far alone tells that the refresh will be full. Such a
   * refresh needs no marker, no decoder and no delta.
   */
  private Optional<Decision.Full> foreseenFull() {
    if (mode != RefreshMode.AUTO
        || table.settings().cost() != CostModel.AUTO
        || instead.isPresent()) {
      return Optional.empty();
    }
    Map<Integer, Long> changes = new HashMap<>();
    for (DeltaView view : compiled.views().byNeed().values()) {
      changes.put(view.relation(), compiled.consumer().changeCount(view.relation()));
    }
    Optional<Map<Integer, Long>> sizes = table.costs().foresee(changes);
    if (sizes.isEmpty()
        || !(decision(sizes.get())
            instanceof Decision.Full(var reason, var expected, var budget))) {
      return Optional.empty();
    }
    table.costs().preferredFull(DeltaSize.of(sizes.get()));
    return Optional.of(new Decision.Full("foreseen " + reason, expected, budget));
  }

  private Decision decision(Map<Integer, Long> sizes) {
    return Decision.between(table.settings(), mode, table.costs(), compiled.sourceRows(), sizes);
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
    phases.markDelta("delta");
    if (deltas.isEmpty()) {
      return query.due().isPresent()
          ? ifDue(cut)
          : nothingToDo(cut, deltas, "no change that the query can see");
    }
    Map<Integer, Long> sizes = BoundDelta.rowsBySource(deltas);
    rememberConsolidation(cut, sizes);
    Decision decision =
        instead.isPresent()
            ? new Decision.Incremental(
                instead.get().reason(), Optional.empty(), OptionalDouble.empty())
            : decision(sizes);
    return switch (decision) {
      case Decision.Full full -> {
        table.costs().preferredFull(DeltaSize.of(sizes));
        yield full(cut, full);
      }
      case Decision.Incremental incremental ->
          execution.incremental(cut, DeltaReader.together(table, compiled, deltas), incremental);
    };
  }

  private void rememberConsolidation(Cut cut, Map<Integer, Long> sizes) {
    for (DeltaView view : compiled.views().byNeed().values()) {
      table
          .costs()
          .observeConsolidation(
              view.relation(),
              compiled.consumer().changeCount(view.relation(), cut.snapshot()),
              sizes.getOrDefault(view.relation(), 0L));
    }
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
    return execution.timePassed(cut);
  }

  /** What else can be done after this error; empty if nothing. */
  Optional<Instead> instead(SQLException e) {
    return execution.instead(e);
  }

  private Outcome full(Cut cut, Optional<String> reason) throws SQLException {
    return full(cut, new Decision.Full(reason.orElse("full"), Optional.empty()));
  }

  private Outcome full(Cut cut, Decision.Full decision) throws SQLException {
    if (table.frontier().valid()) {
      requireSameSources(cut);
    }
    refresher.requireCovered(compiled, cut);
    return execution.full(cut, decision);
  }

  /** The stream table needs no change; the frontier moves if that lets the buffer forget. */
  private Outcome nothingToDo(Cut cut, List<BoundDelta> deltas, String reason) throws SQLException {
    boolean worthWriting =
        compiled.consumer().pending().transactions() > 0
            || table.refreshRequested()
            || request.audit().isPresent();
    Finished finished =
        worthWriting
            ? completion.finish(cut, List.of(), deltas, Optional.empty())
            : Finished.NOTHING;
    return completion.outcome(Mode.NOOP, reason, deltas, finished, Optional.empty());
  }

  void rollbackIfOpen() throws SQLException {
    if (open && !completion.isCommitted() && !connection.isClosed()) {
      try (var statement = connection.createStatement()) {
        statement.execute("ROLLBACK");
      }
    }
    open = false;
  }
}
