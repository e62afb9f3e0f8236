/**
 * One refresh: a transaction that moves a frontier.
 *
 * <pre>
 * 1  BEGIN REPEATABLE READ; LOCK sources IN ACCESS SHARE MODE; S := snapshot; L := insert LSN;
 *    emit a flushed marker                                                     (one round trip)
 * 2  wait until the decoder has received the marker: every transaction that S sees is buffered
 * 3  Δ := changes of transactions visible in S and not in F
 * 4  apply ΔQ; F := S; COMMIT                                                  (one round trip)
 * 5  the change source may forget what no frontier needs
 * </pre>
 *
 * <p>Why LSN bounds alone would be wrong: a commit record enters the log before the transaction
 * becomes visible to snapshots ({@code ProcArrayEndTransaction} runs later), so "all commits up to
 * L" and "all that S sees" differ under concurrency.
 */
@NullMarked
package dev.freshet.engine.refresh;

import org.jspecify.annotations.NullMarked;
