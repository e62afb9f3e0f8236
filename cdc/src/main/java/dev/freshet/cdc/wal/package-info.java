/**
 * Changes read from the write-ahead log through a logical replication slot.
 *
 * <p>Follows the PostgreSQL manual, "Streaming Replication Protocol" and "Logical Streaming
 * Replication Parameters", on pgjdbc's replication API. Two things are not left to the driver: what
 * is acknowledged (its default confirms what was only read) and when a status message is sent
 * (PostgreSQL 18's walsender at times sends nothing until it gets one).
 */
@NullMarked
package dev.freshet.cdc.wal;

import org.jspecify.annotations.NullMarked;
