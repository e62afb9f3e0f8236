/**
 * Changes kept in the served database instead of in the JVM.
 *
 * <p>Rows are staged as the decoder received them, packed into <i>chunks</i> of about a megabyte:
 * one relation, one column layout, the images of one or more transactions in commit order. Chunks
 * are written in <i>batches</i>; a batch counts from the moment its row in {@code freshet.staging}
 * is committed. Chunks lie in tables {@code freshet.staged_1}, {@code _2}, … by <i>generation</i>;
 * a generation that nobody needs any more is dropped as a whole, so nothing is ever vacuumed.
 *
 * <p>Nothing here understands a value: a chunk's rows are the bytes that {@code pgoutput} sent
 * (PostgreSQL manual, "Logical Replication Message Formats"), carried by {@code COPY … BINARY}.
 */
@NullMarked
package dev.freshet.cdc.staging;

import org.jspecify.annotations.NullMarked;
