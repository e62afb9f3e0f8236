package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long transactions stay in the buffer. */
class TransactionTrapsTest {
  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, v text)";

  private static DeltaView view(CaptureFixture capture) throws Exception {
    return new DeltaView.Keyed(capture.oid("t"), List.of("id"), List.of("id"));
  }

  @Test
  void transactionReceivedButNotVisibleStaysBuffered() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      Snapshot before = capture.snapshot();
      capture.execute("INSERT INTO t VALUES (1)");
      capture.passBarrier();

      assertThat(consumer.delta(view, before)).isEqualTo(new Delta.Empty());
      consumer.advance(before, capture.insertLsn());

      assertThat(consumer.pending().transactions()).isEqualTo(1);
      assertThat(consumer.pending().oldestCommitTime()).isPresent();
      assertThat(capture.source().confirmable())
          .isEqualTo(consumer.pending().oldest().orElseThrow());
      assertThat(capture.rows(capture.deltaNow(consumer, view))).containsExactly("1│true");
    }
  }

  @Test
  void closedConsumerLetsGoOfTheBuffer() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaConsumer consumer = capture.filledConsumer(view(capture));
      capture.execute("INSERT INTO t SELECT generate_series(1, 1000)");
      capture.passBarrier();
      assertThat(capture.source().bufferedBytes()).isPositive();
      consumer.close();
      assertThat(capture.source().bufferedBytes()).isZero();
      assertThat(capture.source().confirmable()).isEqualTo(capture.source().received());
    }
  }
}
