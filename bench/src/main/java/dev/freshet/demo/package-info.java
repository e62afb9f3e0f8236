/**
 * {@code freshet demo}: a small shop in an embedded PostgreSQL 18, a writer that never rests, six
 * stream tables that follow it, and an audit of all of them at the end.
 *
 * <p>Freshness is measured from outside the engine: the writer notes the transaction id of an order
 * and when its commit returned; a reader in a session of its own polls the frontiers, which are
 * written in the same transactions as the stream tables, until their snapshots see that transaction
 * (PostgreSQL manual, "Transaction ID and Snapshot Information Functions"). So what is shown is
 * never less than what a reader experiences, and more by one polling interval at most.
 */
@NullMarked
package dev.freshet.demo;

import org.jspecify.annotations.NullMarked;
