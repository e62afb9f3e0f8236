/**
 * The 22 queries of TPC-H (Transaction Processing Performance Council, "TPC Benchmark H", revision
 * 3) as stream tables under its refresh functions RF1 and RF2 (clause 2.5) and updates.
 *
 * <p>Not a TPC-H result: no throughput run, no audit, and rows are changed that the specification
 * leaves alone. Schema and queries are the resource {@code corpus/tpch.sql}, the data is that of
 * {@code dbgen} as {@code io.trino.tpch} generates it.
 */
@NullMarked
package dev.freshet.bench.tpch;

import org.jspecify.annotations.NullMarked;
