package dev.freshet.cdc.wal;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.buffer.ChangeBuffer;
import dev.freshet.cdc.buffer.TransactionAssembler;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a change source on a slot is, whoever reads the slot: a buffer that transactions are
 * assembled in, those who wait and listen, and how far the slot may be confirmed.
 */
public abstract class SlotChangeSource implements ChangeSource {
  private static final Logger log = LoggerFactory.getLogger(SlotChangeSource.class);

  /** Prefix of the logical messages that serve as barriers. */
  public static final String MARKER_PREFIX = "freshet";

  protected static final long FIRST_PAUSE_MILLIS = 50;
  private static final long MAX_PAUSE_MILLIS = 10_000;

  protected final ChangeBuffer buffer;
  protected final TransactionAssembler assembler;
  protected final Waiters waiters = new Waiters(this::wakeReader);
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile State state = new State.Stopped();
  private volatile Lsn permitted = Lsn.ZERO;

  protected SlotChangeSource(ChangeBuffer buffer) {
    this.buffer = buffer;
    this.assembler = new TransactionAssembler(buffer, new Notifier());
  }

  /** Somebody waits: what has arrived should be looked at now. */
  protected void wakeReader() {}

  /** The reading thread waits for room in the buffer; the server must not take it for dead. */
  protected void waitsForRoom() {}

  /** Passes on what happens on the reading thread. */
  private final class Notifier implements TransactionAssembler.Events {
    @Override
    public void committed(Set<Integer> relations, Lsn commit) {
      waiters.progressed();
      if (!relations.isEmpty()) {
        tell(listener -> listener.committed(relations, commit));
      }
    }

    @Override
    public void relationDescribed(int relation, boolean changed) {
      tell(listener -> listener.relationDescribed(relation, changed));
    }

    @Override
    public void message(String prefix, String content) {
      if (prefix.equals(MARKER_PREFIX)) {
        waiters.arrived(content);
      }
    }

    @Override
    public void waiting() {
      waitsForRoom();
    }
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
  public final void addListener(Listener listener) {
    listeners.add(listener);
  }

  protected final void changeState(State next) {
    state = next;
    tell(listener -> listener.stateChanged(next));
  }

  /** In this order: whoever waits and is let go asks for the state. */
  protected final void fail(String problem, String remedy) {
    fail(new State.Failed(problem, remedy));
  }

  protected final void fail(CaptureException reason) {
    fail(new State.Failed(reason.problem(), reason.remedy(), reason.isSlotSpent()));
  }

  private void fail(State.Failed failed) {
    log.warn("The change stream has ended: {}", failed.cause());
    changeState(failed);
    waiters.connected(false);
  }

  protected static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How long to pause after one pause that did not help. */
  protected static long longerPause(long millis) {
    return Math.min(millis * 2, MAX_PAUSE_MILLIS);
  }

  @Override
  public final State state() {
    State now = state;
    return now instanceof State.Streaming
        ? new State.Streaming(buffer.received(), confirmed())
        : now;
  }

  @Override
  public final Lsn received() {
    return buffer.received();
  }

  @Override
  public final boolean awaitBarrier(String token, Duration timeout) throws InterruptedException {
    return waiters.awaitToken(token, timeout);
  }

  @Override
  public boolean awaitReceived(Lsn lsn, Duration timeout) throws InterruptedException {
    return waiters.awaitPosition(buffer::received, lsn, timeout);
  }

  @Override
  public final Lsn confirmable() {
    return buffer.confirmable();
  }

  @Override
  public final synchronized void permitConfirmation(Lsn limit) {
    permitted = Lsn.max(permitted, limit);
  }

  protected final Lsn permitted() {
    return permitted;
  }

  @Override
  public final Lsn confirmed() {
    return Lsn.min(buffer.confirmable(), permitted);
  }

  @Override
  public final long bufferedBytes() {
    return buffer.bufferedBytes();
  }

  @Override
  public final long stagedBytes() {
    return buffer.stagedBytes();
  }

  @Override
  public final long stagedTransactions() {
    return buffer.stagedTransactions();
  }

  @Override
  public final Optional<String> stagingFailure() {
    return buffer.stagingFailure();
  }
}
