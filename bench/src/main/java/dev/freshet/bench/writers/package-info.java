/**
 * What capture costs the writers: their latency at a rate that leaves room, and what they get done
 * when there is none, with nothing attached and with an engine that keeps stream tables.
 *
 * <p>Latency at a fixed rate is open-loop: a transaction that was due while the writer was still
 * busy counts from when it was due (Tene, on coordinated omission).
 */
@NullMarked
package dev.freshet.bench.writers;

import org.jspecify.annotations.NullMarked;
