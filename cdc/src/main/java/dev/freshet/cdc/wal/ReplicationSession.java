package dev.freshet.cdc.wal;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.server.SlotAdmin;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replication connection that streams. Used by one thread, but for {@link #abort}.
 *
 * <p>Between transactions {@link #receive} waits a millisecond at most, so that its thread can
 * confirm positions and nudge the server; within one it blocks, since the rest is on its way. (The
 * driver waits for the first byte of a message only, so a timeout never tears a message.)
 */
final class ReplicationSession implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReplicationSession.class);

  /**
   * How often the driver itself sends a status while a transaction is received. It is also how long
   * the rest of a message may take to arrive, so it is not short.
   */
  private static final int DRIVER_STATUS_MILLIS = 10_000;

  /** A read that takes longer than this has waited for bytes to arrive; else they were there. */
  private static final long AT_ONCE_NANOS = 50_000;

  /** Without a limit of the server's own, so long may it say nothing although it is asked to. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

  private static final Duration SHORTEST_SILENCE = Duration.ofSeconds(5);

  private final Connection connection;
  private final PGReplicationStream stream;
  private final SlotInspection slot;
  private final Optional<HeardSockets.Heard> heard;
  private final Duration bearableSilence;
  private boolean waited;

  private ReplicationSession(
      Connection connection,
      PGReplicationStream stream,
      SlotInspection slot,
      Duration bearableSilence) {
    this.connection = connection;
    this.stream = stream;
    this.slot = slot;
    this.bearableSilence = bearableSilence;
    this.heard = HeardSockets.on(connection);
  }

  /**
   * Connects, checks slot and publication and starts streaming where the slot was confirmed.
   *
   * @throws CaptureException telling what is wrong and what to do
   */
  static ReplicationSession open(ReplicationConnections connections, WalOptions options) {
    try {
      Connection connection = connections.open();
      try {
        SlotInspection slot = SlotInspection.on(connection, options);
        Duration silence = bearableSilence(connection);
        return new ReplicationSession(connection, start(connection, options), slot, silence);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw CaptureErrors.explain(e, options);
    }
  }

  /** The server, and the slot on it as {@link #check} finds it. */
  static SlotInspection inspect(Connection connection, WalOptions options) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("IDENTIFY_SYSTEM")) {
      if (!row.next()) {
        throw new SQLException("IDENTIFY_SYSTEM returned no row");
      }
      return new SlotInspection(
          new SlotInspection.Identity(row.getString("systemid"), row.getInt("timeline")),
          Lsn.parse(row.getString("xlogpos")),
          check(connection, options));
    }
  }

  /** Where the slot was confirmed, if slot and publication are fit to be streamed from. */
  static Lsn check(Connection connection, WalOptions options) throws SQLException {
    String name = options.slot();
    SlotAdmin.Slot slot =
        SlotAdmin.describe(connection, name)
            .orElseThrow(
                () ->
                    CaptureException.permanent(
                        "replication slot \"%s\" does not exist".formatted(name),
                        "Create it (freshet init) and refill the stream tables"));
    if (!slot.plugin().equals("pgoutput")) {
      throw CaptureException.permanent(
          "replication slot \"%s\" is for plugin '%s', not pgoutput".formatted(name, slot.plugin()),
          "Choose another slot name");
    }
    if (!slot.database().equals(connection.getCatalog())) {
      throw CaptureException.permanent(
          "replication slot \"%s\" belongs to database \"%s\", not \"%s\""
              .formatted(name, slot.database(), connection.getCatalog()),
          "Choose another slot name");
    }
    Optional<String> invalid = slot.invalidation();
    if (invalid.isPresent()) {
      throw CaptureException.permanent(
          "replication slot \"%s\" was invalidated by the server (%s)"
              .formatted(name, invalid.get()),
          "Drop and create it again, refill the stream tables; raise max_slot_wal_keep_size");
    }
    if (!publicationExists(connection, options.publication())) {
      throw CaptureException.permanent(
          "publication \"%s\" does not exist".formatted(options.publication()),
          "Create it (freshet init), then drop and create the slot, and refill the stream tables");
    }
    if (slot.activePid().isPresent()) {
      throw new CaptureException(
          "replication slot \"%s\" is in use by %s"
              .formatted(name, SlotAdmin.describeUser(connection, slot.activePid().getAsInt())),
          "Stop the other client, or: SELECT pg_terminate_backend(%d)"
              .formatted(slot.activePid().getAsInt()),
          CaptureException.Kind.BUSY,
          null);
    }
    return slot.confirmed().orElse(Lsn.ZERO);
  }

  /**
   * A walsender that decodes what it need not send answers each half of wal_sender_timeout at
   * least: it has to tell its client in time that it is alive.
   */
  private static Duration bearableSilence(Connection connection) throws SQLException {
    String query =
        "SELECT setting::int8 FROM pg_catalog.pg_settings WHERE name = 'wal_sender_timeout'";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      long timeout = row.next() ? row.getLong(1) : 0;
      Duration silence =
          timeout == 0 ? LONGEST_SILENCE : Duration.ofMillis(timeout).multipliedBy(3).dividedBy(4);
      return silence.compareTo(SHORTEST_SILENCE) < 0 ? SHORTEST_SILENCE : silence;
    }
  }

  private static boolean publicationExists(Connection connection, String name) throws SQLException {
    String query =
        "SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = '%s'"
            .formatted(name.replace("'", "''"));
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next();
    }
  }

  private static PGReplicationStream start(Connection connection, WalOptions options)
      throws SQLException {
    // An identifier within a literal; the driver puts the value between quotes as it is.
    String publication = '"' + options.publication().replace("\"", "\"\"").replace("'", "''") + '"';
    return connection
        .unwrap(PGConnection.class)
        .getReplicationAPI()
        .replicationStream()
        .logical()
        .withSlotName(options.slot())
        .withSlotOption("proto_version", 1)
        .withSlotOption("publication_names", publication)
        .withSlotOption("binary", true)
        .withSlotOption("messages", true)
        .withStatusInterval(DRIVER_STATUS_MILLIS, MILLISECONDS)
        .withAutomaticFlush(false)
        .start();
  }

  /** The slot when streaming began. */
  SlotInspection slot() {
    return slot;
  }

  /**
   * The next pgoutput message, or null if none came within a millisecond.
   *
   * <p>A connection that the other end closed without a word is to the driver one on which nothing
   * came ({@code PGStream.hasMessagePending}).
   */
  @Nullable ByteBuffer receive(boolean inTransaction) throws SQLException {
    long before = System.nanoTime();
    ByteBuffer message = inTransaction ? stream.read() : stream.readPending();
    waited = System.nanoTime() - before > AT_ONCE_NANOS;
    if (message == null && heard.isPresent() && heard.get().hasEnded()) {
      throw new SQLException("the connection was closed by the other end", "08006");
    }
    return message;
  }

  /**
   * To be asked when nothing came, some time after {@link #sendStatus}.
   *
   * @throws SQLException if not even an answer has come for too long: the connection is dead
   */
  void requireHeard() throws SQLException {
    if (heard.isPresent() && heard.get().silentNanos() > bearableSilence.toNanos()) {
      throw new SQLException(
          "the server has not answered for %d s".formatted(bearableSilence.toSeconds()), "08006");
    }
  }

  /** Whether the last {@link #receive} had to wait: everything sent before was read. */
  boolean hasWaited() {
    return waited;
  }

  /** The last position that a message or keepalive named. */
  Lsn position() {
    return new Lsn(stream.getLastReceiveLSN().asLong());
  }

  /**
   * Confirms a position: the slot forgets what committed before it.
   *
   * <p>A second status takes the flush position back to "none", which moves nothing. Without it a
   * server could not be stopped while a change waits here: a walsender ends only when its client
   * has flushed everything sent, or, of a client that never tells, has received it (WalSndDone in
   * walsender.c).
   */
  void confirm(Lsn position) throws SQLException {
    sendStatus(LogSequenceNumber.valueOf(position.position()));
    sendStatus(LogSequenceNumber.INVALID_LSN);
  }

  private void sendStatus(LogSequenceNumber flushed) throws SQLException {
    stream.setFlushedLSN(flushed);
    stream.setAppliedLSN(flushed);
    stream.forceUpdateStatus();
  }

  /** Tells the server what was received; it answers, and sends what it may have forgotten to. */
  void sendStatus() throws SQLException {
    stream.forceUpdateStatus();
  }

  /** Breaks the connection under a thread that is blocked in {@link #receive}. */
  void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      log.debug("Could not abort the replication connection", e);
    }
  }

  /** Closes the socket; the server's walsender ends by itself and frees the slot. */
  @Override
  public void close() {
    abort();
  }
}
