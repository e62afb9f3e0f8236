package dev.freshet.cdc.buffer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.temporal.ChronoUnit.MICROS;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.pgoutput.PgOutputHandler;
import dev.freshet.cdc.pgoutput.RelationSchema;
import dev.freshet.cdc.pgoutput.Tuple;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes transactions of decoded messages and hands them to the buffer.
 *
 * <p>Runs on the reading thread. Survives reconnections: what the server sends again is recognised
 * by its commit position, which only grows, and skipped.
 */
public final class TransactionAssembler implements PgOutputHandler {
  /** What happens on the reading thread; must return at once. */
  public interface Events {
    /** A transaction ended; {@code relations} are those of it that were kept, perhaps none. */
    void committed(Set<Integer> relations, Lsn commit);

    void relationDescribed(int relation, boolean changed);

    void message(String prefix, String content);

    /** The reading thread waits for room; called every second. */
    default void waiting() {}
  }

  /** A relation as last described, and what of it is kept now. */
  private static final class Described {
    final RelationSchema schema;
    @Nullable Set<String> needed;
    @Nullable RowLayout layout;

    Described(RelationSchema schema) {
      this.schema = schema;
    }

    RowLayout layout(Set<String> wanted) {
      RowLayout known = layout;
      if (known != null && wanted.equals(needed)) {
        return known;
      }
      RowLayout fresh = RowLayout.of(schema, wanted);
      layout = fresh;
      needed = wanted;
      return fresh;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(TransactionAssembler.class);
  private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private final ChangeBuffer buffer;
  private final Events events;
  private final Map<Integer, Described> relations = new HashMap<>();
  private Map<Integer, Set<String>> captures = Map.of();
  private @Nullable BufferedTransaction current;
  private boolean skipping;
  private Lsn lastCommit = Lsn.ZERO;
  private Lsn commitOfCurrent = Lsn.ZERO;
  private long currentBytes;
  private Optional<Spill> spill = Optional.empty();

  // The relation of the row before, which is usually the relation of the next one.
  private int lastRelation;
  private @Nullable TransactionRows lastRows;
  private @Nullable RowLog lastLog;

  public TransactionAssembler(ChangeBuffer buffer, Events events) {
    this.buffer = buffer;
    this.events = events;
  }

  /** Whether a transaction has begun and not ended. */
  public boolean inTransaction() {
    return current != null;
  }

  /** Forgets the transaction in progress: the connection is gone, it will be sent again. */
  public void disconnected() {
    current = null;
    forgetSpill();
    forgetLast();
  }

  private void forgetSpill() {
    spill.ifPresent(open -> spiller().handover().forget(open));
    spill = Optional.empty();
  }

  /** Transactions up to {@code commit} were received by an earlier process, and staged. */
  public void skipUpTo(Lsn commit) {
    lastCommit = Lsn.max(lastCommit, commit);
  }

  /** Everything before {@code position} was received, as a keepalive or message says. */
  public void reached(Lsn position) {
    buffer.progress(current == null ? position : Lsn.min(position, commitOfCurrent));
  }

  @Override
  public void begin(long commitLsn, long commitMicros, int xid) {
    commitOfCurrent = new Lsn(commitLsn);
    skipping = !commitOfCurrent.isAfter(lastCommit);
    Map<Integer, Set<String>> wanted = buffer.begin(xid);
    captures = skipping ? Map.of() : wanted;
    current =
        new BufferedTransaction(xid, commitOfCurrent, POSTGRES_EPOCH.plus(commitMicros, MICROS));
    currentBytes = 0;
    forgetLast();
  }

  private void forgetLast() {
    lastRelation = 0;
    lastRows = null;
    lastLog = null;
  }

  @Override
  public void commit(long commitLsn, long endLsn, long commitMicros) {
    BufferedTransaction finished = transaction();
    current = null;
    forgetLast();
    if (skipping) {
      return;
    }
    Optional<Set<Integer>> needed = spill.isPresent() ? stage(finished) : keep(finished);
    if (needed.isPresent()) {
      lastCommit = finished.commitLsn();
      buffer.progress(new Lsn(endLsn));
      events.committed(needed.get(), lastCommit);
    }
  }

  private Optional<Set<Integer>> keep(BufferedTransaction finished) {
    finished.rows().values().forEach(TransactionRows::finish);
    return Optional.of(buffer.commit(finished));
  }

  /**
   * Waits until the rest of a transaction is staged too. Rows that got lost on the way are given
   * up; nothing is returned if the source is being closed.
   */
  private Optional<Set<Integer>> stage(BufferedTransaction finished) {
    Spill open = spill.orElseThrow();
    handOver(finished, true);
    spill = Optional.empty();
    try {
      if (spiller().handover().awaitStaged(open, events::waiting) == Spill.State.STAGED) {
        return Optional.of(open.needed());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
    log.warn(
        "The transaction that commits at {} could not be staged: its changes are given up",
        finished.commitLsn());
    finished.rows().values().stream()
        .filter(TransactionRows::isTaken)
        .forEach(TransactionRows::drop);
    return keep(finished);
  }

  /** Has what was received of the transaction in progress staged. */
  private void handOver(BufferedTransaction transaction, boolean last) {
    Spill open = spill.orElseGet(() -> new Spill(transaction));
    spill = Optional.of(open);
    List<TransactionRows.Taken> rows =
        transaction.rows().values().stream().map(TransactionRows::take).toList();
    spiller().handover().hand(open, rows, currentBytes, last);
    currentBytes = 0;
    forgetLast();
  }

  private Spiller spiller() {
    return buffer.spiller().orElseThrow();
  }

  @Override
  public void origin(long commitLsn, String name) {}

  @Override
  public void relation(RelationSchema schema) {
    Described before = relations.get(schema.oid());
    boolean changed = before != null && !before.schema.equals(schema);
    if (before == null || changed) {
      relations.put(schema.oid(), new Described(schema));
      forgetLast();
    }
    events.relationDescribed(schema.oid(), changed);
  }

  @Override
  public void type(int oid, String namespace, String name) {}

  @Override
  public void insert(int relation, Tuple row) {
    if (open(relation)) {
      append(RowLog.INSERT, row, row);
    }
  }

  @Override
  public void update(int relation, Tuple row) {
    if (open(relation)) {
      append(RowLog.UPDATE, row, row);
    }
  }

  @Override
  public void update(int relation, OldRow kind, Tuple old, Tuple row) {
    if (!open(relation)) {
      return;
    }
    boolean full = kind == OldRow.FULL;
    RowLog log = lastLog;
    if (log != null) {
      log.append(full ? RowLog.OLD_FULL : RowLog.OLD_KEY, old, old);
    }
    append(RowLog.NEW, row, full ? old : row);
  }

  @Override
  public void delete(int relation, OldRow kind, Tuple old) {
    if (open(relation)) {
      append(kind == OldRow.FULL ? RowLog.DELETE_FULL : RowLog.DELETE_KEY, old, old);
    }
  }

  @Override
  public void truncate(int[] truncated, boolean cascade, boolean restartIdentity) {
    for (int relation : truncated) {
      if (captures.containsKey(relation)) {
        rows(relation).truncate();
      }
    }
    forgetLast();
  }

  @Override
  public void message(boolean transactional, long lsn, String prefix, ByteBuffer content) {
    events.message(prefix, UTF_8.decode(content).toString());
  }

  /** Makes {@code relation} the one that is appended to; false if nobody reads it. */
  private boolean open(int relation) {
    if (relation == lastRelation && lastRows != null) {
      return true;
    }
    Set<String> wanted = captures.get(relation);
    if (wanted == null) {
      return false;
    }
    TransactionRows rows = rows(relation);
    lastRelation = relation;
    lastRows = rows;
    lastLog = rows.dropped() ? null : rows.logFor(described(relation).layout(wanted));
    return true;
  }

  private TransactionRows rows(int relation) {
    BufferedTransaction transaction = transaction();
    return transaction
        .rows()
        .computeIfAbsent(
            relation,
            oid -> new TransactionRows(transaction, oid, described(oid).schema.qualifiedName()));
  }

  /** Appends the image that completes a change. */
  private void append(byte operation, Tuple row, Tuple fallback) {
    TransactionRows rows = lastRows;
    if (rows == null) {
      throw new IllegalStateException("no relation is open");
    }
    rows.countChange();
    RowLog log = lastLog;
    if (log == null) {
      return;
    }
    long before = log.bytes();
    log.append(operation, row, fallback);
    if (log.bytes() != before) {
      currentBytes = transaction().rows().values().stream().mapToLong(TransactionRows::bytes).sum();
      if (isTooLarge()) {
        handOver(transaction(), false);
      }
      buffer.makeRoom(transaction(), currentBytes, events::waiting);
      if (rows.dropped()) {
        lastLog = null;
      }
    }
  }

  private boolean isTooLarge() {
    return buffer.spiller().map(staging -> staging.isTooLarge(currentBytes)).orElse(false);
  }

  private BufferedTransaction transaction() {
    BufferedTransaction open = current;
    if (open == null) {
      throw new IllegalStateException("a row message outside of a transaction");
    }
    return open;
  }

  private Described described(int relation) {
    Described known = relations.get(relation);
    if (known == null) {
      throw new IllegalStateException(
          "no Relation message for oid " + Integer.toUnsignedString(relation));
    }
    return known;
  }
}
