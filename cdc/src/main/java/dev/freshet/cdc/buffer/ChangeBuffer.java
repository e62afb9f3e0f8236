package dev.freshet.cdc.buffer;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.staging.StagedReader;
import dev.freshet.cdc.staging.StagingOptions;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

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
 *
 * <p>Where there is staging, the oldest transactions leave memory for it before anything is
 * dropped; they are needed, pruned and read by the same rules, in front of those in memory.
 */
public final class ChangeBuffer implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final long limitBytes;
  private final ArrayDeque<BufferedTransaction> transactions = new ArrayDeque<>();
  private final Map<Integer, RelationBuffer> relations = new HashMap<>();

  /** Consumers with a frontier that is not durable yet. */
  private final Set<BufferConsumer> undurable = new LinkedHashSet<>();

  private final ReceivedTransactions recent = new ReceivedTransactions();

  private final ExecutorService reducer =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("freshet-reduce").factory());
  private volatile Map<Integer, Set<String>> captures = Map.of();
  private volatile Lsn received = Lsn.ZERO;
  private final AtomicLong bytes = new AtomicLong();

  private final Sacrifice sacrifice;
  private final StagedGenerations generations;
  private final Optional<Spiller> spiller;

  /** A relation's changes: staged ones, and behind them those in memory. */
  record Contents(List<StagedRows> staged, List<TransactionRows> rows) {}

  /**
   * What keeps the server from forgetting.
   *
   * @param logBytes log from the oldest transaction in memory on
   * @param ageNanos how long ago that was received
   */
  record Held(long logBytes, long ageNanos) {}

  /** The oldest transactions in memory, by relation. */
  record Oldest(Map<Integer, List<TransactionRows.Taken>> rows, Lsn lastCommit) {}

  /**
   * An empty buffer.
   *
   * @param limitBytes memory for row images; beyond it the largest relation's rows are given up
   */
  public ChangeBuffer(long limitBytes) {
    this(limitBytes, Optional.empty());
  }

  /**
   * An empty buffer that stages what does not fit.
   *
   * @param limitBytes memory for row images; from half of it on the oldest are staged
   */
  public ChangeBuffer(long limitBytes, Optional<StagingOptions> staging) {
    this.limitBytes = limitBytes;
    this.sacrifice = new Sacrifice(limitBytes);
    this.generations =
        new StagedGenerations(staging.map(options -> options.maxAge().toNanos()).orElse(0L));
    this.spiller = staging.map(options -> new Spiller(this, options, generations));
  }

  /**
   * Takes up what an earlier process has staged. Consumers are registered before, changes arrive
   * after.
   *
   * @return commit position of the last staged transaction: what the server sends up to it is here
   */
  public Lsn recover() throws SQLException {
    return spiller.isPresent() ? spiller.get().start() : Lsn.ZERO;
  }

  void recover(List<StagedRows> chunks) {
    publish(chunks);
  }

  /**
   * Adds a consumer.
   *
   * @param frontier where it stands; taken at its word only if it sees all that was received so far
   */
  public DeltaConsumer register(String name, Set<DeltaView> views, Optional<Snapshot> frontier) {
    lock.lock();
    try {
      BufferConsumer consumer =
          new BufferConsumer(this, name, views, recent.unsettled(), recent.newest(), received);
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
      recent.settle(snapshot);
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
          prune(buffered);
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
      recent.add(xid);
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
      recent.settle(frontier);
      undurable.add(consumer);
      if (settleDurable(consumer)) {
        undurable.remove(consumer);
      }
      dropFinished();
    } finally {
      lock.unlock();
    }
  }

  /** Prunes what the consumer's durable frontier has passed; true if all of it is durable now. */
  private boolean settleDurable(BufferConsumer consumer) {
    if (consumer.settleDurable(received)) {
      for (Integer relation : consumer.relations()) {
        RelationBuffer buffered = relations.get(relation);
        if (buffered != null) {
          prune(buffered);
        }
      }
    }
    return consumer.isDurable();
  }

  private void prune(RelationBuffer buffered) {
    bytes.addAndGet(-buffered.prune());
    buffered.pruneStaged().forEach(rows -> generations.release(rows.chunk()));
  }

  private void dropFinished() {
    while (!transactions.isEmpty() && transactions.getFirst().neededRelations() == 0) {
      transactions.removeFirst();
    }
  }

  /** The relation's changes in commit order. */
  Contents contents(int relation) {
    lock.lock();
    try {
      RelationBuffer buffered = relations.get(relation);
      return buffered == null
          ? new Contents(List.of(), List.of())
          : new Contents(List.of(buffered.staged()), List.of(buffered.rows()));
    } finally {
      lock.unlock();
    }
  }

  /** What the slot is held back by. */
  Held held() {
    lock.lock();
    try {
      if (transactions.isEmpty()) {
        return new Held(0, 0);
      }
      BufferedTransaction first = transactions.getFirst();
      return new Held(
          received.bytesSince(first.commitLsn()), System.nanoTime() - first.receivedNanos());
    } finally {
      lock.unlock();
    }
  }

  /** The oldest transactions, about {@code wanted} bytes of them. They stay. */
  Oldest oldest(long wanted) {
    lock.lock();
    try {
      Lsn last = Lsn.ZERO;
      long found = 0;
      for (BufferedTransaction transaction : transactions) {
        if (found >= wanted) {
          break;
        }
        last = transaction.commitLsn();
        found += transaction.rows().values().stream().mapToLong(TransactionRows::bytes).sum();
      }
      Map<Integer, List<TransactionRows.Taken>> rows = new LinkedHashMap<>();
      for (Map.Entry<Integer, RelationBuffer> entry : relations.entrySet()) {
        List<TransactionRows.Taken> upTo = entry.getValue().upTo(last);
        if (!upTo.isEmpty()) {
          rows.put(entry.getKey(), upTo);
        }
      }
      return new Oldest(rows, last);
    } finally {
      lock.unlock();
    }
  }

  /** Transactions up to {@code last} are staged durably as {@code chunks}. */
  void staged(List<StagedRows> chunks, Lsn last) {
    lock.lock();
    try {
      for (RelationBuffer buffered : relations.values()) {
        bytes.addAndGet(-buffered.removeUpTo(last));
      }
      publish(chunks);
      dropFinished();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds chunks that are durable, behind those that are.
   *
   * @return the relations that somebody needs
   */
  Set<Integer> publish(List<StagedRows> chunks) {
    Set<Integer> needed = new LinkedHashSet<>();
    lock.lock();
    try {
      for (StagedRows rows : chunks) {
        RelationBuffer buffered = relations.get(rows.chunk().relation());
        if (buffered != null && buffered.add(rows)) {
          generations.need(rows.chunk());
          needed.add(rows.chunk().relation());
        }
      }
    } finally {
      lock.unlock();
    }
    return needed;
  }

  StagedReader stagedReader() {
    return spiller.orElseThrow().reader();
  }

  /** Memory that a delta with a staged part may take. */
  long deltaBudget() {
    return Math.max(1 << 20, limitBytes / 4);
  }

  long limitBytes() {
    return limitBytes;
  }

  Optional<Spiller> spiller() {
    return spiller;
  }

  /** Bytes of staged rows that somebody needs. */
  public long stagedBytes() {
    return generations.bytes();
  }

  /** Their transactions; one that touched several relations counts once for each. */
  public long stagedTransactions() {
    return generations.transactions();
  }

  /** Why nothing can be staged at present. */
  public Optional<String> stagingFailure() {
    return spiller.flatMap(staging -> staging.handover().failure());
  }

  /**
   * Makes room if the rows of a transaction in progress no longer fit: by staging, or by giving
   * rows up.
   *
   * @param heartbeat called every second while this waits for staging
   */
  void makeRoom(BufferedTransaction inProgress, long inProgressBytes, Runnable heartbeat) {
    if (spiller.isPresent() && awaitRoom(spiller.get(), inProgressBytes, heartbeat)) {
      return;
    }
    if (bytes.get() + inProgressBytes > limitBytes) {
      lock.lock();
      try {
        bytes.addAndGet(-sacrifice.makeRoom(relations, bytes.get(), inProgress, inProgressBytes));
      } finally {
        lock.unlock();
      }
    }
  }

  /** Has memory relieved by staging; false if that does not work out. */
  private boolean awaitRoom(Spiller staging, long inProgressBytes, Runnable heartbeat) {
    Handover handover = staging.handover();
    long held = bytes.get() + inProgressBytes + handover.bytes();
    if (held > limitBytes / 2) {
      handover.press();
    }
    try {
      return held <= limitBytes
          || (staging.works()
              && handover.await(
                  () -> bytes.get() + inProgressBytes + handover.bytes() <= limitBytes, heartbeat));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
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
    spiller.ifPresent(Spiller::close);
    reducer.shutdownNow();
  }
}
