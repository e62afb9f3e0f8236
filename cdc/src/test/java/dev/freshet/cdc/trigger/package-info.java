/** Capture on a real PostgreSQL. */
@NullMarked
package dev.freshet.cdc.trigger;

import org.jspecify.annotations.NullMarked;
