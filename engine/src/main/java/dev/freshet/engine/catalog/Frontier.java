package dev.freshet.engine.catalog;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.time.Instant;

/**
 * The snapshot at which a stream table is exact.
 *
 * @param lsn the server's insert position right after the snapshot was taken: for lag only
 * @param sourceFiles identity and file nodes of the sources at the snapshot
 * @param clock the time of the transaction that made it, as PostgreSQL prints it: what {@code
 *     now()} was for a stream table that follows the clock
 * @param valid false if changes after the snapshot may be lost: only a full refresh is right
 */
public record Frontier(
    Snapshot snapshot,
    Lsn lsn,
    String sourceFiles,
    String clock,
    boolean valid,
    Instant refreshedAt) {}
