/**
 * The matrix: five queries × sizes × change rates, refreshed by several contenders on the same
 * changes in rotating order. Also what other benchmarks use of it: the tables and the queries.
 */
@NullMarked
package dev.freshet.bench.matrix;

import org.jspecify.annotations.NullMarked;
