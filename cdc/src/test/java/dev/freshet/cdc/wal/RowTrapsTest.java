package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log does not tell of single rows. */
class RowTrapsTest {
  private static final String PLAIN = "CREATE TABLE t (id int PRIMARY KEY, v text)";
  private static final String FULL = "ALTER TABLE t REPLICA IDENTITY FULL";

  private static DeltaView keyed(CaptureFixture capture, String... columns) throws Exception {
    return new DeltaView.Keyed(capture.oid("t"), List.of(columns), List.of("id"));
  }

  private static DeltaView weighted(CaptureFixture capture, String... columns) throws Exception {
    return new DeltaView.Weighted(capture.oid("t"), List.of(columns));
  }

  @Test
  void unchangedToastUnderDefaultIdentityMakesTheDeltaIncomplete() throws Exception {
    try (CaptureFixture capture = toasted("ALTER TABLE t REPLICA IDENTITY DEFAULT")) {
      DeltaView view = keyed(capture, "id", "big");
      DeltaView small = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view, small);
      capture.execute("UPDATE t SET v = 'new'");
      Delta delta = capture.deltaNow(consumer, view);
      assertThat(((Delta.Rows) delta).complete()).isFalse();
      assertThat(capture.rows(delta)).containsExactly("1│∅│true");
      assertThat(((Delta.Rows) capture.deltaNow(consumer, small)).complete())
          .as("a view without the TOASTed column is complete")
          .isTrue();
    }
  }

  private static CaptureFixture toasted(String identity) throws Exception {
    return CaptureFixture.on18(
        "CREATE TABLE t (id int PRIMARY KEY, v text, big text)",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        identity,
        "INSERT INTO t SELECT 1, 'old', string_agg(md5(i::text), '') FROM generate_series(1, 500)"
            + " i");
  }

  @Test
  void oldRowThatWasNotLoggedMakesWeightsUnknown() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(PLAIN, "INSERT INTO t VALUES (1, 'a')")) {
      DeltaView view = weighted(capture, "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (2, 'b')");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .as("inserts need no old row")
          .containsExactly("b│1");
      capture.execute("UPDATE t SET v = 'c' WHERE id = 1");
      assertThat(capture.deltaNow(consumer, view))
          .isInstanceOfSatisfying(
              Delta.Unknown.class,
              unknown ->
                  assertThat(unknown.reason())
                      .contains("public.t")
                      .contains("replica identity DEFAULT")
                      .contains("FULL"));
    }
  }
}
