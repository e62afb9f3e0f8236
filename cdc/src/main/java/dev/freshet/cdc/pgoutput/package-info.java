/**
 * PostgreSQL's {@code pgoutput} messages, read without an object per row or value.
 *
 * <p>The format is that of the PostgreSQL manual, "Logical Replication Message Formats", protocol
 * version 1: whole transactions arrive one after the other in the order of their commit records.
 * With the option {@code binary 'true'} a value is what its type's send function writes, else (a
 * type without one) the text of its output function; a byte in front of each value tells which.
 *
 * <p>{@link dev.freshet.cdc.pgoutput.PgOutputDecoder} pushes into a {@link
 * dev.freshet.cdc.pgoutput.PgOutputHandler}. The {@link dev.freshet.cdc.pgoutput.Tuple}s it passes
 * are windows onto the message and are used again for the next one.
 */
@NullMarked
package dev.freshet.cdc.pgoutput;

import org.jspecify.annotations.NullMarked;
