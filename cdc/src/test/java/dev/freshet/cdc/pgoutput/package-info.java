/** Messages of every kind. */
@NullMarked
package dev.freshet.cdc.pgoutput;

import org.jspecify.annotations.NullMarked;
