package dev.freshet.cdc.buffer;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.ChangeSource.Pending;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** One reader of the buffer: its views, its frontier, and how much of that frontier is durable. */
final class BufferConsumer implements DeltaConsumer {
  /** A frontier whose transaction may still be lost in a crash of the server. */
  private record Undurable(Snapshot frontier, Lsn committedAt) {}

  private static final int MAX_UNDURABLE = 256;

  private final ChangeBuffer buffer;
  private final String name;
  private final Set<DeltaView> views;
  private final int[] unsettled;
  private final Optional<Snapshot> newestAtStart;
  private final Lsn registeredAt;
  private volatile Optional<Snapshot> frontier = Optional.empty();

  // Guarded by the buffer's lock.
  private Optional<Snapshot> durable = Optional.empty();
  private final ArrayDeque<Undurable> undurable = new ArrayDeque<>();

  BufferConsumer(
      ChangeBuffer buffer,
      String name,
      Set<DeltaView> views,
      int[] unsettled,
      Optional<Snapshot> newestAtStart,
      Lsn registeredAt) {
    this.registeredAt = registeredAt;
    this.buffer = buffer;
    this.name = name;
    this.views = Set.copyOf(views);
    this.unsettled = unsettled;
    this.newestAtStart = newestAtStart;
  }

  ChangeBuffer buffer() {
    return buffer;
  }

  Set<DeltaView> views() {
    return views;
  }

  Set<Integer> relations() {
    return views.stream().map(DeltaView::relation).collect(Collectors.toUnmodifiableSet());
  }

  Set<String> columns(int relation) {
    Set<String> columns = new HashSet<>();
    for (DeltaView view : views) {
      if (view.relation() == relation) {
        switch (view) {
          case DeltaView.Keyed keyed -> columns.addAll(keyed.columns());
          case DeltaView.Weighted weighted -> columns.addAll(weighted.columns());
          case DeltaView.Reduced reduced -> {
            columns.addAll(reduced.group());
            columns.addAll(reduced.sums());
          }
        }
      }
    }
    return columns;
  }

  /** Whether {@code snapshot} sees all that had been received when this consumer was registered. */
  boolean covers(Snapshot snapshot) {
    for (int xid : unsettled) {
      if (!snapshot.sees(snapshot.widen(xid))) {
        return false;
      }
    }
    return newestAtStart.map(snapshot::covers).orElse(true);
  }

  /** Sets the frontier that the consumer was registered with. */
  void fill(Snapshot filled) {
    frontier = Optional.of(filled);
    durable = frontier;
  }

  /** Until it is filled it needs what came after its registration: the fill sees the rest. */
  boolean needs(BufferedTransaction transaction) {
    return durable.isPresent()
        ? !sees(durable.get(), transaction)
        : !transaction.commitLsn().isBefore(registeredAt);
  }

  boolean needs(StagedRows rows) {
    return durable.isPresent()
        ? !rows.chunk().transactions().allSeenBy(durable.get())
        : !rows.receivedBy().isBefore(registeredAt);
  }

  static boolean sees(Snapshot snapshot, BufferedTransaction transaction) {
    return snapshot.sees(snapshot.widen(transaction.xid()));
  }

  /**
   * Takes frontiers for durable whose commit lies before {@code flushed}; true if there are any.
   */
  boolean settleDurable(Lsn flushed) {
    boolean moved = false;
    while (!undurable.isEmpty() && !undurable.getFirst().committedAt().isAfter(flushed)) {
      durable = Optional.of(undurable.removeFirst().frontier());
      moved = true;
    }
    return moved;
  }

  /** Under the buffer's lock: whether no frontier waits for its commit to be flushed. */
  boolean isDurable() {
    return undurable.isEmpty();
  }

  @Override
  public Delta delta(DeltaView view, Snapshot upTo) {
    if (!views.contains(view)) {
      throw new IllegalArgumentException(
          "consumer %s did not register the view %s".formatted(name, view));
    }
    Optional<Snapshot> from = frontier;
    if (from.isEmpty()) {
      return new Delta.Unknown("%s has no frontier yet: it was not filled".formatted(name));
    }
    if (!upTo.covers(from.get())) {
      return new Delta.Unknown(
          "snapshot %s is older than the frontier %s of %s (was the database restored?)"
              .formatted(upTo, from.get(), name));
    }
    ChangeBuffer.Contents contents = buffer.contents(view.relation());
    List<StagedRows> staged = stagedBetween(contents, from.get(), upTo);
    List<TransactionRows> rows = between(contents, from.get(), upTo);
    if (rows.isEmpty() && staged.isEmpty()) {
      return new Delta.Empty();
    }
    try {
      Window window = Window.of(rows);
      if (!staged.isEmpty()) {
        window =
            window.after(staged, from.get(), upTo, buffer.stagedReader(), buffer.deltaBudget());
      }
      return switch (view) {
        case DeltaView.Keyed keyed -> KeyedDelta.of(keyed, window);
        case DeltaView.Weighted weighted -> WeightedDelta.of(weighted, window);
        case DeltaView.Reduced reduced -> ReducedDelta.of(reduced, window);
      };
    } catch (UnknowableDeltaException e) {
      return new Delta.Unknown(String.valueOf(e.getMessage()));
    } catch (UnreducibleException e) {
      return new Delta.Unreducible(e.column());
    }
  }

  private static List<TransactionRows> between(
      ChangeBuffer.Contents contents, Snapshot from, Snapshot upTo) {
    List<TransactionRows> found = new ArrayList<>();
    for (TransactionRows rows : contents.rows()) {
      if (sees(upTo, rows.transaction()) && !sees(from, rows.transaction())) {
        found.add(rows);
      }
    }
    return found;
  }

  private static List<StagedRows> stagedBetween(
      ChangeBuffer.Contents contents, Snapshot from, Snapshot upTo) {
    List<StagedRows> found = new ArrayList<>();
    for (StagedRows rows : contents.staged()) {
      if (rows.chunk().transactions().countBetween(from, upTo) > 0) {
        found.add(rows);
      }
    }
    return found;
  }

  @Override
  public long changeCount(int relation, Snapshot upTo) {
    Optional<Snapshot> from = frontier;
    if (from.isEmpty()) {
      return 0;
    }
    ChangeBuffer.Contents contents = buffer.contents(relation);
    long changes = 0;
    for (StagedRows staged : contents.staged()) {
      changes += staged.changes(from.get(), upTo);
    }
    for (TransactionRows rows : between(contents, from.get(), upTo)) {
      changes += rows.changes();
    }
    return changes;
  }

  @Override
  public long changeCount(int relation) {
    Optional<Snapshot> from = frontier;
    if (from.isEmpty()) {
      return 0;
    }
    ChangeBuffer.Contents contents = buffer.contents(relation);
    long changes = 0;
    for (StagedRows staged : contents.staged()) {
      changes += staged.changes(from.get());
    }
    for (TransactionRows rows : contents.rows()) {
      if (!sees(from.get(), rows.transaction())) {
        changes += rows.changes();
      }
    }
    return changes;
  }

  @Override
  public Pending pending() {
    PendingCount count = new PendingCount(frontier);
    for (Integer relation : relations()) {
      ChangeBuffer.Contents contents = buffer.contents(relation);
      contents.staged().forEach(count::add);
      contents.rows().forEach(count::add);
    }
    return count.total();
  }

  @Override
  public Optional<Lsn> oldestInMemory() {
    PendingCount count = new PendingCount(frontier);
    relations().forEach(relation -> buffer.contents(relation).rows().forEach(count::add));
    return count.total().oldest();
  }

  @Override
  public void advance(Snapshot next, Lsn committedAt) {
    frontier = Optional.of(next);
    buffer.advanced(this, next, committedAt);
  }

  /** Under the buffer's lock. */
  void awaitDurable(Snapshot next, Lsn committedAt) {
    if (undurable.size() == MAX_UNDURABLE) {
      undurable.removeLast();
    }
    undurable.addLast(new Undurable(next, committedAt));
  }

  @Override
  public Optional<Snapshot> frontier() {
    return frontier;
  }

  @Override
  public void close() {
    buffer.unregister(this);
  }

  @Override
  public String toString() {
    return name;
  }
}
