package dev.freshet.cdc.buffer;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions in commit order, until every consumer that reads them has a durable frontier that
 * sees them.
 *
 * <p>Invariants, under one lock that is held for list operations only:
 *
 * <pre>
 * order     transactions are in the order of their commit records
 * needed    a relation's rows are held  ⇐  some consumer of it has not durably seen the transaction
 * bounded   held bytes ≤ limit, or everything droppable was dropped (and says so)
 * </pre>
 */
public final class ChangeBuffer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeBuffer.class);

  /** Bound on the transaction ids remembered for {@link #coversAll}; 16 MiB of them. */
  private static final int MAX_RECENT = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final long limitBytes;
  private final ArrayDeque<BufferedTransaction> transactions = new ArrayDeque<>();
  private final Map<Integer, RelationBuffer> relations = new HashMap<>();

  /** Consumers with a frontier that is not durable yet. */
  private final Set<BufferConsumer> undurable = new LinkedHashSet<>();

  /** Ids received that some snapshot may not see yet, oldest first. */
  private final ArrayDeque<Integer> recent = new ArrayDeque<>();

  private final ExecutorService reducer =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("freshet-reduce").factory());
  private Optional<Snapshot> newest = Optional.empty();
  private volatile Map<Integer, Set<String>> captures = Map.of();
  private volatile Lsn received = Lsn.ZERO;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * An empty buffer.
   *
   * @param limitBytes memory for row images; beyond it the largest relation's rows are given up
   */
  public ChangeBuffer(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /**
   * Adds a consumer.
   *
   * @param frontier where it stands; taken at its word only if it sees all that was received so far
   */
  public DeltaConsumer register(String name, Set<DeltaView> views, Optional<Snapshot> frontier) {
    lock.lock();
    try {
      int[] unsettled = recent.stream().mapToInt(Integer::intValue).toArray();
      BufferConsumer consumer = new BufferConsumer(this, name, views, unsettled, newest);
      frontier.filter(consumer::covers).ifPresent(consumer::fill);
      for (Integer relation : consumer.relations()) {
        relations.computeIfAbsent(relation, _ -> new RelationBuffer()).consumers().add(consumer);
      }
      collectCaptures();
      return consumer;
    } finally {
      lock.unlock();
    }
  }

  /** See {@link dev.freshet.cdc.ChangeSource#coversAll}. */
  public boolean coversAll(DeltaConsumer consumer, Snapshot snapshot) {
    if (!(consumer instanceof BufferConsumer known) || known.buffer() != this) {
      throw new IllegalArgumentException("a consumer of another change source: " + consumer);
    }
    boolean covers = known.covers(snapshot);
    lock.lock();
    try {
      settle(snapshot);
    } finally {
      lock.unlock();
    }
    return covers;
  }

  void unregister(BufferConsumer consumer) {
    lock.lock();
    try {
      for (Integer relation : consumer.relations()) {
        RelationBuffer buffered = relations.get(relation);
        if (buffered != null && buffered.consumers().remove(consumer)) {
          bytes.addAndGet(-buffered.prune());
          if (buffered.consumers().isEmpty()) {
            relations.remove(relation);
          }
        }
      }
      undurable.remove(consumer);
      collectCaptures();
      dropFinished();
    } finally {
      lock.unlock();
    }
  }

  private void collectCaptures() {
    Map<Integer, Set<String>> wanted = new HashMap<>();
    relations.forEach(
        (relation, buffered) -> {
          Set<String> columns = new HashSet<>();
          buffered.consumers().forEach(consumer -> columns.addAll(consumer.columns(relation)));
          wanted.put(relation, Set.copyOf(columns));
        });
    captures = Map.copyOf(wanted);
  }

  /** For each relation that is read, the columns to keep. Replaced, never changed. */
  Map<Integer, Set<String>> captures() {
    return captures;
  }

  /** Notes a transaction whose changes begin to arrive; returns what of it is to be kept. */
  Map<Integer, Set<String>> begin(int xid) {
    lock.lock();
    try {
      recent.addLast(xid);
      if (recent.size() > MAX_RECENT) {
        recent.removeFirst();
      }
      return captures;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Appends a finished transaction.
   *
   * @return its relations that somebody needs
   */
  Set<Integer> commit(BufferedTransaction transaction) {
    Set<Integer> needed = new LinkedHashSet<>();
    lock.lock();
    try {
      for (TransactionRows rows : transaction.rows().values()) {
        RelationBuffer buffered = relations.get(rows.relation());
        if (buffered == null || !buffered.isNeeded(transaction)) {
          continue;
        }
        buffered.add(rows);
        bytes.addAndGet(rows.bytes());
        transaction.needRelation();
        needed.add(rows.relation());
        reduceAhead(buffered, rows);
      }
      if (!needed.isEmpty()) {
        transactions.addLast(transaction);
      }
    } finally {
      lock.unlock();
    }
    return needed;
  }

  /** Reduces a large transaction now, so that a refresh finds it done. */
  private void reduceAhead(RelationBuffer buffered, TransactionRows rows) {
    if (rows.changes() < ReducedDelta.WORTH_KEEPING) {
      return;
    }
    for (BufferConsumer consumer : buffered.consumers()) {
      for (DeltaView view : consumer.views()) {
        if (view instanceof DeltaView.Reduced reduced && view.relation() == rows.relation()) {
          reducer.execute(() -> reduce(rows, reduced));
        }
      }
    }
  }

  private static void reduce(TransactionRows rows, DeltaView.Reduced view) {
    try {
      rows.reduction(view);
    } catch (UnknowableDeltaException | UnreducibleException _) {
      // The delta will run into the same and tell its reader.
    }
  }

  /** Everything before {@code end} was received. */
  public void progress(Lsn end) {
    if (!end.isAfter(received)) {
      return;
    }
    lock.lock();
    try {
      received = end;
      undurable.removeIf(this::settleDurable);
      dropFinished();
    } finally {
      lock.unlock();
    }
  }

  /** Called by a consumer whose frontier moved. */
  void advanced(BufferConsumer consumer, Snapshot frontier, Lsn committedAt) {
    lock.lock();
    try {
      consumer.awaitDurable(frontier, committedAt);
      settle(frontier);
      undurable.add(consumer);
      if (settleDurable(consumer)) {
        undurable.remove(consumer);
      }
      dropFinished();
    } finally {
      lock.unlock();
    }
  }

  private void settle(Snapshot snapshot) {
    if (newest.isEmpty() || snapshot.covers(newest.get())) {
      newest = Optional.of(snapshot);
      recent.removeIf(xid -> snapshot.sees(snapshot.widen(xid)));
    }
  }

  /** Prunes what the consumer's durable frontier has passed; true if all of it is durable now. */
  private boolean settleDurable(BufferConsumer consumer) {
    if (consumer.settleDurable(received)) {
      for (Integer relation : consumer.relations()) {
        RelationBuffer buffered = relations.get(relation);
        if (buffered != null) {
          bytes.addAndGet(-buffered.prune());
        }
      }
    }
    return consumer.isDurable();
  }

  private void dropFinished() {
    while (!transactions.isEmpty() && transactions.getFirst().neededRelations() == 0) {
      transactions.removeFirst();
    }
  }

  /** The relation's rows in commit order. */
  TransactionRows[] rows(int relation) {
    lock.lock();
    try {
      RelationBuffer buffered = relations.get(relation);
      return buffered == null ? new TransactionRows[0] : buffered.rows();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes room if the rows of a transaction in progress no longer fit: the relation that holds most
   * loses its oldest transactions' rows, be it the one in progress.
   */
  void makeRoom(BufferedTransaction inProgress, long inProgressBytes) {
    if (bytes.get() + inProgressBytes <= limitBytes) {
      return;
    }
    lock.lock();
    try {
      long excess = bytes.get() + inProgressBytes - limitBytes * 3 / 4;
      if (inProgressBytes > limitBytes / 2) {
        TransactionRows largest = largest(inProgress);
        log.warn(
            "Change buffer over its limit of {} bytes: dropping {} row changes of {} in the"
                + " transaction that commits at {}",
            limitBytes,
            largest.changes(),
            largest.relationName(),
            inProgress.commitLsn());
        largest.drop();
        return;
      }
      while (excess > 0 && !relations.isEmpty()) {
        Map.Entry<Integer, RelationBuffer> largest = largestRelation();
        long freed = largest.getValue().drop(excess);
        if (freed <= 0) {
          break;
        }
        log.warn(
            "Change buffer over its limit of {} bytes: dropped the oldest {} bytes of {}",
            limitBytes,
            freed,
            largest.getValue().name());
        bytes.addAndGet(-freed);
        excess -= freed;
      }
    } finally {
      lock.unlock();
    }
  }

  private static TransactionRows largest(BufferedTransaction transaction) {
    return transaction.rows().values().stream()
        .max((a, b) -> Long.compare(a.bytes(), b.bytes()))
        .orElseThrow();
  }

  private Map.Entry<Integer, RelationBuffer> largestRelation() {
    return relations.entrySet().stream()
        .max((a, b) -> Long.compare(a.getValue().bytes(), b.getValue().bytes()))
        .orElseThrow();
  }

  public Lsn received() {
    return received;
  }

  /** See {@link dev.freshet.cdc.ChangeSource#confirmable}. */
  public Lsn confirmable() {
    lock.lock();
    try {
      return transactions.isEmpty() ? received : transactions.getFirst().commitLsn();
    } finally {
      lock.unlock();
    }
  }

  public long bufferedBytes() {
    return bytes.get();
  }

  @Override
  public void close() {
    reducer.shutdownNow();
  }
}
