package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Refreshes stream tables that read each other in one transaction, level by level.
 *
 * <pre>
 * 1  BEGIN; LOCK all sources; S := snapshot; L := insert LSN; marker        (one round trip)
 * 2  wait for the marker
 * 3  for each stream table, after those that it reads:
 *      SAVEPOINT; Δ of tables from the log, Δ of stream tables from what step 3 did to them;
 *      apply ΔQ; an error rolls back to the savepoint, and who reads this table is left out
 * 4  F := S for all that were refreshed; COMMIT                              (one round trip)
 * </pre>
 *
 * <p>Law: among those that take part, no reader sees two at different cuts. And a stream table's
 * frontier equals that of a stream table that it reads exactly if it has seen all that was done to
 * it: whoever is found elsewhere is refreshed in full, by differences. So nothing has to be
 * remembered of who was left out when, in this process or an earlier one.
 *
 * <p>Called with the locks of all parts held. A refresh that throws has changed nothing.
 */
public final class GroupRefresher {
  /** Says of an error whether the whole transaction shall be tried again. */
  @FunctionalInterface
  public interface Patience {
    boolean repeats(Maintained table, SQLException cause);
  }

  /**
   * Something else that is done at the group's cut: a table that is filled.
   *
   * @param opening of the query that fills it
   * @param upstreams whose content it reads
   * @param replaced the stream table that takes part no more but is filled; empty if it is new
   */
  record Guest(
      Opening opening, List<Maintained> upstreams, Optional<Maintained> replaced, Work work) {

    /** Fills at the cut, in the group's transaction. */
    interface Work {
      void at(Connection connection, Cut cut) throws SQLException, InterruptedException;

      void committed(Lsn position);
    }
  }

  private final DataSource connections;
  private final Refresher refresher;
  private final Capture capture;

  public GroupRefresher(DataSource connections, Refresher refresher, Capture capture) {
    this.connections = connections;
    this.refresher = refresher;
    this.capture = capture;
  }

  /**
   * @throws SQLException what the server said of the transaction as a whole
   */
  public Group.Results refresh(Group group, Patience patience)
      throws SQLException, InterruptedException {
    return refresh(group, Optional.empty(), patience);
  }

  /** The same, and fills a table at the same cut. */
  Group.Results refresh(Group group, Optional<Guest> guest, Patience patience)
      throws SQLException, InterruptedException {
    try (Connection connection = connections.getConnection()) {
      GroupAttempt attempt =
          new GroupAttempt(refresher, capture, connection, group, guest, patience);
      try {
        return attempt.run();
      } finally {
        attempt.rollbackIfOpen();
      }
    }
  }
}
