/**
 * Which changes of a source a query can notice: conditions over one row that are evaluated before
 * the row is shipped to the server.
 *
 * <p>Let R be a source, read by the query Q in the scans R₁ … Rₙ, and let pᵢ be a condition over a
 * row of R alone without which no row of Rᵢ can contribute: {@code Q = Q[Rᵢ := σ pᵢ (Rᵢ)]}. With p
 * = p₁ ∨ … ∨ pₙ then {@code Q(R) = Q(σ p (R))} ({@link dev.freshet.sql.filter.SourceFilters} finds
 * the pᵢ). So Q may as well be maintained as a query of R′ = σ p (R), and
 *
 * <pre>
 * Δ(σ p (R)) = σ p (ΔR)
 * </pre>
 *
 * <p>since σ is linear: of the signed rows of a change exactly those are needed for which p is
 * true, each image for itself. A row that an update moves out of p is there with weight −1, one
 * that it moves in with +1. The refresh reads R where the law speaks of R′; both are the same
 * beneath the pᵢ, beneath which Q reads R.
 *
 * <p>A delta by keys tells which keys changed, and the query is computed again for those. A key may
 * be left out if neither its row at the frontier nor its row now is in R′: then no row of the
 * result was made of it, and none will be. What is known of the row at the frontier depends on the
 * log; see {@code KeyedDelta} in the change buffer.
 *
 * <p>{@link dev.freshet.sql.filter.RowTest} only ever says "cannot be true" where PostgreSQL would
 * say false or NULL, and evaluates on the bytes of the types' send functions (PostgreSQL manual,
 * "Logical Streaming Replication Protocol", TupleData). All else it does not know, and the row is
 * kept.
 */
@NullMarked
package dev.freshet.sql.filter;

import org.jspecify.annotations.NullMarked;
