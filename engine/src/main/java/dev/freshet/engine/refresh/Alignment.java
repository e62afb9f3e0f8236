package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.sql.SQLException;

/**
 * Which transactions a delta holds: those that the refresh's snapshot sees, and no others.
 *
 * <p>The tables that a delta is joined with show what the snapshot sees, so no other rule is right.
 * It can be replaced in order to show that: a test takes "all commits before the insert position"
 * and watches the comparison fail.
 */
@FunctionalInterface
public interface Alignment {
  Alignment BY_SNAPSHOT = (snapshot, _) -> snapshot;

  /**
   * The transactions that the delta holds, as a snapshot.
   *
   * @param snapshot of the refresh's transaction
   * @param insertPosition read right after it
   */
  Snapshot visible(Snapshot snapshot, Lsn insertPosition) throws SQLException;
}
