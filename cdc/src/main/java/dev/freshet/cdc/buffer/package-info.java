/**
 * The change buffer: committed transactions, kept apart until every consumer has moved past them.
 *
 * <p>Algebraically a delta is a Z-set (Budiu et al., "DBSP: Automatic Incremental View Maintenance
 * for Rich Query Languages", VLDB 2023): rows with signed weights, where an update is −1 old and +1
 * new and everything that adds up to zero vanishes. A transaction belongs to a delta as a whole or
 * not at all, and only two snapshots decide that ({@link dev.freshet.cdc.Snapshot#sees}); see the
 * PostgreSQL manual, "Transactions and Identifiers". So nothing is merged across transactions
 * before a delta is asked for.
 *
 * <p>Rows are packed into byte pages ({@link dev.freshet.cdc.buffer.RowLog}) that hold only the
 * columns some consumer reads. Deltas are computed outside the buffer's lock, over pages that never
 * change after their transaction was committed.
 */
@NullMarked
package dev.freshet.cdc.buffer;

import org.jspecify.annotations.NullMarked;
