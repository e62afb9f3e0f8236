/** The buffer's parts by themselves. */
@NullMarked
package dev.freshet.cdc.buffer;

import org.jspecify.annotations.NullMarked;
