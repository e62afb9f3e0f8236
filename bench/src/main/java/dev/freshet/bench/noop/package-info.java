/**
 * What a refresh costs that has nothing to do: a tick of a schedule, which should send nothing to
 * the server, and a manual refresh, which must ask it, because it promises to see everything that
 * was committed before the call.
 */
@NullMarked
package dev.freshet.bench.noop;

import org.jspecify.annotations.NullMarked;
