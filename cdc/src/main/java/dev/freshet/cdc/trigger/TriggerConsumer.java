package dev.freshet.cdc.trigger;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.ChangeSource.Pending;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** One reader of the buffers: its views and its frontier. */
final class TriggerConsumer implements DeltaConsumer {
  private final TriggerChangeSource source;
  private final String name;
  private final Set<DeltaView> views;
  private final Set<Integer> relations;
  private final Snapshot registered;
  private volatile Optional<Snapshot> frontier;

  /**
   * @param registered a snapshot at or before the registration: what it sees, every fill sees
   */
  TriggerConsumer(
      TriggerChangeSource source,
      String name,
      Set<DeltaView> views,
      Snapshot registered,
      Optional<Snapshot> frontier) {
    this.source = source;
    this.name = name;
    this.views = Set.copyOf(views);
    this.relations =
        views.stream().map(DeltaView::relation).collect(Collectors.toUnmodifiableSet());
    this.registered = registered;
    this.frontier = frontier;
  }

  TriggerChangeSource source() {
    return source;
  }

  Set<Integer> relations() {
    return relations;
  }

  /** What it will never ask for again. */
  Snapshot seen() {
    return frontier.orElse(registered);
  }

  Snapshot registered() {
    return registered;
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
    return source.read(view.relation(), reader -> reader.delta(view, from.get(), upTo));
  }

  @Override
  public long changeCount(int relation, Snapshot upTo) {
    Optional<Snapshot> from = frontier;
    return from.isEmpty()
        ? 0
        : source.read(relation, reader -> reader.changeCount(from.get(), upTo));
  }

  @Override
  public long changeCount(int relation) {
    return frontier.map(from -> source.notices().changes(relation, from)).orElse(0L);
  }

  @Override
  public Pending pending() {
    return source.notices().pending(relations, frontier);
  }

  @Override
  public void advance(Snapshot next, Lsn committedAt) {
    frontier = Optional.of(next);
  }

  @Override
  public Optional<Snapshot> frontier() {
    return frontier;
  }

  @Override
  public void close() {
    source.unregister(this);
  }

  @Override
  public String toString() {
    return name;
  }
}
