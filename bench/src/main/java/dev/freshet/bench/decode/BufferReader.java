package dev.freshet.bench.decode;

import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.cdc.wal.WalChangeSource;
import dev.freshet.cdc.wal.WalOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Freshet's change source: decodes, buffers, and at the end consolidates the delta.
 *
 * @param full whether whole old rows are in the log: then rows with weights, else one row per key
 */
record BufferReader(boolean full) implements Reader {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final long BUFFER_BYTES = 4L << 30;
  private static final List<String> COLUMNS =
      List.of("id", "region", "category", "amount", "score");

  @Override
  public String label() {
    return "freshet";
  }

  @Override
  public Reading read(BenchDatabase database, String slot, Backlog backlog) throws Exception {
    ReplicationConnections connections =
        ReplicationConnections.of(
            database.config().jdbcUrl(), database.config().driverProperties());
    WalOptions options =
        new WalOptions(
            slot, Backlog.PUBLICATION, Duration.ofSeconds(1), Duration.ofSeconds(30), BUFFER_BYTES);
    DeltaView view =
        full
            ? new DeltaView.Weighted(backlog.relation(), COLUMNS)
            : new DeltaView.Keyed(backlog.relation(), COLUMNS, List.of("id"));
    try (ChangeSource source = new WalChangeSource(connections, options);
        ChangeSource.DeltaConsumer consumer =
            source.register("bench", Set.of(view), Optional.of(backlog.from()))) {
      long start = System.nanoTime();
      source.start();
      if (!source.awaitReceived(backlog.end(), PATIENCE)) {
        throw new IllegalStateException(
            "received %s of %s; the source is %s"
                .formatted(source.received(), backlog.end(), source.state()));
      }
      double received = (System.nanoTime() - start) / 1e9;
      Delta delta = consumer.delta(view, backlog.to());
      double total = (System.nanoTime() - start) / 1e9;
      return new Reading(received, total, fault(delta, backlog));
    }
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
