/**
 * The engine under random queries and concurrent random writers: what {@code
 * dev.freshet.sql.random} tries in one transaction, on the way that changes really take.
 */
@NullMarked
package dev.freshet.engine.random;

import org.jspecify.annotations.NullMarked;
