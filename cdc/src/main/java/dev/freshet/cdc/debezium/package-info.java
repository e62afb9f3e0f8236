/**
 * Changes by way of Debezium's embedded engine, as exact as those that are read from the log
 * directly.
 *
 * <p>Debezium's PostgreSQL connector reads an ordinary slot with {@code pgoutput} in text form and
 * makes a record of each change. {@link dev.freshet.cdc.debezium.DebeziumChangeSource} turns the
 * records back into {@code pgoutput} messages and gives them to the same decoder and buffer that
 * {@code dev.freshet.cdc.wal} uses. What makes that exact:
 *
 * <ul>
 *   <li><b>Values.</b> A converter (Debezium's own SPI) takes over every column and hands out the
 *       bytes of the type's send function, or its output text untouched. Types that Debezium parses
 *       into something poorer are refused by name when a stream table is created ({@link
 *       dev.freshet.cdc.debezium.RefusedColumns}).
 *   <li><b>Transactions.</b> Boundaries and the top-level transaction id are in the transaction
 *       metadata; visibility is decided by snapshot, as ever.
 *   <li><b>Restart.</b> No offset is kept but the slot's own: it is confirmed only up to what
 *       durable frontiers have seen, and what is sent again is recognised by its position.
 *   <li><b>Names.</b> A record names its table where the log has an oid. {@link
 *       dev.freshet.cdc.debezium.RelationCatalog} finds the oid, and shows when a table was altered
 *       since a frontier; then the delta is unknown rather than perhaps wrong.
 * </ul>
 *
 * <p>Debezium is an optional dependency. Only classes that no other package names refer to it, so
 * everything else loads without it.
 */
@NullMarked
package dev.freshet.cdc.debezium;

import org.jspecify.annotations.NullMarked;
