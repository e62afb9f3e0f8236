/** Capture on a real PostgreSQL. */
@NullMarked
package dev.freshet.cdc.wal;

import org.jspecify.annotations.NullMarked;
