package dev.freshet.cdc;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A stream of committed changes and the buffer that holds them until every consumer has moved past.
 *
 * <p>One source serves all stream tables of an engine. Thread-safe. The reading thread never blocks
 * on a consumer.
 *
 * <p>Law: for a consumer whose frontier is F and a snapshot S at least as new, taken before a
 * barrier that has been passed, {@code delta(view, F, S)} is exactly (rows at S) − (rows at F).
 */
public interface ChangeSource extends AutoCloseable {

  /** State of the connection, as status and health show it. */
  sealed interface State {
    record Stopped() implements State {}

    record Streaming(Lsn received, Lsn confirmed) implements State {}

    /**
     * The connection is gone; the source retries. What was buffered stays and deltas stay right;
     * what the server sends again is recognised by its commit position and skipped.
     */
    record Reconnecting(String cause, int attempt) implements State {}

    /**
     * Nothing that a retry can heal: slot missing or invalidated, publication missing, …
     *
     * @param slotIsSpent whether the slot holds what the server cannot decode: it never gets past
     *     that, so that only another slot helps
     */
    record Failed(String cause, String remedy, boolean slotIsSpent) implements State {
      public Failed(String cause, String remedy) {
        this(cause, remedy, false);
      }
    }
  }

  /**
   * What waits for one consumer. Bytes and oldest are of whole transactions.
   *
   * @param oldestCommitTime when the oldest was committed, by the server's clock (its Commit
   *     message)
   */
  record Pending(
      long transactions,
      long changes,
      long bytes,
      Optional<Lsn> oldest,
      Optional<Instant> oldestCommitTime) {}

  /** Reports what changed, called on the reading thread: must return at once. */
  interface Listener {
    /** A transaction that touched these relations was received. */
    void committed(Set<Integer> relations, Lsn commit);

    /**
     * The columns, types or replica identity of a relation differ from what was seen before, or it
     * was described for the first time after a (re)connection.
     */
    void relationDescribed(int relation, boolean changed);

    void stateChanged(State state);
  }

  void addListener(Listener listener);

  /** Begins streaming from the slot's confirmed position. Consumers must be registered before. */
  void start();

  State state();

  /**
   * The end of the last transaction or keepalive received: everything before it is in the buffer.
   */
  Lsn received();

  /**
   * Registers a consumer: the views it reads and its durable frontier. From now on its changes are
   * kept. A consumer that is registered while the source is streaming must fill itself from a
   * snapshot for which {@link #coversAll} is true; a frontier for which it is not is ignored, and
   * deltas are {@link Delta.Unknown} until {@link DeltaConsumer#advance} sets one.
   *
   * @return the consumer, to be closed when the stream table is dropped or refilled
   */
  DeltaConsumer register(String name, Set<DeltaView> views, Optional<Snapshot> frontier);

  /**
   * Whether {@code snapshot} sees every transaction that had been received when {@code consumer}
   * was registered. If not, such a transaction's changes may be in neither the fill nor the buffer:
   * take another snapshot a little later.
   */
  boolean coversAll(DeltaConsumer consumer, Snapshot snapshot);

  /**
   * Waits until the logical message {@code pg_logical_emit_message(false, 'freshet', token, …)} has
   * been received. Nudges the server (status update) after 5 ms, because PostgreSQL 18's walsender
   * sometimes loses a wakeup.
   *
   * @return false on timeout or when the connection was lost meanwhile
   */
  boolean awaitBarrier(String token, Duration timeout) throws InterruptedException;

  /** Waits until everything up to {@code lsn} was received; for lag checks, not for alignment. */
  boolean awaitReceived(Lsn lsn, Duration timeout) throws InterruptedException;

  /**
   * The position up to which the server may forget: below every buffered transaction that some
   * consumer's durable frontier does not see.
   */
  Lsn confirmable();

  /**
   * Allows the slot's position to be confirmed up to {@code limit}, and no further. The engine
   * stores the limit durably before it calls this: a slot that is found beyond it was created anew.
   * Initially nothing may be confirmed.
   */
  void permitConfirmation(Lsn limit);

  /** The position last confirmed to the server: min(confirmable, the permitted limit). */
  Lsn confirmed();

  /** Bytes of memory held by the buffer, and its limit. */
  long bufferedBytes();

  /** Bytes of changes that wait in the database's staging tables. */
  default long stagedBytes() {
    return 0;
  }

  /** Their transactions; one that touched several relations counts once for each. */
  default long stagedTransactions() {
    return 0;
  }

  /** Why changes cannot be staged at present, if they should be. */
  default Optional<String> stagingFailure() {
    return Optional.empty();
  }

  @Override
  void close();

  /** Reads deltas on behalf of one stream table. */
  interface DeltaConsumer extends AutoCloseable {
    /**
     * The delta from the consumer's frontier to {@code upTo}. Does not consume: call {@link
     * #advance} once the refresh that used it is committed.
     *
     * @throws IllegalArgumentException if {@code view} was not registered
     */
    Delta delta(DeltaView view, Snapshot upTo);

    /** Row changes between the frontier and {@code upTo} in one relation; cheap, an upper bound. */
    long changeCount(int relation, Snapshot upTo);

    /** Row changes in one relation that were received and the frontier does not see. */
    long changeCount(int relation);

    /** Everything received that the frontier does not see, for status and schedules. */
    Pending pending();

    /** The oldest change that it needs and that holds the slot back. */
    default Optional<Lsn> oldestInMemory() {
      return pending().oldest();
    }

    /**
     * Moves the frontier after a committed refresh.
     *
     * @param committedAt a log position after the refresh's commit record; changes are kept, and
     *     the slot is not confirmed past them, until the log up to it is known to be flushed
     */
    void advance(Snapshot frontier, Lsn committedAt);

    Optional<Snapshot> frontier();

    @Override
    void close();
  }

  /** For callers that only want to hear of the state. */
  static Listener onState(Consumer<State> action) {
    return new Listener() {
      @Override
      public void committed(Set<Integer> relations, Lsn commit) {}

      @Override
      public void relationDescribed(int relation, boolean changed) {}

      @Override
      public void stateChanged(State state) {
        action.accept(state);
      }
    };
  }

  /** For callers that only want to hear of commits. */
  static Listener onCommit(Consumer<Set<Integer>> action) {
    return new Listener() {
      @Override
      public void committed(Set<Integer> relations, Lsn commit) {
        action.accept(relations);
      }

      @Override
      public void relationDescribed(int relation, boolean changed) {}

      @Override
      public void stateChanged(State state) {}
    };
  }
}
