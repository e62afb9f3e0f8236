package dev.freshet.cdc.debezium;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.ChangeSource.Pending;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.debezium.RelationCatalog.Look;
import dev.freshet.cdc.debezium.RelationCatalog.Version;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A consumer that trusts a delta only if its table has not been altered since the frontier: see
 * {@link RelationCatalog}.
 */
final class WatchedConsumer implements DeltaConsumer {
  private final DeltaConsumer buffered;
  private final RelationCatalog catalog;

  /** Versions that some earlier frontier has seen: every later one sees them too. */
  private final Map<Integer, Version> seen = new ConcurrentHashMap<>();

  /** For versions of which that is not known, when they were looked at first. */
  private final Map<Integer, Look> unsettled = new ConcurrentHashMap<>();

  WatchedConsumer(DeltaConsumer buffered, RelationCatalog catalog) {
    this.buffered = buffered;
    this.catalog = catalog;
  }

  DeltaConsumer buffered() {
    return buffered;
  }

  @Override
  public Delta delta(DeltaView view, Snapshot upTo) {
    Delta delta = buffered.delta(view, upTo);
    if (delta instanceof Delta.Unknown) {
      return delta;
    }
    return doubt(view.relation()).<Delta>map(Delta.Unknown::new).orElse(delta);
  }

  /** Why records of the relation may have been taken for another's, or in another form. */
  private Optional<String> doubt(int relation) {
    try {
      Look look = catalog.look(relation);
      Version now = look.version();
      if (now.equals(seen.get(relation))) {
        return Optional.empty();
      }
      Look first =
          unsettled.compute(
              relation, (_, known) -> known != null && known.version().equals(now) ? known : look);
      boolean sees =
          buffered
              .frontier()
              .filter(frontier -> now.isBefore(frontier) || frontier.covers(first.at()))
              .isPresent();
      if (!sees || now.writers().isEmpty()) {
        return Optional.of("the table was altered since; Debezium's records tell its name only");
      }
      seen.put(relation, now);
      unsettled.remove(relation);
      return Optional.empty();
    } catch (SQLException e) {
      return Optional.of("whether the table was altered cannot be told: " + e.getMessage());
    }
  }

  @Override
  public long changeCount(int relation, Snapshot upTo) {
    return buffered.changeCount(relation, upTo);
  }

  @Override
  public long changeCount(int relation) {
    return buffered.changeCount(relation);
  }

  @Override
  public Pending pending() {
    return buffered.pending();
  }

  @Override
  public void advance(Snapshot frontier, Lsn committedAt) {
    buffered.advance(frontier, committedAt);
  }

  @Override
  public Optional<Snapshot> frontier() {
    return buffered.frontier();
  }

  @Override
  public void close() {
    buffered.close();
  }

  @Override
  public String toString() {
    return buffered.toString();
  }
}
