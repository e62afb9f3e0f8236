package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.config.BufferMode;
import dev.freshet.config.CdcConfig;
import dev.freshet.config.CdcMode;
import dev.freshet.engine.refresh.Maintained;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log that the server holds for waiting changes within {@code cdc.max-retained-wal}.
 *
 * <p>Staging begins at half of it. Where nothing can be staged, the stream tables that hold the
 * slot back are given up at the whole of it: their frontiers are marked invalid in the catalog
 * first, so that the slot may pass what they have not seen, and they are refilled. A server whose
 * disk is full stops every writer; a full refresh costs one.
 */
final class RetainedLog {
  private static final Logger LOG = LoggerFactory.getLogger(RetainedLog.class);

  /** A single large transaction may exceed the budget before a byte of it can be staged. */
  private static final Duration STAGING_PATIENCE = Duration.ofSeconds(10);

  private final boolean holdsLog;
  private final ChangeSource source;
  private final long budgetBytes;
  private final TableLifecycle lifecycle;
  private final BufferMode mode;
  private final AtomicLong givenUp = new AtomicLong();

  /** When the budget was found exceeded; of the thread that ticks. */
  private Optional<Long> exceededSince = Optional.empty();

  RetainedLog(CaptureMode mode, CdcConfig cdc, TableLifecycle lifecycle) {
    this.holdsLog = mode.mode() != CdcMode.TRIGGER;
    this.source = mode.source();
    this.budgetBytes = cdc.maxRetainedWal().bytes();
    this.mode = cdc.buffer().mode();
    this.lifecycle = lifecycle;
  }

  /** How many times a stream table was given up. */
  long givenUp() {
    return givenUp.get();
  }

  /** Gives up what holds the slot back by too much. */
  void tick() throws SQLException {
    Lsn oldest = source.confirmable();
    long held = source.received().bytesSince(oldest);
    if (!holdsLog || held <= budgetBytes) {
      exceededSince = Optional.empty();
      return;
    }
    Optional<String> why = whyNotStaged();
    if (why.isEmpty()) {
      return;
    }
    for (Maintained table : lifecycle.tables().maintained()) {
      Optional<Lsn> holds = table.consumer().oldestInMemory();
      if (holds.isPresent() && source.received().bytesSince(holds.get()) > budgetBytes) {
        giveUp(table, held, why.get());
      }
    }
  }

  /** Empty while it may be only a matter of moments. */
  private Optional<String> whyNotStaged() {
    if (mode == BufferMode.MEMORY) {
      return Optional.of("cdc.buffer.mode is memory");
    }
    long now = System.nanoTime();
    long since = exceededSince.orElse(now);
    exceededSince = Optional.of(since);
    return source
        .stagingFailure()
        .or(
            () ->
                now - since > STAGING_PATIENCE.toNanos()
                    ? Optional.of("staging does not keep up")
                    : Optional.empty());
  }

  /** A refresh that is under way may move it on by itself: it is looked at again. */
  private void giveUp(Maintained table, long held, String why) throws SQLException {
    if (!table.lock().tryLock()) {
      return;
    }
    try {
      if (!lifecycle.tables().isMaintained(table)) {
        return;
      }
      LOG.error(
          "{}: {} bytes of log are kept for its changes, more than cdc.max-retained-wal ({} bytes),"
              + " and they cannot be staged ({}): the slot moves on, the stream table is refilled",
          table.displayName(),
          held,
          budgetBytes,
          why);
      lifecycle.states().giveUp(table, "refill: its changes held back too much log (" + why + ")");
      givenUp.incrementAndGet();
    } finally {
      table.lock().unlock();
    }
  }
}
