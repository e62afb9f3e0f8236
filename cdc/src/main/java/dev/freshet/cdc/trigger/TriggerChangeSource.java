package dev.freshet.cdc.trigger;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link ChangeSource} on the buffers that triggers fill.
 *
 * <p>Deltas are read from the server when they are asked for. One thread looks for new
 * transactions, to tell schedules that there is work, and drops what everybody has seen; refreshes
 * do not wait for it. Its state is in the server: after a restart there is nothing to do.
 */
public final class TriggerChangeSource implements ChangeSource {
  private static final Logger log = LoggerFactory.getLogger(TriggerChangeSource.class);

  private static final long QUIET_NANOS = 1_000_000_000;
  private static final int QUIET_FACTOR = 4;
  private static final long ROTATION_NANOS = 500_000_000;
  private static final long MAX_PAUSE_MILLIS = 10_000;
  private static final long STOP_PATIENCE_MILLIS = 2_000;

  private final SqlConnections connections;
  private final ReadingConnections reading;
  private final TriggerOptions options;
  private final Notices notices = new Notices();
  private final List<TriggerConsumer> consumers = new CopyOnWriteArrayList<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Map<Integer, String> names = new ConcurrentHashMap<>();
  private final AtomicLong connection = new AtomicLong();
  private volatile State state = new State.Stopped();
  private volatile Lsn received = Lsn.ZERO;
  private volatile long bytes;
  private volatile long verifiedConnection = -1;
  private volatile boolean running;
  private volatile @Nullable Thread poller;

  public TriggerChangeSource(SqlConnections connections, TriggerOptions options) {
    this.connections = connections;
    this.reading = new ReadingConnections(connections);
    this.options = options;
  }

  Notices notices() {
    return notices;
  }

  /** Reads a relation's buffer. */
  interface Reading<T> {
    T read(BufferReader reader) throws SQLException;
  }

  <T> T read(int relation, Reading<T> what) {
    try {
      return reading.with(
          open ->
              what.read(
                  new BufferReader(
                      open, relation, nameOf(open, relation), options.maxMemoryBytes())));
    } catch (SQLException e) {
      throw new UnreadableBufferException(e);
    }
  }

  private String nameOf(Connection open, int relation) throws SQLException {
    String known = names.get(relation);
    if (known != null) {
      return known;
    }
    String query =
        "SELECT nspname || '.' || relname FROM pg_catalog.pg_class c"
            + " JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE c.oid = "
            + Integer.toUnsignedString(relation);
    try (Statement statement = open.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      String name = row.next() ? row.getString(1) : "the dropped relation.";
      names.put(relation, name);
      return name;
    }
  }

  @Override
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  @Override
  public synchronized void start() {
    if (poller != null) {
      throw new IllegalStateException("the change source was started before");
    }
    running = true;
    poller = Thread.ofPlatform().name("freshet-triggers").daemon().start(this::run);
  }

  private void run() {
    int attempt = 0;
    while (running) {
      try (Connection open = connections.open()) {
        Session session = new Session(open);
        long opened = connection.incrementAndGet();
        session.look();
        attempt = 0;
        changeState(new State.Streaming(received, received));
        while (running) {
          session.stepUnlessGone(opened);
        }
      } catch (SQLException e) {
        if (running) {
          attempt++;
          changeState(new State.Reconnecting(String.valueOf(e.getMessage()), attempt));
          pause(Math.min(50L << Math.min(attempt, 10), MAX_PAUSE_MILLIS) * 1_000_000);
        }
      } catch (RuntimeException e) {
        log.error("The change source stops on an unexpected error", e);
        changeState(new State.Failed("unexpected error: " + e, "Please report this"));
        return;
      }
    }
  }

  /** One connection's time. */
  private final class Session {
    private final Poll poll;
    private final Rotation rotation;
    private long lastFound = System.nanoTime();
    private long lastRotation = System.nanoTime();

    Session(Connection open) throws SQLException {
      this.poll = new Poll(open, notices);
      this.rotation = new Rotation(open, options.rotateBytes());
    }

    /** A buffer may be removed while it is read: its source is read no more. */
    void stepUnlessGone(long opened) throws SQLException {
      try {
        step(opened);
      } catch (SQLException e) {
        if (!BufferReader.UNDEFINED_TABLE.equals(e.getSQLState())) {
          throw e;
        }
      }
    }

    private void step(long opened) throws SQLException {
      long now = System.nanoTime();
      long interval = options.pollInterval().toNanos();
      pause(now - lastFound > QUIET_NANOS ? interval * QUIET_FACTOR : interval);
      Poll.Found found = look();
      if (System.nanoTime() - lastRotation >= ROTATION_NANOS) {
        forget(found, verifiedConnection == opened);
        lastRotation = System.nanoTime();
      }
    }

    private Poll.Found look() throws SQLException {
      Poll.Found found = poll.look();
      received = Lsn.max(received, found.position());
      bytes = found.sizes().stream().mapToLong(Poll.Size::bytes).sum();
      if (!found.relations().isEmpty()) {
        lastFound = System.nanoTime();
        tell(listener -> listener.committed(found.relations(), found.position()));
      }
      return found;
    }

    private void forget(Poll.Found found, boolean mayDrop) throws SQLException {
      for (Integer relation : found.sizes().stream().map(Poll.Size::relation).distinct().toList()) {
        List<TriggerConsumer> readers = readers(relation);
        notices.prune(
            relation, xid -> readers.stream().allMatch(reader -> reader.seen().sees(xid)));
        if (mayDrop) {
          rotation.turn(relation, readers, written(found, relation));
        }
      }
    }

    /** Bytes of the generation that is written to. */
    private static long written(Poll.Found found, int relation) {
      return found.sizes().stream()
          .filter(size -> size.relation() == relation)
          .max((a, b) -> Long.compare(a.generation(), b.generation()))
          .map(Poll.Size::bytes)
          .orElse(0L);
    }
  }

  private List<TriggerConsumer> readers(int relation) {
    return consumers.stream().filter(reader -> reader.relations().contains(relation)).toList();
  }

  private static void pause(long nanos) {
    LockSupport.parkNanos(nanos);
  }

  private void changeState(State next) {
    state = next;
    tell(listener -> listener.stateChanged(next));
  }

  private void tell(Consumer<Listener> event) {
    for (Listener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        log.error("A listener of the change source failed", e);
      }
    }
  }

  @Override
  public State state() {
    State now = state;
    return now instanceof State.Streaming ? new State.Streaming(received, received) : now;
  }

  /** Where the log stood when it was looked last; what is read does not depend on it. */
  @Override
  public Lsn received() {
    return received;
  }

  /** Any frontier counts: the buffers hold what any stored frontier has not seen. */
  @Override
  public DeltaConsumer register(String name, Set<DeltaView> views, Optional<Snapshot> frontier) {
    TriggerConsumer consumer = new TriggerConsumer(this, name, views, currentSnapshot(), frontier);
    consumers.add(consumer);
    return consumer;
  }

  private Snapshot currentSnapshot() {
    try {
      return reading.with(
          open -> {
            try (Statement statement = open.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
              row.next();
              return Snapshot.parse(row.getString(1));
            }
          });
    } catch (SQLException e) {
      throw new UnreadableBufferException(e);
    }
  }

  void unregister(TriggerConsumer consumer) {
    consumers.remove(consumer);
  }

  @Override
  public boolean coversAll(DeltaConsumer consumer, Snapshot snapshot) {
    if (!(consumer instanceof TriggerConsumer known) || known.source() != this) {
      throw new IllegalArgumentException("a consumer of another change source: " + consumer);
    }
    return snapshot.covers(known.registered());
  }

  /** Nothing has to be waited for. */
  @Override
  public boolean awaitBarrier(String token, Duration timeout) {
    return true;
  }

  @Override
  public boolean awaitReceived(Lsn lsn, Duration timeout) {
    return true;
  }

  @Override
  public Lsn confirmable() {
    return received;
  }

  /** Nothing is confirmed by position; see {@link #permitForgetting}. */
  @Override
  public void permitConfirmation(Lsn limit) {}

  /** Counts the connections on which it is looked for changes. */
  public long connection() {
    return connection.get();
  }

  /**
   * Allows what every frontier has seen to be dropped, until the connection is lost: then a crash
   * may have undone frontiers that are in memory.
   *
   * @param verified the connection since which the frontiers are known to be stored
   */
  public void permitForgetting(long verified) {
    verifiedConnection = verified;
  }

  @Override
  public Lsn confirmed() {
    return received;
  }

  /** Bytes of the buffers, which are in the server. */
  @Override
  public long bufferedBytes() {
    return bytes;
  }

  @Override
  public synchronized void close() {
    running = false;
    Thread stopping = poller;
    if (stopping != null) {
      LockSupport.unpark(stopping);
      try {
        stopping.join(STOP_PATIENCE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    reading.close();
    changeState(new State.Stopped());
  }
}
