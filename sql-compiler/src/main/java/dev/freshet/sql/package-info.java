/** Placeholder. */
@NullMarked
package dev.freshet.sql;

import org.jspecify.annotations.NullMarked;
