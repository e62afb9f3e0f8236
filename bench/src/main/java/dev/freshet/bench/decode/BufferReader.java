package dev.freshet.bench.decode;

import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.debezium.DebeziumChangeSource;
import dev.freshet.cdc.debezium.DebeziumOptions;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.cdc.wal.WalChangeSource;
import dev.freshet.cdc.wal.WalOptions;
import dev.freshet.config.DatabaseConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Freshet's change source: decodes, buffers, and at the end consolidates the delta.
 *
 * @param full whether whole old rows are in the log: then rows with weights, else one row per key
 * @param debezium whether Debezium reads the log, {@code cdc.mode: debezium}; its time begins with
 *     the first change that it delivers, since its engine takes a second or two to start
 */
record BufferReader(boolean full, boolean debezium) implements Reader {
  static final String DEBEZIUM = "debezium";
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final long BUFFER_BYTES = 4L << 30;
  private static final List<String> COLUMNS =
      List.of("id", "region", "category", "amount", "score");

  @Override
  public String label() {
    return debezium ? DEBEZIUM : "freshet";
  }

  @Override
  public Reading read(BenchDatabase database, String slot, Backlog backlog) throws Exception {
    WalOptions options =
        new WalOptions(
            slot, Backlog.PUBLICATION, Duration.ofSeconds(1), Duration.ofSeconds(30), BUFFER_BYTES);
    DeltaView view =
        full
            ? new DeltaView.Weighted(backlog.relation(), COLUMNS)
            : new DeltaView.Keyed(backlog.relation(), COLUMNS, List.of("id"));
    try (ChangeSource source = source(database.config(), options);
        ChangeSource.DeltaConsumer consumer =
            source.register("bench", Set.of(view), Optional.of(backlog.from()))) {
      AtomicLong first = new AtomicLong(System.nanoTime());
      if (debezium) {
        source.addListener(new FirstChange(first));
      }
      source.start();
      if (!source.awaitReceived(backlog.end(), PATIENCE)) {
        throw new IllegalStateException(
            "received %s of %s; the source is %s"
                .formatted(source.received(), backlog.end(), source.state()));
      }
      long start = first.get();
      double received = (System.nanoTime() - start) / 1e9;
      Delta delta = consumer.delta(view, backlog.to());
      double total = (System.nanoTime() - start) / 1e9;
      return new Reading(received, total, fault(delta, backlog));
    }
  }

  private ChangeSource source(DatabaseConfig database, WalOptions options) {
    return debezium
        ? DebeziumChangeSource.of(
            new DebeziumOptions(
                database.host(),
                database.port(),
                database.name(),
                database.jdbcUrl(),
                database.driverProperties(),
                options))
        : new WalChangeSource(
            ReplicationConnections.of(database.jdbcUrl(), database.driverProperties()), options);
  }

  /** Notes when the first change arrives: its table is described just before. */
  private record FirstChange(AtomicLong nanos, AtomicBoolean seen)
      implements ChangeSource.Listener {
    FirstChange(AtomicLong nanos) {
      this(nanos, new AtomicBoolean());
    }

    @Override
    public void committed(Set<Integer> relations, Lsn commit) {}

    @Override
    public void relationDescribed(int relation, boolean changed) {
      if (seen.compareAndSet(false, true)) {
        nanos.set(System.nanoTime());
      }
    }

    @Override
    public void stateChanged(ChangeSource.State state) {}
  }

  /** The one commit behind the backlog may be in the delta or cancel out. */
  private static Optional<String> fault(Delta delta, Backlog backlog) {
    return switch (delta) {
      case Delta.Rows rows ->
          Math.abs(rows.changes() - backlog.changes()) <= 1 && rows.rows().rowCount() > 0
              ? Optional.empty()
              : Optional.of(
                  "%,d changes were consolidated, not %,d"
                      .formatted(rows.changes(), backlog.changes()));
      case Delta.Empty _ -> Optional.of("the delta is empty");
      case Delta.Unreducible(String column) -> Optional.of("cannot reduce " + column);
      case Delta.Unknown(String reason) -> Optional.of("the delta is unknown: " + reason);
    };
  }
}
