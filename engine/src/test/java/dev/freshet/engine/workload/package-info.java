/**
 * Writers that do to a few small tables what makes incremental maintenance hard, all at once:
 * transactions that overlap in every way that PostgreSQL knows (manual, chapter "Concurrency
 * Control", and "Two-Phase Transactions" in "Transaction Processing").
 */
@NullMarked
package dev.freshet.engine.workload;

import org.jspecify.annotations.NullMarked;
