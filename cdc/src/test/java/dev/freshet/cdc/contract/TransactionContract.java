package dev.freshet.cdc.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which transactions belong to a delta, and that each belongs to exactly one. */
public abstract class TransactionContract {
  private final CaptureRig.Capturing capturing;

  protected TransactionContract(CaptureRig.Capturing capturing) {
    this.capturing = capturing;
  }

  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, v text)";

  private static DeltaView view(CaptureRig capture) throws Exception {
    return new DeltaView.Keyed(capture.oid("t"), List.of("id"), List.of("id"));
  }

  @Test
  void transactionHeldOpenArrivesOnceWhenASnapshotSeesIt() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      try (Connection late = capture.database().connect();
          Statement statement = late.createStatement()) {
        statement.execute("BEGIN; INSERT INTO t VALUES (1)");
        capture.execute("INSERT INTO t VALUES (2)");
        Snapshot first = capture.alignedSnapshot();
        assertThat(capture.rows(consumer.delta(view, first))).containsExactly("2│true");
        consumer.advance(first, capture.insertLsn());
        statement.execute("COMMIT");
      }
      Snapshot second = capture.alignedSnapshot();
      assertThat(capture.rows(consumer.delta(view, second))).containsExactly("1│true");
      consumer.advance(second, capture.insertLsn());
      assertThat(capture.rows(capture.deltaNow(consumer, view))).isEmpty();
    }
  }

  @Test
  void rolledBackSavepointsDoNotArrive() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          """
          BEGIN;
          INSERT INTO t VALUES (1);
          SAVEPOINT a; INSERT INTO t VALUES (2); ROLLBACK TO a;
          SAVEPOINT b; INSERT INTO t VALUES (3); SAVEPOINT c; INSERT INTO t VALUES (4);
          ROLLBACK TO c; RELEASE b;
          COMMIT\
          """);
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly("1│true", "3│true");
    }
  }

  @Test
  void preparedTransactionArrivesWhenItIsCommitted() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      String gid = capture.name();
      capture.execute("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION '" + gid + "'");
      Snapshot first = capture.alignedSnapshot();
      assertThat(capture.rows(consumer.delta(view, first))).isEmpty();
      consumer.advance(first, capture.insertLsn());
      capture.execute("COMMIT PREPARED '" + gid + "'");
      assertThat(capture.rows(capture.deltaNow(consumer, view))).containsExactly("1│true");
    }
  }

  @Test
  void asynchronousCommitIsNotMissedBehindABarrier() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      try (Connection writer = capture.database().connect();
          Statement statement = writer.createStatement()) {
        statement.execute("SET synchronous_commit = off");
        for (int id = 0; id < 50; id++) {
          statement.execute("INSERT INTO t VALUES (" + id + ")");
          Snapshot snapshot = capture.alignedSnapshot();
          assertThat(capture.rows(consumer.delta(view, snapshot))).containsExactly(id + "│true");
          consumer.advance(snapshot, capture.insertLsn());
        }
      }
    }
  }

  @Test
  void fillThatMissesAReceivedTransactionIsRefused() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLE)) {
      capture.filledConsumer(view(capture));
      Snapshot before = capture.snapshot();
      capture.execute("INSERT INTO t VALUES (1)");
      capture.alignedSnapshot();
      DeltaConsumer late =
          capture.source().register("late", Set.of(view(capture)), Optional.empty());
      assertThat(capture.source().coversAll(late, before)).isFalse();
      assertThat(capture.source().coversAll(late, capture.snapshot())).isTrue();
      assertThat(capture.source().coversAll(late, before))
          .as("still refused after newer snapshots were seen")
          .isFalse();
    }
  }

  @Test
  void consumerWithoutFrontierKnowsNothing() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLE)) {
      DeltaConsumer consumer =
          capture.source().register("new", Set.of(view(capture)), Optional.empty());
      assertThat(consumer.delta(view(capture), capture.snapshot()))
          .isInstanceOf(Delta.Unknown.class);
    }
  }

  @Test
  void slowConsumerKeepsWhatAFastOneHasConsumed() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer fast = capture.filledConsumer(view);
      DeltaConsumer slow = capture.filledConsumer(view);
      for (int id = 0; id < 3; id++) {
        capture.execute("INSERT INTO t VALUES (" + id + ")");
        Snapshot snapshot = capture.alignedSnapshot();
        assertThat(capture.rows(fast.delta(view, snapshot))).containsExactly(id + "│true");
        fast.advance(snapshot, capture.insertLsn());
      }
      assertThat(capture.rows(capture.deltaNow(slow, view)))
          .containsExactly("0│true", "1│true", "2│true");
    }
  }
}
