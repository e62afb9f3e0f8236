/**
 * The same small change against ever larger sources: an incremental refresh should not care how
 * large they are.
 */
@NullMarked
package dev.freshet.bench.scale;

import org.jspecify.annotations.NullMarked;
