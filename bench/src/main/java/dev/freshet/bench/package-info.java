/**
 * {@code freshet bench}: every figure that the project claims, reproducible.
 *
 * <p>Machines are noisy, so what is compared runs interleaved in one run and is judged as a ratio
 * (Georges, Buytaert, Eeckhout, "Statistically Rigorous Java Performance Evaluation", OOPSLA 2007);
 * open-loop latencies count from the time at which a request was due, not from when a delayed
 * client got around to it (Tene, "How NOT to Measure Latency", on coordinated omission). A
 * benchmark checks its result: a figure whose stream table does not equal its query is reported as
 * wrong.
 *
 * <p>Each benchmark is a {@link dev.freshet.bench.Benchmark}: it takes a {@link
 * dev.freshet.bench.BenchRun} and returns a {@link dev.freshet.bench.report.BenchReport}.
 */
@NullMarked
package dev.freshet.bench;

import org.jspecify.annotations.NullMarked;
