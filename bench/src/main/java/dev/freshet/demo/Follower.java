package dev.freshet.demo;

import dev.freshet.cdc.Snapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Follows marked commits into the stream tables: polls the committed frontiers until their
 * snapshots see the commit.
 */
final class Follower implements AutoCloseable {
  private static final long POLL_NANOS = 2_000_000L;
  private static final long SLOW_POLL_NANOS = 10_000_000L;
  private static final int MAX_OUTSTANDING = 500;

  /** A marker that {@code table} does not show yet. */
  private record Outstanding(Marker marker, ShopStreamTable table) {}

  /** A marker and how long {@code order_overview} took to show it. */
  record Arrival(Marker marker, double millis) {}

  private final Connection connection;
  private final Map<String, TableFigures> figures;
  private final Queue<Marker> incoming = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile Optional<Arrival> lastArrival = Optional.empty();
  private volatile boolean stopped;

  /**
   * @param connection its own; closed with the follower
   * @param figures by the stream table's name
   */
  Follower(Connection connection, Map<String, TableFigures> figures) {
    this.connection = connection;
    this.figures = Map.copyOf(figures);
    this.thread = Thread.ofPlatform().name("follower").daemon().unstarted(this::follow);
  }

  void start() {
    thread.start();
  }

  /** Begins to follow a commit. Called by the writer, right after it. */
  void follow(Marker marker) {
    incoming.add(marker);
    LockSupport.unpark(thread);
  }

  /** The newest order that order_overview showed. */
  Optional<Arrival> lastArrival() {
    return lastArrival;
  }

  private void follow() {
    List<Outstanding> outstanding = new ArrayList<>();
    try {
      while (!stopped) {
        for (Marker marker = incoming.poll(); marker != null; marker = incoming.poll()) {
          for (ShopStreamTable table : ShopStreamTable.ALL) {
            if (outstanding.size() < MAX_OUTSTANDING) {
              outstanding.add(new Outstanding(marker, table));
            }
          }
        }
        if (!outstanding.isEmpty()) {
          look(outstanding);
        }
        boolean urgent = outstanding.stream().anyMatch(one -> one.table().isContinuous());
        LockSupport.parkNanos(urgent ? POLL_NANOS : SLOW_POLL_NANOS);
      }
    } catch (SQLException _) {
      // The server is going away, or the schema was dropped by hand: figures stop, the rest goes
      // on.
    }
  }

  private void look(List<Outstanding> outstanding) throws SQLException {
    Map<String, Snapshot> frontiers = frontiers();
    long now = System.nanoTime();
    outstanding.removeIf(
        one -> {
          Snapshot frontier = frontiers.get(one.table().name());
          if (frontier == null || !frontier.sees(one.marker().xid())) {
            return false;
          }
          arrived(one, (now - one.marker().committedNanos()) / 1e6);
          return true;
        });
  }

  private void arrived(Outstanding one, double millis) {
    TableFigures table = figures.get(one.table().name());
    if (table != null) {
      table.visibleAfter(millis);
    }
    if (one.table().name().equals("order_overview")) {
      lastArrival = Optional.of(new Arrival(one.marker(), millis));
    }
  }

  private Map<String, Snapshot> frontiers() throws SQLException {
    Map<String, Snapshot> frontiers = new HashMap<>();
    try (PreparedStatement statement =
            connection.prepareStatement(
                """
                SELECT s.table_name, f.snapshot::text
                FROM freshet.stream_table s JOIN freshet.frontier f ON f.stream_table_id = s.id\
                """);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        frontiers.put(row.getString(1), Snapshot.parse(row.getString(2)));
      }
    }
    return frontiers;
  }

  @Override
  public void close() throws SQLException {
    stopped = true;
    LockSupport.unpark(thread);
    try {
      thread.join(5_000);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    connection.close();
  }
}
