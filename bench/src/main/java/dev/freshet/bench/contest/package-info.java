/**
 * Several ways to keep the result of one query, side by side: each contender has a table of its
 * own, all are refreshed after the same changes, timed from the call to the commit, and compared
 * with the query.
 */
@NullMarked
package dev.freshet.bench.contest;

import org.jspecify.annotations.NullMarked;
