package dev.freshet.cdc.staging;

import java.time.Duration;

/**
 * When changes leave the memory of the JVM, and where to.
 *
 * <p>Whatever these say, changes are staged when the buffer is half full.
 *
 * @param writes whether anything is staged; if not, what an earlier process staged is read
 * @param maxTransactionBytes row images from which a transaction is staged while it is received
 * @param maxAge how long changes wait for their stream tables in memory …
 * @param minHeldBytes … if they hold back at least this much log
 * @param maxHeldBytes log from which changes are staged however young they are
 * @param keptBytes memory beside the buffer for what was staged or read last
 * @param patience how long the reading thread waits for staging that makes no progress, before rows
 *     are given up
 */
public record StagingOptions(
    StagingConnections connections,
    boolean writes,
    long maxTransactionBytes,
    Duration maxAge,
    long minHeldBytes,
    long maxHeldBytes,
    long keptBytes,
    Duration patience) {

  /**
   * Stages what has waited for a minute and holds back more than a segment of log (16 MiB): what a
   * fast schedule consumes never leaves the memory.
   */
  public static StagingOptions whereItHelps(StagingConnections connections, long maxMemoryBytes) {
    return new StagingOptions(
        connections,
        true,
        maxMemoryBytes / 4,
        Duration.ofMinutes(1),
        16L << 20,
        Long.MAX_VALUE,
        maxMemoryBytes / 4,
        Duration.ofSeconds(10));
  }

  /** Stages nothing. */
  public static StagingOptions never(StagingConnections connections) {
    return new StagingOptions(
        connections,
        false,
        Long.MAX_VALUE,
        Duration.ofDays(1),
        Long.MAX_VALUE,
        Long.MAX_VALUE,
        0,
        Duration.ZERO);
  }

  /** Stages everything that has waited for a second. */
  public static StagingOptions always(StagingConnections connections, long maxMemoryBytes) {
    return new StagingOptions(
        connections,
        true,
        maxMemoryBytes / 4,
        Duration.ofSeconds(1),
        0,
        Long.MAX_VALUE,
        maxMemoryBytes / 4,
        Duration.ofSeconds(10));
  }

  /** The same, but that {@code bytes} of log are never held back for long. */
  public StagingOptions holdingAtMost(long bytes) {
    return new StagingOptions(
        connections,
        writes,
        maxTransactionBytes,
        maxAge,
        Math.min(minHeldBytes, bytes),
        bytes,
        keptBytes,
        patience);
  }

  /** The same with another bound of a transaction that is staged as a whole. */
  public StagingOptions withTransactionsUpTo(long bytes) {
    return new StagingOptions(
        connections,
        writes,
        Math.min(maxTransactionBytes, bytes),
        maxAge,
        minHeldBytes,
        maxHeldBytes,
        keptBytes,
        patience);
  }
}
