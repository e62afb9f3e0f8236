/**
 * {@code freshet chaos}: the engine as a process of its own on an embedded PostgreSQL, writers that
 * never rest, and one harm after another; after each of them every stream table is compared with
 * its query.
 *
 * <p>What must hold whatever happens is checked in three ways, none of which asks the engine:
 *
 * <ul>
 *   <li>{@link dev.freshet.chaos.Audit}: with the writers held up, each stream table equals its
 *       query in one snapshot, as PostgreSQL compares them.
 *   <li>{@link dev.freshet.chaos.Witness}: all the time, a reader sees the same total of all
 *       accounts at both levels of the graph, and lists without gaps and doubles.
 *   <li>{@link dev.freshet.chaos.Refills}: a stream table is not filled anew for what does not
 *       concern it; otherwise refills could heal what was lost before anybody looks.
 * </ul>
 *
 * <p>The bank and the lists are the classical workloads of Jepsen's analyses of databases.
 */
@NullMarked
package dev.freshet.chaos;

import org.jspecify.annotations.NullMarked;
