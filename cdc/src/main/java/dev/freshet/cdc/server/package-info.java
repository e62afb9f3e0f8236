/**
 * What Freshet needs of a PostgreSQL server: a replication slot, a publication, replica identities,
 * privileges and parameters.
 *
 * <p>Everything here reports in records and can tell the SQL that a database administrator would
 * have to run, so that a role without the privilege is told and not just refused. Sources: the
 * PostgreSQL manual, "Streaming Replication Protocol" (replication commands), "Logical Decoding
 * Concepts" (slots), {@code pg_replication_slots}, "Publication" and {@code ALTER TABLE … REPLICA
 * IDENTITY}.
 *
 * <p>Order matters once: the publication is created <em>before</em> the slot. {@code pgoutput}
 * looks a publication up as of the change it decodes and fails if it did not exist then (until 17;
 * 18 skips the changes silently, which is worse).
 */
@NullMarked
package dev.freshet.cdc.server;

import org.jspecify.annotations.NullMarked;
