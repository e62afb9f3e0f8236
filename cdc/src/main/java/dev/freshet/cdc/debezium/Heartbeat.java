package dev.freshet.cdc.debezium;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.debezium.RelationCatalog.Connections;
import dev.freshet.cdc.wal.WalChangeSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a marker to the log when Debezium has not told for a while how far it has come.
 *
 * <p>Debezium keeps the server's keepalives to itself, and an idle slot would pin the log that
 * other databases write. A marker comes back as a record; then everything before it was received
 * and a position can be confirmed, which Debezium does with a record only. None is written while
 * the log stands still and all that may be confirmed of it is.
 */
final class Heartbeat implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  /** So much log, not received or not confirmed, is worth a marker. */
  static final long WORTHWHILE_BYTES = 64 << 10;

  private static final int FLUSHING_VERSION = 17;

  private final Connections connections;
  private final Duration interval;
  private final Supplier<Lsn> received;
  private final LongSupplier unconfirmed;
  private final Runnable onServerLost;
  private final ScheduledExecutorService thread =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("freshet-heartbeat").factory());

  // Of the thread.
  private Optional<Connection> open = Optional.empty();

  /**
   * Started by {@link #start}.
   *
   * @param received up to where the log was read
   * @param unconfirmed bytes of log that may be confirmed and wait for a record to be
   * @param onServerLost called when the server that was reached before is not any more
   */
  Heartbeat(
      Connections connections,
      Duration interval,
      Supplier<Lsn> received,
      LongSupplier unconfirmed,
      Runnable onServerLost) {
    this.connections = connections;
    this.interval = interval;
    this.received = received;
    this.unconfirmed = unconfirmed;
    this.onServerLost = onServerLost;
  }

  void start() {
    long millis = interval.toMillis();
    var _ = thread.scheduleWithFixedDelay(() -> beat(false), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Writes a marker soon, however little was written since the last one. */
  void beatNow() {
    thread.execute(() -> beat(true));
  }

  /** Writes a marker on a connection of its own and returns its token. */
  String marker() throws SQLException {
    try (Connection connection = connections.open()) {
      return emit(connection);
    }
  }

  private void beat(boolean always) {
    try {
      Connection connection = connection();
      if (always || isWorthwhile(connection)) {
        emit(connection);
      }
    } catch (SQLException e) {
      log.debug("no heartbeat: {}", e.getMessage());
      boolean wasConnected = open.isPresent();
      disconnect();
      if (wasConnected) {
        onServerLost.run();
      }
    }
  }

  private boolean isWorthwhile(Connection connection) throws SQLException {
    return insertPosition(connection).bytesSince(received.get()) >= WORTHWHILE_BYTES
        || unconfirmed.getAsLong() >= WORTHWHILE_BYTES;
  }

  private static String emit(Connection connection) throws SQLException {
    String token = UUID.randomUUID().toString();
    boolean flushes = connection.getMetaData().getDatabaseMajorVersion() >= FLUSHING_VERSION;
    String sql =
        flushes
            ? "SELECT pg_catalog.pg_logical_emit_message(false, ?, ?, true)"
            : "SELECT pg_catalog.pg_logical_emit_message(true, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, WalChangeSource.MARKER_PREFIX);
      statement.setString(2, token);
      statement.execute();
    }
    return token;
  }

  private static Lsn insertPosition(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT pg_catalog.pg_current_wal_insert_lsn()::text");
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("pg_current_wal_insert_lsn() returned no row");
      }
      return Lsn.parse(row.getString(1));
    }
  }

  private Connection connection() throws SQLException {
    if (open.isEmpty()) {
      open = Optional.of(connections.open());
    }
    return open.get();
  }

  private void disconnect() {
    Optional<Connection> closing = open;
    open = Optional.empty();
    if (closing.isPresent()) {
      try {
        closing.get().close();
      } catch (SQLException _) {
        // It is gone already.
      }
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    disconnect();
  }
}
