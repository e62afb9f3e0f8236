/**
 * Servers, databases and engines to measure and to demonstrate on.
 *
 * <p>A benchmark works in a database of its own: made for it on the embedded PostgreSQL 18 or on a
 * server that the user names, dropped afterwards together with its replication slot, so that
 * nothing stays behind (PostgreSQL manual, "Replication Slots": a forgotten slot retains log).
 */
@NullMarked
package dev.freshet.bench.server;

import org.jspecify.annotations.NullMarked;
