/** A PostgreSQL for commands that need one and were given none. */
@NullMarked
package dev.freshet.scratch;

import org.jspecify.annotations.NullMarked;
