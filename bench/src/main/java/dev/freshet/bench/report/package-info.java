/**
 * What a benchmark found, and how it is shown: samples and their quantiles, verdicts on targets,
 * tables for people (terminal and Markdown), one JSON object per line for programs, an SVG chart.
 *
 * <p>Quantiles interpolate linearly between order statistics, as PostgreSQL's {@code
 * percentile_cont} does (PostgreSQL manual, "Ordered-Set Aggregate Functions"; Hyndman and Fan,
 * "Sample Quantiles in Statistical Packages", 1996, definition 7). Ratios are ratios of medians of
 * quantities that were measured interleaved in one run.
 */
@NullMarked
package dev.freshet.bench.report;

import org.jspecify.annotations.NullMarked;
