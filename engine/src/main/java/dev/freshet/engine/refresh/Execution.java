package dev.freshet.engine.refresh;

import dev.freshet.config.CostModel;
import dev.freshet.config.FullMethod;
import dev.freshet.config.RefreshMode;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.refresh.Completion.Finished;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Does what was decided for one stream table, within its budget, and remembers what it cost.
 *
 * <p>Of what fails it knows whether something else leads to the goal: {@link #instead}.
 */
final class Execution {
  /** SQLSTATE class 22. */
  private static final String DATA_EXCEPTION = "22";

  /** A value of a composite type that had fewer attributes when it was written. */
  private static final String DATATYPE_MISMATCH = "42804";

  private static final String QUERY_CANCELED = "57014";

  private final Apply apply;
  private final Maintained table;
  private final Connection connection;
  private final RefreshMode mode;
  private final CompiledQuery query;
  private final Phases phases;
  private final Completion completion;
  private Optional<UnderWay> underWay = Optional.empty();

  /**
   * What the statements sent last are to do.
   *
   * @param size of the delta; empty for a full refresh
   */
  private record UnderWay(Optional<DeltaSize> size, Optional<TimeLimit> limit, long beginNanos) {}

  Execution(
      Refresher refresher,
      Maintained table,
      Connection connection,
      RefreshMode mode,
      Phases phases,
      Completion completion) {
    this.apply = refresher.apply();
    this.table = table;
    this.connection = connection;
    this.mode = mode;
    this.query = table.analysis().compiled();
    this.phases = phases;
    this.completion = completion;
  }

  Outcome incremental(Cut cut, List<BoundDelta> deltas, Decision.Incremental decision)
      throws SQLException {
    DeltaSize size = DeltaSize.of(BoundDelta.rowsBySource(deltas));
    List<SqlStatement> statements =
        phases.once(() -> apply.template(query, table.table().name(), deltas));
    Optional<TimeLimit> limit = limit(decision.budget());
    begin(Optional.of(size), limit);
    apply.ship(connection, query, table.table().name(), deltas);
    phases.mark("ship");
    Finished finished = completion.finish(cut, statements, deltas, limit);
    table.costs().observeIncremental(size, phases.incrementalCost());
    return completion.outcome(
        Mode.INCREMENTAL, decision.reason(), deltas, finished, decision.expectedMilliseconds());
  }

  /** No row has changed, but time has moved some in or out. */
  Outcome timePassed(Cut cut) throws SQLException {
    Finished finished =
        completion.finish(
            cut,
            apply.template(query, table.table().name(), List.of()),
            List.of(),
            Optional.empty());
    return completion.outcome(
        Mode.INCREMENTAL, "time passed", List.of(), finished, Optional.empty());
  }

  Outcome full(Cut cut, Decision.Full decision) throws SQLException {
    FullMethod method = table.settings().full();
    boolean rebuild = method == FullMethod.REBUILD;
    List<SqlStatement> statements =
        phases.once(() -> apply.template(query, table.table().name(), method));
    Optional<TimeLimit> limit = limit(decision.budget());
    begin(Optional.empty(), limit);
    Finished finished =
        rebuild
            ? completion.rebuild(cut, statements, limit)
            : completion.finish(cut, statements, List.of(), limit);
    table.costs().observeFull(phases.fullCost());
    return completion.outcome(
        rebuild ? Mode.REBUILD : Mode.FULL,
        decision.reason(),
        List.of(),
        finished,
        decision.expectedMilliseconds());
  }

  private Optional<TimeLimit> limit(OptionalDouble budget) {
    return TimeLimit.of(budget, table.settings().statementTimeout());
  }

  private void begin(Optional<DeltaSize> size, Optional<TimeLimit> limit) {
    underWay = Optional.of(new UnderWay(size, limit, System.nanoTime()));
  }

  /** What else can be done after this error; empty if nothing. */
  Optional<Instead> instead(SQLException e) {
    if (underWay.isEmpty() || completion.isWritten() || mode != RefreshMode.AUTO) {
      return Optional.empty();
    }
    UnderWay failed = underWay.get();
    Optional<Instead> instead =
        failed.size().isPresent()
            ? afterDelta(failed.size().get(), failed, e)
            : afterFull(failed, e);
    if (instead.isPresent()) {
      phases.giveUp();
    }
    return instead;
  }

  private Optional<Instead> afterDelta(DeltaSize size, UnderWay failed, SQLException e) {
    if (sparesTheQuery(e)) {
      String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return Optional.of(new Instead.Full("the delta could not be evaluated: " + message));
    }
    if (table.settings().cost() != CostModel.AUTO || !isTimeOut(failed, e)) {
      return Optional.empty();
    }
    OptionalDouble full = table.costs().full();
    table.costs().observeStopped(size, phases.incrementalCost());
    return Optional.of(
        new Instead.Full(
            "the delta of %,d rows was given up after %,.0f ms%s"
                .formatted(
                    size.rows(),
                    phases.total(),
                    full.isPresent()
                        ? "; expected %,.0f ms full".formatted(full.getAsDouble())
                        : "")));
  }

  private Optional<Instead> afterFull(UnderWay failed, SQLException e) {
    if (failed.limit().isEmpty() || !isTimeOut(failed, e)) {
      return Optional.empty();
    }
    table.costs().observeStoppedFull(phases.fullCost());
    return Optional.of(
        new Instead.Incremental(
            "a full refresh was tried and given up after %,.0f ms".formatted(phases.total())));
  }

  /**
   * Whether the delta held a value that the query itself may never evaluate: PostgreSQL stops
   * reading where it knows the answer, and the value may be of a row that is gone.
   */
  private static boolean sparesTheQuery(SQLException e) {
    return e.getSQLState() != null
        && (e.getSQLState().startsWith(DATA_EXCEPTION)
            || e.getSQLState().equals(DATATYPE_MISMATCH));
  }

  /** Somebody who cancels the statement has the same SQLSTATE, but need not wait that long. */
  private boolean isTimeOut(UnderWay failed, SQLException e) {
    Duration limit =
        failed.limit().map(TimeLimit::limit).orElse(table.settings().statementTimeout());
    return QUERY_CANCELED.equals(e.getSQLState())
        && !limit.isZero()
        && System.nanoTime() - failed.beginNanos() >= limit.toNanos();
  }
}
