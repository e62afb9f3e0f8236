/**
 * How fast changes come out of a replication slot: into the consolidated change buffer, to
 * PostgreSQL's own {@code pg_recvlogical}, and through the bare driver (PostgreSQL manual, "Logical
 * Decoding Concepts" and "pg_recvlogical").
 */
@NullMarked
package dev.freshet.bench.decode;

import org.jspecify.annotations.NullMarked;
