package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.refresh.Apply.NewFrontier;
import dev.freshet.engine.refresh.Apply.Written;
import dev.freshet.sql.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The end of one stream table's refresh: writes, audits if asked to, moves the frontier, commits,
 * tells the change source, and reports. In a graph the frontier and the commit are the graph's.
 */
final class Completion {
  /**
   * @param audit of the stream table as written, if it was asked for
   */
  record Finished(Written written, Optional<AuditReport> audit) {
    static final Finished NOTHING = new Finished(new Written(0, Lsn.ZERO), Optional.empty());
  }

  private final Refresher refresher;
  private final Maintained table;
  private final Maintained.Compiled compiled;
  private final Request request;
  private final Connection connection;
  private final Optional<Membership> membership;
  private final Phases phases;
  private final Optional<Instant> oldestPending;
  private boolean written;
  private boolean committed;

  Completion(
      Refresher refresher,
      Maintained table,
      Request request,
      Connection connection,
      Optional<Membership> membership,
      Phases phases) {
    this.refresher = refresher;
    this.table = table;
    this.compiled = table.compiled();
    this.request = request;
    this.connection = connection;
    this.membership = membership;
    this.phases = phases;
    this.oldestPending = compiled.consumer().pending().oldestCommitTime();
  }

  /** Whether the stream table's own statements are through. */
  boolean isWritten() {
    return written;
  }

  boolean isCommitted() {
    return committed;
  }

  Finished finish(
      Cut cut, List<SqlStatement> statements, List<BoundDelta> deltas, Optional<TimeLimit> limit)
      throws SQLException {
    return membership.isPresent()
        ? write(membership.get(), membership.get().captured(statements), deltas, limit)
        : commit(cut, statements, deltas, limit);
  }

  /** The same for statements that empty the stream table first: nobody captures what they do. */
  Finished rebuild(Cut cut, List<SqlStatement> statements, Optional<TimeLimit> limit)
      throws SQLException {
    return membership.isPresent()
        ? write(membership.get(), statements, List.of(), limit)
        : commit(cut, statements, List.of(), limit);
  }

  private Finished commit(
      Cut cut, List<SqlStatement> statements, List<BoundDelta> deltas, Optional<TimeLimit> limit)
      throws SQLException {
    Apply apply = refresher.apply();
    NewFrontier next = new NewFrontier(table.table().id(), cut, refresher.origin());
    Written done;
    Optional<AuditReport> audit = Optional.empty();
    if (request.audit().isPresent()) {
      Written changed = apply.write(connection, statements, deltas, limit);
      written = true;
      audit = audit(cut);
      Written last = apply.commit(connection, List.of(), List.of(), Optional.empty(), next);
      done = new Written(changed.rows(), last.committedAt());
    } else {
      done = apply.commit(connection, statements, deltas, limit, next);
    }
    written = true;
    committed = true;
    compiled.consumer().advance(cut.snapshot(), done.committedAt());
    table.frontier(
        new Frontier(
            cut.snapshot(), cut.lsn(), cut.sourceFiles(), cut.clock(), true, Instant.now()));
    phases.mark("apply");
    return new Finished(done, audit);
  }

  private Finished write(
      Membership graph,
      List<SqlStatement> statements,
      List<BoundDelta> deltas,
      Optional<TimeLimit> limit)
      throws SQLException {
    Written done = refresher.apply().write(connection, statements, deltas, limit);
    written = true;
    Optional<AuditReport> audit = audit(graph.cut());
    phases.mark("apply");
    return new Finished(done, audit);
  }

  private Optional<AuditReport> audit(Cut cut) throws SQLException {
    if (request.audit().isEmpty()) {
      return Optional.empty();
    }
    long begin = System.nanoTime();
    AuditReport audit = refresher.auditor().audit(connection, table, cut, request.audit().get());
    phases.leaveOut(begin);
    return Optional.of(audit);
  }

  Outcome outcome(
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
            BoundDelta.rowsOf(deltas),
            finished.written().rows(),
            phases.startedAt(),
            phases.total(),
            expected,
            phases.byName(),
            freshness,
            Optional.empty());
    return new Outcome(
        report, finished.audit().map(audit -> refresher.auditor().withRefresh(audit, report)));
  }
}
