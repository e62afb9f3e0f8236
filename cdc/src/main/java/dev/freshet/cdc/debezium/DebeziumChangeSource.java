package dev.freshet.cdc.debezium;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.buffer.ChangeBuffer;
import dev.freshet.cdc.wal.CaptureException;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.cdc.wal.SlotChangeSource;
import dev.freshet.cdc.wal.SlotInspection;
import dev.freshet.cdc.wal.WalChangeSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link ChangeSource} on a logical replication slot that Debezium's embedded engine reads.
 *
 * <p>As exact as {@link WalChangeSource}, and slower: for those who run Debezium already. When the
 * engine ends (connection lost, server restarted), another one is started, with growing pauses.
 */
public final class DebeziumChangeSource extends SlotChangeSource {
  private static final Logger log = LoggerFactory.getLogger(DebeziumChangeSource.class);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);
  private static final Duration STOP_STEP = Duration.ofMillis(100);
  private static final Duration FIRST_CONTACT = Duration.ofSeconds(30);
  private static final Duration LAST_CONFIRMATION = Duration.ofSeconds(2);

  private final DebeziumOptions options;
  private final ReplicationConnections replication;
  private final RelationCatalog catalog;
  private final RecordReader reader;
  private final Heartbeat heartbeat;

  private volatile Lsn lastConfirmed = Lsn.ZERO;
  private volatile boolean running;
  private volatile boolean stopping;
  private volatile @Nullable EmbeddedDebezium current;
  private volatile @Nullable Thread supervisor;
  private SlotInspection.@Nullable Identity server;
  private Lsn firstStart = Lsn.ZERO;
  private long lastConfirmNanos;

  /**
   * A source that is not started; consumers whose frontier is known are registered next.
   *
   * @throws CaptureException if Debezium is not on the class path, with what to put there
   */
  public static DebeziumChangeSource of(DebeziumOptions options) {
    DebeziumClasses.require();
    return new DebeziumChangeSource(options);
  }

  private DebeziumChangeSource(DebeziumOptions options) {
    super(new ChangeBuffer(options.capture().maxMemoryBytes()));
    this.options = options;
    this.replication = ReplicationConnections.of(options.url(), options.driver());
    this.catalog = new RelationCatalog(this::connect);
    this.reader = new RecordReader(catalog, assembler);
    this.heartbeat =
        new Heartbeat(
            this::connect,
            options.capture().statusInterval(),
            buffer::received,
            () -> confirmed().bytesSince(lastConfirmed),
            this::serverLost);
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(options.url(), options.driver());
  }

  /**
   * Starts Debezium and waits until it has read something; waits first while another connection
   * still holds the slot.
   *
   * @throws CaptureException if the server is not reachable or refuses, with what to do
   */
  @Override
  public synchronized void start() {
    if (supervisor != null) {
      throw new IllegalStateException("the change source was started before");
    }
    SlotInspection slot = SlotInspection.patiently(replication, options.capture());
    server = slot.identity();
    firstStart = slot.start();
    running = true;
    begin(slot.start());
    supervisor = Thread.ofPlatform().name("freshet-debezium").daemon().start(this::supervise);
    heartbeat.start();
    awaitFirstContact();
  }

  private void awaitFirstContact() {
    try {
      String token = heartbeat.marker();
      boolean reached = waiters.awaitToken(token, FIRST_CONTACT);
      if (!reached && state() instanceof State.Failed failed) {
        close();
        throw CaptureException.of(failed);
      }
      if (!reached) {
        log.info("Debezium has not caught up yet; it goes on reading");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      log.warn("No marker could be written to the log: {}", e.getMessage());
    }
  }

  private void begin(Lsn start) {
    buffer.progress(start);
    reader.connected(start);
    lastConfirmed = start;
    waiters.connected(true);
    changeState(new State.Streaming(buffer.received(), confirmed()));
  }

  /** Runs one engine after the other. */
  private void supervise() {
    boolean ready = true;
    while (running && ready) {
      Optional<CaptureException> lost = runOnce();
      ready = running && lost.isPresent() && reconnect(lost.get());
    }
  }

  /** Runs an engine until it ends, and tells why; nothing when the source has to end. */
  private Optional<CaptureException> runOnce() {
    Optional<Throwable> failure;
    try (EmbeddedDebezium engine = new EmbeddedDebezium(options, reader, this::confirmation)) {
      current = engine;
      failure = running ? engine.run() : Optional.empty();
    } catch (RuntimeException e) {
      failure = Optional.of(e);
    } finally {
      current = null;
    }
    return running ? Optional.of(DebeziumFailure.explain(failure, options)) : Optional.empty();
  }

  /** On the engine's thread, after a batch: what can be confirmed now, if it is worth telling. */
  private Optional<Lsn> confirmation() {
    waiters.progressed();
    Lsn position = confirmed();
    long now = System.nanoTime();
    boolean due =
        stopping || now - lastConfirmNanos >= options.capture().statusInterval().toNanos();
    if (!due || !position.isAfter(lastConfirmed)) {
      return Optional.empty();
    }
    lastConfirmNanos = now;
    lastConfirmed = position;
    waiters.progressed();
    return Optional.of(position);
  }

  /**
   * The server does not answer ordinary connections any more. One that is being stopped waits for
   * Debezium's walsender to have everything confirmed: let it go.
   */
  private void serverLost() {
    EmbeddedDebezium engine = current;
    if (engine != null && running) {
      engine.close();
    }
  }

  private boolean reconnect(CaptureException first) {
    assembler.disconnected();
    waiters.connected(false);
    CaptureException reason = first;
    long pauseMillis = FIRST_PAUSE_MILLIS;
    for (int attempt = 1; running; attempt++) {
      if (reason.isPermanent()) {
        fail(reason);
        return false;
      }
      log.warn("Debezium has ended ({}); attempt {}", reason.problem(), attempt);
      changeState(new State.Reconnecting(reason.problem(), attempt));
      pause(pauseMillis);
      pauseMillis = longerPause(pauseMillis);
      try {
        SlotInspection slot = SlotInspection.of(replication, options.capture());
        Optional<String> changed =
            slot.differsFrom(
                server,
                buffer.received(),
                Lsn.max(permitted(), firstStart),
                options.capture().slot());
        if (changed.isPresent()) {
          fail(
              changed.get(),
              "Freshet attaches anew: stream tables are checked, and refilled where they must be");
          return false;
        }
        begin(slot.start());
        return true;
      } catch (CaptureException e) {
        reason = e;
      }
    }
    return false;
  }

  @Override
  public DeltaConsumer register(String name, Set<DeltaView> views, Optional<Snapshot> frontier) {
    return new WatchedConsumer(buffer.register(name, views, frontier), catalog);
  }

  @Override
  public boolean coversAll(DeltaConsumer consumer, Snapshot snapshot) {
    if (!(consumer instanceof WatchedConsumer watched)) {
      throw new IllegalArgumentException("a consumer of another change source: " + consumer);
    }
    return buffer.coversAll(watched.buffered(), snapshot);
  }

  /** Debezium tells nothing of keepalives, so a marker is written to see how far it has come. */
  @Override
  public boolean awaitReceived(Lsn lsn, Duration timeout) throws InterruptedException {
    if (buffer.received().isBefore(lsn)) {
      heartbeat.beatNow();
    }
    return super.awaitReceived(lsn, timeout);
  }

  @Override
  public synchronized void close() {
    confirmAtLast();
    running = false;
    heartbeat.close();
    endSupervisor();
    waiters.connected(false);
    catalog.close();
    buffer.close();
    changeState(new State.Stopped());
  }

  /** A position is confirmed when something is received, so write something. */
  private void confirmAtLast() {
    if (!running || !(state() instanceof State.Streaming)) {
      return;
    }
    stopping = true;
    Lsn wanted = confirmed();
    if (wanted.isAfter(lastConfirmed)) {
      heartbeat.beatNow();
      try {
        waiters.awaitPosition(() -> lastConfirmed, wanted, LAST_CONFIRMATION);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Debezium's engine refuses to be closed while it starts, so it is told again. */
  private void endSupervisor() {
    Thread ending = supervisor;
    long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
    while (ending != null && ending.isAlive() && System.nanoTime() < deadline) {
      EmbeddedDebezium engine = current;
      if (engine != null) {
        engine.close();
      }
      try {
        ending.join(STOP_STEP);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
