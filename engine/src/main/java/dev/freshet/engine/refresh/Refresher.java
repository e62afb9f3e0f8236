package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.trigger.UnreadableBufferException;
import dev.freshet.engine.FreshetException;
import dev.freshet.sql.CompiledQuery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Refreshes one stream table: the algorithm of this package's introduction.
 *
 * <p>Called with the stream table's lock held. A refresh that throws has changed nothing: its
 * transaction is rolled back and the frontier stands.
 */
public final class Refresher {
  private final DataSource connections;
  private final ChangeSource source;
  private final Reception reception;
  private final Apply apply;
  private final Auditor auditor;
  private final String origin;
  private final Alignment alignment;

  public Refresher(
      DataSource connections, ChangeSource source, Capture capture, Alignment alignment) {
    this.connections = connections;
    this.source = source;
    this.reception = new Reception(source, connections, capture);
    this.apply = new Apply(new ArrayTypes());
    this.auditor = new Auditor();
    this.origin = capture.origin();
    this.alignment = alignment;
  }

  /**
   * @throws SQLException what the server said; the transaction is rolled back
   * @throws FreshetException if the barrier was not reached
   */
  public Outcome refresh(Maintained table, Request request)
      throws SQLException, InterruptedException {
    try (Connection connection = connections.getConnection()) {
      Phases phases = new Phases();
      Attempt attempt =
          new Attempt(this, table, request, connection, Optional.empty(), phases, Optional.empty());
      try {
        Outcome outcome;
        try {
          outcome = attempt.run();
        } catch (SQLException e) {
          Optional<Instead> instead = attempt.instead(e);
          if (instead.isEmpty()) {
            throw e;
          }
          attempt.rollbackIfOpen();
          attempt =
              new Attempt(this, table, request, connection, Optional.empty(), phases, instead);
          outcome = attempt.run();
        }
        table.remember(outcome.report());
        return outcome;
      } catch (UnreadableBufferException e) {
        throw e.failure();
      } finally {
        attempt.rollbackIfOpen();
      }
    }
  }

  /** Undoes in a graph's transaction what was done for one stream table. */
  @FunctionalInterface
  interface Rewind {
    void toBegin() throws SQLException;
  }

  /**
   * Refreshes one stream table in the transaction of its graph, which the caller opened and ends.
   *
   * @param rewind to the caller's savepoint, if something else must be done than was begun
   * @throws SQLException what the server said; what was done since the savepoint is void
   */
  Outcome refresh(
      Maintained table,
      Request request,
      Connection connection,
      Membership membership,
      Rewind rewind)
      throws SQLException {
    Phases phases = new Phases();
    Optional<Membership> graph = Optional.of(membership);
    Attempt attempt =
        new Attempt(this, table, request, connection, graph, phases, Optional.empty());
    try {
      return attempt.inGraph(membership);
    } catch (SQLException e) {
      Optional<Instead> instead = attempt.instead(e);
      if (instead.isEmpty()) {
        throw e;
      }
      rewind.toBegin();
      return new Attempt(this, table, request, connection, graph, phases, instead)
          .inGraph(membership);
    } catch (UnreadableBufferException e) {
      throw e.failure();
    }
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

  Reception reception() {
    return reception;
  }

  Apply apply() {
    return apply;
  }

  Auditor auditor() {
    return auditor;
  }

  String origin() {
    return origin;
  }

  /** The transactions that deltas up to {@code cut} hold. */
  Cut aligned(Cut cut) throws SQLException {
    return cut.at(alignment.visible(cut.snapshot(), cut.lsn()));
  }

  /**
   * @throws SnapshotTooOldException if the stream table's deltas begin later than the cut
   */
  void requireCovered(Maintained.Compiled compiled, Cut cut) {
    if (!source.coversAll(compiled.consumer(), cut.snapshot())) {
      throw new SnapshotTooOldException();
    }
  }
}
