/**
 * How long after its commit a change is visible in stream tables that are kept fresh continuously,
 * measured by a reader, not by the engine.
 */
@NullMarked
package dev.freshet.bench.freshness;

import org.jspecify.annotations.NullMarked;
