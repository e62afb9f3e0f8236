package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.util.Optional;

/**
 * Where a refresh cuts the history: its transaction's snapshot.
 *
 * @param lsn the insert position right after the snapshot; every transaction that the snapshot sees
 *     wrote its commit record before it
 * @param sourceFiles oids and file nodes of the sources under the lock that the transaction holds
 * @param storedFrontier the stream table's frontier as the catalog has it at this snapshot, as
 *     text; empty before the first fill
 * @param clock the time of the transaction, as PostgreSQL prints it
 * @param storedClock that of the transaction that made the stored frontier
 * @param mustWait whether the decoder may not have received everything that the snapshot sees
 */
record Cut(
    Snapshot snapshot,
    Lsn lsn,
    String sourceFiles,
    Optional<String> storedFrontier,
    String clock,
    Optional<String> storedClock,
    boolean mustWait) {
  /** The same cut with another snapshot. */
  Cut at(Snapshot other) {
    return new Cut(other, lsn, sourceFiles, storedFrontier, clock, storedClock, mustWait);
  }
}
