package dev.freshet.cdc.wal;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.buffer.ChangeBuffer;
import dev.freshet.cdc.pgoutput.PgOutputDecoder;
import dev.freshet.cdc.staging.StagingOptions;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link ChangeSource} on a logical replication slot with {@code pgoutput}.
 *
 * <p>One thread reads, decodes and buffers; it never waits for a consumer. When the connection is
 * lost it connects again, with growing pauses. What was buffered stays: the server sends from the
 * slot's confirmed position on, and transactions that were received before are recognised by their
 * commit position. So a refresh that is under way when the connection breaks still reads a right
 * delta, if it had passed its barrier.
 */
public final class WalChangeSource extends SlotChangeSource {
  private static final Logger log = LoggerFactory.getLogger(WalChangeSource.class);

  private static final long NUDGE_AFTER_NANOS = 5_000_000;

  /** After so long without a message or a waiter the reading thread looks less often. */
  private static final long PROBE_NANOS = 500_000_000;

  private static final long DOZE_AFTER_NANOS = 200_000_000;

  private static final long DOZE_NANOS = 4_000_000;

  /** How long transactions may gather while nobody waits for them. */
  private static final long GATHER_NANOS = 2_000_000;

  /** The same within a transaction, or while somebody waits and has waited long. */
  private static final long SHORT_GATHER_NANOS = 200_000;

  private static final long LONG_WAIT_NANOS = 5_000_000;

  private static final String REATTACHES =
      "Nothing: the engine attaches again and refills what may have missed changes";

  private static final long STOP_PATIENCE_MILLIS = 2_000;

  private final ReplicationConnections connections;
  private final WalOptions options;
  private final PgOutputDecoder decoder;

  private volatile boolean running;
  private volatile @Nullable ReplicationSession session;
  private volatile @Nullable Thread reader;

  // Of the reading thread.
  private SlotInspection.@Nullable Identity server;
  private Lsn firstStart = Lsn.ZERO;
  private long lastMessage;
  private long lastNudge;
  private long lastProbe;
  private long lastConfirm;
  private Lsn lastConfirmed = Lsn.ZERO;

  /** A source that is not started; consumers whose frontier is known are registered next. */
  public WalChangeSource(ReplicationConnections connections, WalOptions options) {
    this(connections, options, Optional.empty());
  }

  /** The same, staging in the database what does not fit into memory. */
  public WalChangeSource(
      ReplicationConnections connections, WalOptions options, Optional<StagingOptions> staging) {
    super(new ChangeBuffer(options.maxMemoryBytes(), staging));
    this.connections = connections;
    this.options = options;
    this.decoder = new PgOutputDecoder(assembler);
  }

  @Override
  protected void waitsForRoom() {
    ReplicationSession current = session;
    if (current != null) {
      try {
        current.sendStatus();
      } catch (SQLException e) {
        log.debug("The connection is gone, as the next read will tell: {}", e.getMessage());
      }
    }
  }

  /**
   * Connects and begins streaming; waits while another connection still holds the slot.
   *
   * @throws CaptureException if the server is not reachable or refuses, with what to do
   */
  @Override
  public synchronized void start() {
    if (reader != null) {
      throw new IllegalStateException("the change source was started before");
    }
    ReplicationSession first = openPatiently();
    if (permitted().isAfter(Lsn.ZERO)) {
      Optional<String> beyond = first.slot().beyond(permitted(), options.slot());
      if (beyond.isPresent()) {
        first.close();
        throw CaptureException.permanent(beyond.get(), REATTACHES);
      }
    }
    recover(first);
    running = true;
    server = first.slot().identity();
    firstStart = first.slot().start();
    session = first;
    begin(first);
    reader = Thread.ofPlatform().name("freshet-wal").daemon().start(() -> read(first));
  }

  /** What an earlier process staged is not received again. */
  private void recover(ReplicationSession opened) {
    try {
      assembler.skipUpTo(buffer.recover());
    } catch (SQLException e) {
      opened.close();
      throw CaptureErrors.explain(e, options);
    }
  }

  private ReplicationSession openPatiently() {
    long deadline = System.nanoTime() + options.slotWait().toNanos();
    while (true) {
      try {
        return ReplicationSession.open(connections, options);
      } catch (CaptureException e) {
        if (e.isPermanent() || !e.isBusy() || System.nanoTime() > deadline) {
          throw e;
        }
        pause(FIRST_PAUSE_MILLIS);
      }
    }
  }

  private void begin(ReplicationSession opened) {
    buffer.progress(opened.slot().start());
    lastConfirmed = opened.slot().start();
    waiters.connected(true);
    changeState(new State.Streaming(buffer.received(), confirmed()));
  }

  private void read(ReplicationSession first) {
    Optional<ReplicationSession> next = Optional.of(first);
    while (running && next.isPresent()) {
      next = readUntilLost(next.get()).flatMap(this::reconnect);
    }
    // Stopped while connecting again: the new connection would keep the slot.
    next.ifPresent(ReplicationSession::close);
  }

  /** Reads until the connection is lost, and tells why; nothing when the source has to end. */
  private Optional<CaptureException> readUntilLost(ReplicationSession current) {
    try (current) {
      pump(current);
    } catch (SQLException e) {
      return running ? Optional.of(CaptureErrors.explain(e, options)) : Optional.empty();
    } catch (RuntimeException e) {
      log.error("The change source stops on an unexpected message", e);
      fail("unexpected message in the replication stream: " + e, "Please report this");
    }
    return Optional.empty();
  }

  /** Reads until stopped or disconnected. */
  private void pump(ReplicationSession current) throws SQLException {
    while (running) {
      ByteBuffer message = current.receive(assembler.inTransaction());
      if (message != null) {
        if (current.hasWaited()) {
          gather();
        }
        decoder.decode(message);
        lastMessage = System.nanoTime();
      }
      if (!assembler.inTransaction()) {
        betweenTransactions(current, message == null);
      } else if (message == null) {
        current.sendStatus();
        current.requireHeard();
      }
    }
    confirm(current);
  }

  private void betweenTransactions(ReplicationSession current, boolean quiet) throws SQLException {
    if (quiet) {
      assembler.reached(current.position());
      waiters.progressed();
    }
    long now = System.nanoTime();
    if (now - lastConfirm >= options.statusInterval().toNanos()) {
      confirm(current);
      lastConfirm = now;
    }
    boolean stalled = waiters.isWaitingLongerThan(NUDGE_AFTER_NANOS);
    if (quiet && stalled && now - lastNudge >= NUDGE_AFTER_NANOS) {
      current.sendStatus();
      lastNudge = now;
    }
    if (quiet) {
      probe(current, now);
      doze(now);
    }
  }

  /**
   * Rests a moment if messages come one by one but in quick succession, so that the next ones
   * gather. The server sends each message by itself, five for a small transaction, and to wake this
   * thread for each costs both sides more than to send, decode and buffer it. A lone transaction is
   * not held up, nor is a waiter: it wakes the thread up.
   */
  private void gather() {
    boolean awaited = waiters.isAnybodyWaiting();
    if (System.nanoTime() - lastMessage > GATHER_NANOS
        || (awaited && !waiters.isWaitingLongerThan(LONG_WAIT_NANOS))) {
      return;
    }
    boolean brief = awaited || assembler.inTransaction();
    LockSupport.parkNanos(this, brief ? SHORT_GATHER_NANOS : GATHER_NANOS);
  }

  /**
   * Writes to a connection that has been silent: the end of a server that was stopped shows on a
   * write at once, on a read only when the driver writes next.
   */
  private void probe(ReplicationSession current, long now) throws SQLException {
    if (now - lastMessage >= PROBE_NANOS && now - lastProbe >= PROBE_NANOS) {
      current.sendStatus();
      lastProbe = now;
      current.requireHeard();
    }
  }

  /**
   * Sleeps a little when nothing happens: a wait for the first byte costs the driver an exception,
   * a thousand times a second. A waiter wakes the thread up.
   */
  private void doze(long now) {
    if (now - lastMessage >= DOZE_AFTER_NANOS && !waiters.isAnybodyWaiting()) {
      LockSupport.parkNanos(this, DOZE_NANOS);
    }
  }

  @Override
  protected void wakeReader() {
    LockSupport.unpark(reader);
  }

  private void confirm(ReplicationSession current) throws SQLException {
    Lsn position = confirmed();
    if (position.isAfter(lastConfirmed)) {
      current.confirm(position);
      lastConfirmed = position;
    }
  }

  private Optional<ReplicationSession> reconnect(CaptureException first) {
    assembler.disconnected();
    if (first.isSlotSpent()) {
      waiters.connected(false);
      fail(first);
      return Optional.empty();
    }
    // Before the waiters are woken: they say why they waited in vain.
    lost(first, 1);
    waiters.connected(false);
    long pauseMillis = FIRST_PAUSE_MILLIS;
    for (int attempt = 2; running; attempt++) {
      pause(pauseMillis);
      pauseMillis = longerPause(pauseMillis);
      try {
        ReplicationSession opened = ReplicationSession.open(connections, options);
        Optional<String> otherHistory =
            opened
                .slot()
                .differsFrom(
                    server, buffer.received(), Lsn.max(permitted(), firstStart), options.slot());
        if (otherHistory.isPresent()) {
          opened.close();
          fail(otherHistory.get(), REATTACHES);
          return Optional.empty();
        }
        session = opened;
        begin(opened);
        return Optional.of(opened);
      } catch (CaptureException e) {
        if (e.isPermanent()) {
          fail(e);
          return Optional.empty();
        }
        lost(e, attempt);
      }
    }
    return Optional.empty();
  }

  private void lost(CaptureException reason, int attempt) {
    log.warn("Replication connection lost ({}); attempt {}", reason.problem(), attempt);
    changeState(new State.Reconnecting(reason.problem(), attempt));
  }

  @Override
  public DeltaConsumer register(String name, Set<DeltaView> views, Optional<Snapshot> frontier) {
    return buffer.register(name, views, frontier);
  }

  @Override
  public boolean coversAll(DeltaConsumer consumer, Snapshot snapshot) {
    return buffer.coversAll(consumer, snapshot);
  }

  @Override
  public synchronized void close() {
    running = false;
    Thread stopping = reader;
    if (stopping != null) {
      stopping.interrupt();
      join(stopping);
      ReplicationSession open = session;
      if (stopping.isAlive() && open != null) {
        open.abort();
        join(stopping);
      }
    }
    waiters.connected(false);
    buffer.close();
    changeState(new State.Stopped());
  }

  private static void join(Thread thread) {
    try {
      thread.join(STOP_PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
