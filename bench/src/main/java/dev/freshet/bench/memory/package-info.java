/**
 * Whether an engine with a small heap survives a burst of changes that is many times larger: what
 * does not fit is staged in the database, and nothing is lost. The engine runs in a process of its
 * own, so that its heap is its own.
 */
@NullMarked
package dev.freshet.bench.memory;

import org.jspecify.annotations.NullMarked;
