package dev.freshet.cdc.buffer;

import dev.freshet.cdc.staging.StagedChunk;
import dev.freshet.cdc.staging.StagedReader;
import dev.freshet.cdc.staging.StagingStore;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much of each staged generation somebody still needs. Thread-safe. */
final class StagedGenerations {
  private static final Logger log = LoggerFactory.getLogger(StagedGenerations.class);

  /** The generation that is written to is kept while it is small, so that few are made. */
  private static final long WORTH_DROPPING_BYTES = 64L << 20;

  private static final long MAX_QUIET_NANOS = 10_000_000_000L;

  private static final long DROP_PAUSE_NANOS = 30_000_000_000L;

  private final long quietNanos;

  /** Of the spiller's thread. */
  private long nextDrop = System.nanoTime();

  private final TreeMap<Integer, Integer> neededChunks = new TreeMap<>();
  private long bytes;
  private long transactions;
  private long lastUse = System.nanoTime();
  private int unfinished;

  /** None yet; one that is written to is dropped after so much time without use. */
  StagedGenerations(long quietNanos) {
    this.quietNanos = Math.min(quietNanos, MAX_QUIET_NANOS);
  }

  /** A generation that exists. */
  synchronized void know(int generation) {
    neededChunks.putIfAbsent(generation, 0);
  }

  synchronized void need(StagedChunk chunk) {
    neededChunks.merge(chunk.generation(), 1, Integer::sum);
    bytes += chunk.bytes();
    transactions += begun(chunk);
    lastUse = System.nanoTime();
  }

  synchronized void release(StagedChunk chunk) {
    neededChunks.merge(chunk.generation(), -1, Integer::sum);
    bytes -= chunk.bytes();
    transactions -= begun(chunk);
  }

  private static int begun(StagedChunk chunk) {
    return chunk.transactions().size() - (chunk.continues() ? 1 : 0);
  }

  /** A transaction is being staged in parts: what it has written is needed by nobody yet. */
  synchronized void begin() {
    unfinished++;
  }

  synchronized void end() {
    unfinished--;
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized long transactions() {
    return transactions;
  }

  /**
   * Drops the generations that nobody needs. Where somebody else reads one, such as a backup, it is
   * tried again later: that must not keep anything from being staged.
   */
  void dropUnneeded(StagingStore store, StagedReader reader) {
    for (Optional<Integer> next = droppable(store);
        next.isPresent() && System.nanoTime() >= nextDrop;
        next = droppable(store)) {
      int generation = next.get();
      try {
        store.drop(generation, lowestBut(generation));
        reader.forget(generation);
        forget(generation);
      } catch (SQLException e) {
        nextDrop = System.nanoTime() + DROP_PAUSE_NANOS;
        log.debug("freshet.staged_{} is dropped later: {}", generation, e.getMessage());
      }
    }
  }

  private synchronized void forget(int generation) {
    neededChunks.remove(generation);
  }

  private synchronized Optional<Integer> droppable(StagingStore store) {
    if (unfinished > 0) {
      return Optional.empty();
    }
    int current = store.currentGeneration();
    boolean dropCurrent =
        store.currentBytes() >= WORTH_DROPPING_BYTES || System.nanoTime() - lastUse > quietNanos;
    return neededChunks.entrySet().stream()
        .filter(entry -> entry.getValue() == 0 && (entry.getKey() != current || dropCurrent))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private synchronized int lowestBut(int generation) {
    return neededChunks.keySet().stream()
        .filter(each -> each != generation)
        .findFirst()
        .orElse(generation + 1);
  }
}
