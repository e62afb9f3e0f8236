/** Positions and snapshots. */
@NullMarked
package dev.freshet.cdc;

import org.jspecify.annotations.NullMarked;
