package dev.freshet.demo;

/**
 * A committed order to follow into the stream tables.
 *
 * @param xid its transaction, 64 bits
 * @param committedNanos {@link System#nanoTime} when the commit returned
 * @param what the order in words
 */
record Marker(long xid, long committedNanos, long orderId, String what) {}
