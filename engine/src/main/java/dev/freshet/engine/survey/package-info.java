/**
 * How a workload, files of DDL and queries, would be maintained: what {@code freshet compile}
 * tells.
 *
 * <p>Definitions are run in a database, queries are analysed there by the engine's own {@link
 * dev.freshet.engine.analysis.QueryAnalyzer} and never evaluated: what is told here is what {@code
 * freshet create} would do.
 */
@NullMarked
package dev.freshet.engine.survey;

import org.jspecify.annotations.NullMarked;
