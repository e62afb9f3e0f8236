/**
 * The engine: keeps stream tables equal to their defining queries.
 *
 * <pre>
 * Q(S) = T(F) + ΔQ(F, S)      F, S snapshots; T the stream table; then F := S, in one transaction
 * </pre>
 *
 * <p>{@link dev.freshet.engine.Engine} is the running instance, {@link
 * dev.freshet.engine.control.Command} what can be asked of it, {@link
 * dev.freshet.engine.EngineClient} the way to ask from another process (commands travel through a
 * table of the served database, so whoever can connect there needs no other port).
 *
 * <p>Rests on PostgreSQL manual, chapter "Concurrency Control" (REPEATABLE READ is a snapshot) and
 * "Logical Decoding".
 */
@NullMarked
package dev.freshet.engine;

import org.jspecify.annotations.NullMarked;
