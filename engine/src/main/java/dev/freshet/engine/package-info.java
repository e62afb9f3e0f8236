/** Placeholder. */
@NullMarked
package dev.freshet.engine;

import org.jspecify.annotations.NullMarked;
