/**
 * How the rows of a stream table are found again and brought up to date.
 *
 * <p>A stream table is a disjoint union of {@linkplain dev.freshet.sql.maintain.Slice slices}, one
 * per branch of a UNION ALL at the top (most queries have a single one). Each slice has its own row
 * identity and method: by the keys of its sources, by group, or as a bag. What is written follows
 * Gupta and Mumick, "Maintenance of Materialized Views" (1995); how it is written is MERGE (manual,
 * "MERGE"), keyed by plain equality on an index of the stream table.
 */
@NullMarked
package dev.freshet.sql.maintain;

import org.jspecify.annotations.NullMarked;
