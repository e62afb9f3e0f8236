/**
 * Change data capture: what was committed in PostgreSQL, in commit order, as Z-sets.
 *
 * <p>A {@link dev.freshet.cdc.ChangeSource} receives transactions and keeps them apart in a change
 * buffer until a refresh has seen them. A refresh asks for the delta between two snapshots: the
 * changes of all transactions that the newer {@link dev.freshet.cdc.Snapshot} sees and the older
 * one does not. LSNs serve for pruning, lag and restart only; membership in a delta is decided by
 * snapshot visibility alone.
 *
 * <p>Values are carried as the bytes of the type's send function (PostgreSQL manual, "Logical
 * Replication Message Formats" and "COPY, Binary Format"); nothing here understands a type unless
 * it has to add numbers.
 *
 * <p>This package knows nothing of queries, stream tables or schedules.
 */
@NullMarked
package dev.freshet.cdc;

import org.jspecify.annotations.NullMarked;
