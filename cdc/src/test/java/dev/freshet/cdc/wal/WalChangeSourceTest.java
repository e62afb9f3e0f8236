package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The three views over a table with replica identity full. */
class WalChangeSourceTest {
  private static final String TABLE =
      "CREATE TABLE item (id int PRIMARY KEY, region text, amount int, price numeric)";

  @Test
  void keyedViewShowsNewestRowAndGoneKey() throws Exception {
    try (CaptureFixture capture =
        CaptureFixture.on18(TABLE, "INSERT INTO item VALUES (1, 'n', 10, 1.5), (2, 's', 20, 2)")) {
      DeltaView view =
          new DeltaView.Keyed(capture.oid("item"), List.of("id", "amount"), List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(view);

      capture.execute(
          "UPDATE item SET amount = 11 WHERE id = 1",
          "UPDATE item SET amount = 12 WHERE id = 1",
          "DELETE FROM item WHERE id = 2",
          "INSERT INTO item VALUES (3, 'w', 30, 3)");

      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly("1│12│true", "2│∅│false", "3│30│true");
    }
  }

  @Test
  void weightedViewConsolidates() throws Exception {
    try (CaptureFixture capture =
        CaptureFixture.on18(
            TABLE,
            "ALTER TABLE item REPLICA IDENTITY FULL",
            "INSERT INTO item VALUES (1, 'n', 10, 1.5), (2, 'n', 10, 2)")) {
      DeltaView view = new DeltaView.Weighted(capture.oid("item"), List.of("region", "amount"));
      DeltaConsumer consumer = capture.filledConsumer(view);

      capture.execute(
          "UPDATE item SET price = price + 1", "DELETE FROM item", "INSERT INTO item VALUES (3)");

      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("n│10│-2", "∅│∅│1");
    }
  }

  @Test
  void reducedViewSumsPerGroup() throws Exception {
    try (CaptureFixture capture =
        CaptureFixture.on18(
            TABLE,
            "ALTER TABLE item REPLICA IDENTITY FULL",
            "INSERT INTO item SELECT i, 'n', i, round(i / 8.0, 3) FROM generate_series(1, 1000)"
                + " i")) {
      DeltaView view =
          new DeltaView.Reduced(capture.oid("item"), List.of("region"), List.of("amount", "price"));
      DeltaConsumer consumer = capture.filledConsumer(view);

      capture.execute(
          "UPDATE item SET amount = amount + 1",
          "DELETE FROM item WHERE id <= 10",
          "INSERT INTO item VALUES (2000, 's', NULL, -3.25)");

      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder(
              "n│-10│" + (1000 - 55 - 10) + "│-10│-6.875│-10", "s│1│0│0│-3.25│1");
    }
  }

  @Test
  void deltaIsEmptyAfterAdvance() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaView view = new DeltaView.Keyed(capture.oid("item"), List.of("id"), List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO item VALUES (1)");
      Snapshot snapshot = capture.alignedSnapshot();
      assertThat(capture.rows(consumer.delta(view, snapshot))).hasSize(1);

      consumer.advance(snapshot, capture.insertLsn());

      assertThat(capture.rows(capture.deltaNow(consumer, view))).isEmpty();
      assertThat(consumer.pending().transactions()).isZero();
    }
  }
}
