/**
 * Capture by triggers: for servers whose {@code wal_level} is not {@code logical}.
 *
 * <p>A statement writes what it changed into a buffer table in schema {@code freshet}, in its own
 * transaction, through AFTER triggers with transition tables (PostgreSQL manual, "Overview of
 * Trigger Behavior" and {@code CREATE TRIGGER … REFERENCING}). A buffer row is
 *
 * <pre>
 * xid     pg_current_xact_id(): the top-level transaction
 * kind    I new row of an insert, U and O new and old row of an update, D deleted row, T truncate
 * image   record_send(ROW(needed columns)): each value's type and the bytes of its send function
 * </pre>
 *
 * <p>The delta from F to S is the rows with {@code pg_visible_in_snapshot(xid, S)} and not {@code
 * pg_visible_in_snapshot(xid, F)}: no sequence, no clock, and no barrier, since what S sees is
 * committed and can be read on any connection. There is no order among rows either: with all old
 * rows there, their sum is the delta.
 *
 * <p>A trigger that fails would fail its writer, so none depends on what an ALTER TABLE can change:
 * a column that is gone or has another name is found missing and written as such, and an image says
 * itself which types it holds. Whoever reads a delta sees it and refreshes in full.
 *
 * <p>A buffer is a chain of tables, its <em>generations</em>. The function writes to the last one;
 * it is replaced to begin another, when the columns needed change or the table has grown. Nothing
 * is ever deleted row by row: a generation that every frontier has seen is dropped as a whole.
 */
@NullMarked
package dev.freshet.cdc.trigger;

import org.jspecify.annotations.NullMarked;
