package dev.freshet.cdc.buffer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A transaction that is staged in parts while it is received, because it is too large for memory.
 * It counts from the moment its last part is durable.
 *
 * <p>State and result are guarded by the handover's lock; the rest belongs to the spiller's thread.
 */
final class Spill {
  /** Open until it is one of the others, for good. */
  enum State {
    OPEN,
    /** All of it is staged and in the buffer. */
    STAGED,
    /** Some of it is gone: what it changed is not known. */
    LOST
  }

  private final BufferedTransaction transaction;
  private State state = State.OPEN;
  private Set<Integer> needed = Set.of();
  private Optional<Long> batch = Optional.empty();
  private final List<StagedRows> chunks = new ArrayList<>();

  Spill(BufferedTransaction transaction) {
    this.transaction = transaction;
  }

  BufferedTransaction transaction() {
    return transaction;
  }

  State state() {
    return state;
  }

  void state(State next) {
    state = next;
  }

  /** Relations that somebody reads, once it is staged. */
  Set<Integer> needed() {
    return needed;
  }

  void needed(Set<Integer> relations) {
    needed = relations;
  }

  /** The batch that its parts are written to, once there are any. */
  Optional<Long> batch() {
    return batch;
  }

  void batch(long number) {
    batch = Optional.of(number);
  }

  /** Nothing is written to it any more. */
  void noBatch() {
    batch = Optional.empty();
  }

  List<StagedRows> chunks() {
    return chunks;
  }

  void add(List<StagedRows> written) {
    chunks.addAll(written);
  }
}
