package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.server.SlotAdmin;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The server may forget a change only when a durable frontier has seen it. */
class AcknowledgementTest {
  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY)";

  private static DeltaView view(CaptureFixture capture) throws Exception {
    return new DeltaView.Keyed(capture.oid("t"), List.of("id"), List.of("id"));
  }

  @Test
  void transactionReceivedAndNotConsumedIsSentAgain() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaView view = view(capture);
      capture.filledConsumer(view);
      Snapshot frontier = capture.alignedSnapshot();
      capture.execute("INSERT INTO t VALUES (1)");
      capture.passBarrier();
      capture.stopSource();

      WalChangeSource again = new WalChangeSource(capture.connections(), capture.options());
      try (again;
          DeltaConsumer consumer = again.register("again", Set.of(view), Optional.of(frontier))) {
        again.start();
        assertThat(again.awaitReceived(capture.insertLsn(), CaptureFixture.PATIENCE)).isTrue();
        assertThat(capture.rows(consumer.delta(view, capture.snapshot())))
            .containsExactly("1│true");
      }
    }
  }

  /**
   * The driver's automatic flush, which is on by default, moves the slot on keepalives. What was
   * received and not consumed must stay, however often the server asks and the log goes on.
   */
  @Test
  void keepalivesConfirmNothingThatWasOnlyReceived() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer first = capture.filledConsumer(view);
      Snapshot frontier = capture.alignedSnapshot();
      first.advance(frontier, new Lsn(0));
      capture.execute("INSERT INTO t VALUES (1)");
      capture.passBarrier();
      Lsn commit = first.pending().oldest().orElseThrow();
      for (int round = 0; round < 20; round++) {
        Lsn target = capture.insertLsn();
        capture.query("SELECT pg_logical_emit_message(false, 'noise', 'noise', true)");
        assertThat(capture.source().awaitReceived(target, CaptureFixture.PATIENCE)).isTrue();
        assertThat(confirmed(capture)).isLessThanOrEqualTo(commit);
      }
      capture.stopSource();
      assertThat(confirmed(capture)).isLessThanOrEqualTo(commit);

      WalChangeSource again = new WalChangeSource(capture.connections(), capture.options());
      try (again;
          DeltaConsumer consumer = again.register("again", Set.of(view), Optional.of(frontier))) {
        again.start();
        assertThat(again.awaitReceived(capture.insertLsn(), CaptureFixture.PATIENCE)).isTrue();
        assertThat(capture.rows(consumer.delta(view, capture.snapshot())))
            .containsExactly("1│true");
      }
    }
  }

  @Test
  void whatTheFrontierSawIsNotAppliedTwiceAfterARestart() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer first = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1)");
      Snapshot frontier = capture.alignedSnapshot();
      first.advance(frontier, new Lsn(Long.MAX_VALUE));
      capture.execute("INSERT INTO t VALUES (2)");
      capture.passBarrier();
      capture.stopSource();

      WalChangeSource again = new WalChangeSource(capture.connections(), capture.options());
      try (again;
          DeltaConsumer consumer = again.register("again", Set.of(view), Optional.of(frontier))) {
        again.start();
        assertThat(again.awaitReceived(capture.insertLsn(), CaptureFixture.PATIENCE)).isTrue();
        assertThat(capture.rows(consumer.delta(view, capture.snapshot())))
            .containsExactly("2│true");
      }
    }
  }

  @Test
  void frontierWhoseCommitIsNotFlushedHoldsTheSlot() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1)");
      Snapshot snapshot = capture.alignedSnapshot();
      Lsn commit = consumer.pending().oldest().orElseThrow();

      Lsn beyondTheLog = new Lsn(capture.insertLsn().position() + (1L << 40));
      consumer.advance(snapshot, beyondTheLog);
      capture.passBarrier();
      assertThat(capture.source().confirmable()).isEqualTo(commit);

      consumer.advance(snapshot, capture.insertLsn());
      assertThat(consumer.pending().transactions()).isZero();
    }
  }

  @Test
  void nothingIsConfirmedBeyondThePermittedLimit() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      WalChangeSource source = new WalChangeSource(capture.connections(), capture.options());
      try (source) {
        source.start();
        assertThat(source.confirmed()).isEqualTo(Lsn.ZERO);
        Lsn limit = capture.insertLsn();
        source.permitConfirmation(limit);
        capture.execute("INSERT INTO t VALUES (1)");
        assertThat(source.awaitReceived(capture.insertLsn(), CaptureFixture.PATIENCE)).isTrue();
        assertThat(source.confirmed()).isEqualTo(limit);
      }
    }
  }

  @Test
  void idleSlotMovesOnWithTheLog() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      capture.filledConsumer(view(capture));
      // Not published: another database's and another table's log.
      capture.execute("CREATE UNLOGGED TABLE noise (i int)");
      Lsn target = capture.insertLsn();
      capture.execute("SELECT pg_logical_emit_message(false, 'noise', repeat('x', 1000), true)");
      Awaitility.await()
          .atMost(CaptureFixture.PATIENCE)
          .untilAsserted(() -> assertThat(confirmed(capture)).isGreaterThanOrEqualTo(target));
    }
  }

  private static Lsn confirmed(CaptureFixture capture) throws Exception {
    try (Connection connection = capture.database().connect()) {
      return SlotAdmin.describe(connection, capture.slot).orElseThrow().confirmed().orElseThrow();
    }
  }
}
