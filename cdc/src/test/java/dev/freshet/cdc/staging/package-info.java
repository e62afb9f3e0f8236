/** Staged chunks by themselves. */
@NullMarked
package dev.freshet.cdc.staging;

import org.jspecify.annotations.NullMarked;
