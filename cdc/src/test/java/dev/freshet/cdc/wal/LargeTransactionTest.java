package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Transactions of many rows, and buffers that are too small for them. */
class LargeTransactionTest {
  private static final int ROWS = 300_000;
  private static final String TABLE =
      "CREATE TABLE src (id int PRIMARY KEY, region text, amount int, score int)";

  private static String insert(int from, int to) {
    return "INSERT INTO src SELECT i, 'region ' || i %% 5, i, i %% 100 FROM generate_series(%d, %d) i"
        .formatted(from, to);
  }

  @Test
  void threeHundredThousandRowsArriveInEveryView() throws Exception {
    try (CaptureFixture capture =
        CaptureFixture.on18(TABLE, "ALTER TABLE src REPLICA IDENTITY FULL")) {
      int oid = capture.oid("src");
      DeltaView keyed = new DeltaView.Keyed(oid, List.of("id", "amount"), List.of("id"));
      DeltaView weighted = new DeltaView.Weighted(oid, List.of("region", "score"));
      DeltaView reduced = new DeltaView.Reduced(oid, List.of("region"), List.of("amount"));
      DeltaConsumer consumer = capture.filledConsumer(keyed, weighted, reduced);

      capture.execute(insert(1, ROWS), "UPDATE src SET amount = amount + 1");
      Snapshot snapshot = capture.alignedSnapshot();

      DeltaRows rows = rows(consumer.delta(keyed, snapshot));
      assertThat(rows.rowCount()).isEqualTo(ROWS);
      assertThat(rows(consumer.delta(weighted, snapshot)).rowCount()).isEqualTo(100);
      assertThat(capture.rows(consumer.delta(reduced, snapshot)))
          .hasSize(5)
          .contains("region 0│60000│" + (60_000L * 300_005 / 2 + 60_000) + "│60000");
      assertThat(consumer.changeCount(oid, snapshot)).isEqualTo(2 * ROWS);
      consumer.advance(snapshot, capture.insertLsn());
      capture.passBarrier();
      assertThat(capture.source().bufferedBytes()).isZero();
    }
  }

  private static DeltaRows rows(Delta delta) {
    assertThat(delta).isInstanceOf(Delta.Rows.class);
    return ((Delta.Rows) delta).rows();
  }

  private static WalOptions smallBuffer(CaptureFixture capture) {
    return new WalOptions(
        capture.slot, "freshet", Duration.ofMillis(100), Duration.ofSeconds(30), 1 << 20);
  }

  private static void assertDropped(Delta delta) {
    assertThat(delta)
        .isInstanceOfSatisfying(
            Delta.Unknown.class,
            unknown ->
                assertThat(unknown.reason())
                    .contains("public.src")
                    .contains("cdc.buffer.max-memory"));
  }

  @Test
  void transactionBeyondTheMemoryLimitIsUnknownNotLost() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      WalChangeSource source = capture.start(smallBuffer(capture));
      DeltaView view =
          new DeltaView.Keyed(capture.oid("src"), List.of("id", "region"), List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(view);

      capture.execute(insert(1, 100_000));
      Snapshot snapshot = capture.alignedSnapshot();

      assertDropped(consumer.delta(view, snapshot));
      assertThat(consumer.changeCount(capture.oid("src"), snapshot)).isEqualTo(100_000);
      assertThat(source.bufferedBytes()).isLessThan(1 << 20);
      consumer.advance(snapshot, capture.insertLsn());
      capture.execute(insert(100_001, 100_002));
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .as("after a full refresh deltas are known again")
          .containsExactly("100001│region 1│true", "100002│region 2│true");
    }
  }

  @Test
  void manyTransactionsBeyondTheMemoryLimitLoseTheOldest() throws Exception {
    try (CaptureFixture capture =
        CaptureFixture.on18(TABLE, "CREATE TABLE other (id int PRIMARY KEY)")) {
      WalChangeSource source = capture.start(smallBuffer(capture));
      DeltaView view =
          new DeltaView.Keyed(capture.oid("src"), List.of("id", "region"), List.of("id"));
      DeltaView small = new DeltaView.Keyed(capture.oid("other"), List.of("id"), List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(view, small);
      capture.execute("INSERT INTO other VALUES (1)");
      Lsn oldest = capture.insertLsn();
      for (int i = 0; i < 20; i++) {
        capture.execute(insert(i * 5_000 + 1, i * 5_000 + 5_000));
      }
      Snapshot snapshot = capture.alignedSnapshot();

      assertThat(source.bufferedBytes()).isLessThan(1 << 20);
      assertDropped(consumer.delta(view, snapshot));
      assertThat(capture.rows(consumer.delta(small, snapshot)))
          .as("a small relation is not sacrificed")
          .containsExactly("1│true");
      assertThat(source.confirmable()).as("nor is the slot moved").isLessThan(oldest);
    }
  }
}
