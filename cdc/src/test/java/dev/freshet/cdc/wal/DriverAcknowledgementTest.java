package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.server.SlotAdmin;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * Why {@link ReplicationSession} switches the driver's automatic flush off. With it, which is the
 * default, a keepalive counts as confirmed when the last message lies before what the client has
 * flushed. The driver takes that for "everything received is flushed", but transactions are sent in
 * the order of their commits:
 *
 * <pre>
 * log       old: insert …   a: insert, commit   b: insert, commit   old: commit
 * sent                      a                   b                   old: insert, insert, …
 * client                    flushes a           has b, not flushed  │ a keepalive comes
 * </pre>
 *
 * The inserts of {@code old} lie before {@code a}; the keepalive stands behind {@code b}, and so
 * does the slot from then on. If the client dies, it never gets {@code b} again.
 */
class DriverAcknowledgementTest {
  private static final String TABLE = "CREATE TABLE t (filler text, id int PRIMARY KEY)";

  /**
   * More than the sockets' buffers hold: a server that sends looks for statuses only where it has
   * to wait.
   */
  private static final String OLD =
      "INSERT INTO t SELECT repeat('x', 1000), i FROM generate_series(100, 20099) i";

  /** In a Commit message, behind its kind, flags and the commit's own position. */
  private static final int END_LSN = 1 + 1 + 8;

  private static final int MESSAGES_PER_STATUS = 50;

  /** Where the slot stands when the client has died, and where the log of {@code b} ends. */
  private record Death(Lsn flushed, Lsn endOfB) {}

  @Test
  void driversDefaultLosesATransactionThatWasOnlyRead() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      Death death = readAndDie(capture, true);
      assertThat(death.flushed())
          .as("nobody asked for this")
          .isGreaterThanOrEqualTo(death.endOfB());
      try (Connection connection = capture.connections().open()) {
        assertThat(nextInsert(stream(connection, capture, false)))
            .as("old comes again, b does not")
            .isGreaterThanOrEqualTo(100);
      }
    }
  }

  @Test
  void withoutAutomaticFlushItIsSentAgain() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      Death death = readAndDie(capture, false);
      assertThat(death.flushed()).isLessThan(death.endOfB());
      try (Connection connection = capture.connections().open()) {
        assertThat(nextInsert(stream(connection, capture, false))).isEqualTo(2);
      }
    }
  }

  private static Death readAndDie(CaptureFixture capture, boolean automaticFlush)
      throws SQLException {
    try (Connection writer = capture.database().connect();
        Statement old = writer.createStatement();
        Connection connection = capture.connections().open()) {
      old.execute("BEGIN");
      old.execute(OLD);
      PGReplicationStream stream = stream(connection, capture, automaticFlush);
      capture.execute("INSERT INTO t VALUES ('a', 1)");
      readToCommit(stream);
      stream.setFlushedLSN(LogSequenceNumber.valueOf(capture.insertLsn().position()));
      stream.forceUpdateStatus();
      capture.execute("INSERT INTO t VALUES ('b', 2)");
      assertThat(nextInsert(stream)).isEqualTo(2);
      Lsn endOfB = readToCommit(stream);
      old.execute("COMMIT");
      await()
          .alias("the server waits for the client to read")
          .atMost(CaptureFixture.PATIENCE)
          .until(() -> waitsToSend(capture));
      readWithStatuses(stream);
      stream.forceUpdateStatus();
      Lsn flushed = new Lsn(stream.getLastFlushedLSN().asLong());
      await().atMost(CaptureFixture.PATIENCE).until(() -> !acknowledged(capture).isBefore(flushed));
      return new Death(flushed, endOfB);
    }
  }

  private static PGReplicationStream stream(
      Connection connection, CaptureFixture capture, boolean automaticFlush) {
    PGReplicationStream[] opened = new PGReplicationStream[1];
    // The server may still hold the slot for the connection that was closed just now.
    await()
        .atMost(CaptureFixture.PATIENCE)
        .ignoreException(SQLException.class)
        .until(
            () -> {
              opened[0] =
                  connection
                      .unwrap(PGConnection.class)
                      .getReplicationAPI()
                      .replicationStream()
                      .logical()
                      .withSlotName(capture.slot)
                      .withSlotOption("proto_version", 1)
                      .withSlotOption("publication_names", "freshet")
                      .withStatusInterval(10, TimeUnit.SECONDS)
                      .withAutomaticFlush(automaticFlush)
                      .start();
              return true;
            });
    return opened[0];
  }

  private static char kind(ByteBuffer message) {
    return (char) message.get(message.position());
  }

  /** The key of the next row inserted: the digits at the end of the message. */
  private static int nextInsert(PGReplicationStream stream) throws SQLException {
    while (true) {
      ByteBuffer message = stream.read();
      if (kind(message) == 'I') {
        int digits = message.limit();
        while (Character.isDigit(message.get(digits - 1))) {
          digits--;
        }
        StringBuilder id = new StringBuilder();
        for (int i = digits; i < message.limit(); i++) {
          id.append((char) message.get(i));
        }
        return Integer.parseInt(id.toString());
      }
    }
  }

  /** Reads the transaction's rows and its Commit message, which tells where its log ends. */
  private static Lsn readToCommit(PGReplicationStream stream) throws SQLException {
    while (true) {
      ByteBuffer message = stream.read();
      if (kind(message) == 'C') {
        return new Lsn(message.getLong(message.position() + END_LSN));
      }
    }
  }

  /** Reads a transaction, and asks the server for keepalives meanwhile, as a slow client does. */
  private static void readWithStatuses(PGReplicationStream stream) throws SQLException {
    char kind = 'B';
    for (int i = 0; kind != 'C'; i++) {
      if (i % MESSAGES_PER_STATUS == 0) {
        stream.forceUpdateStatus();
      }
      kind = kind(stream.read());
    }
  }

  private static boolean waitsToSend(CaptureFixture capture) throws SQLException {
    try (Connection connection = capture.database().connect();
        Statement statement = connection.createStatement();
        ResultSet waits =
            statement.executeQuery(
                "SELECT count(*) FROM pg_replication_slots JOIN pg_stat_activity ON pid ="
                    + " active_pid WHERE slot_name = '"
                    + capture.slot
                    + "' AND wait_event = 'WalSenderWriteData'")) {
      return waits.next() && waits.getInt(1) == 1;
    }
  }

  private static Lsn acknowledged(CaptureFixture capture) throws SQLException {
    try (Connection connection = capture.database().connect()) {
      return SlotAdmin.describe(connection, capture.slot).orElseThrow().confirmed().orElseThrow();
    }
  }
}
