package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Capture works alike on every supported version. */
class VersionSmokeTest {
  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void deltasAreRight(PgVersion version) throws Exception {
    try (CaptureFixture capture =
        new CaptureFixture(
            SharedServer.of(version),
            "CREATE TABLE t (id int PRIMARY KEY, v text, n int)",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)")) {
      int oid = capture.oid("t");
      DeltaView keyed = new DeltaView.Keyed(oid, List.of("id", "v"), List.of("id"));
      DeltaView reduced = new DeltaView.Reduced(oid, List.of("v"), List.of("n"));
      DeltaConsumer consumer = capture.filledConsumer(keyed, reduced);
      capture.execute(
          "UPDATE t SET n = n + 1", "UPDATE t SET id = 3, v = 'c' WHERE id = 2", "SELECT 1");
      Snapshot snapshot = capture.alignedSnapshot();
      assertThat(capture.rows(consumer.delta(keyed, snapshot)))
          .containsExactly("2│∅│false", "3│c│true");
      assertThat(capture.rows(consumer.delta(reduced, snapshot)))
          .containsExactlyInAnyOrder("a│0│1│0", "b│-1│-2│-1", "c│1│3│1");
      consumer.advance(snapshot, capture.insertLsn());
      assertThat(capture.rows(capture.deltaNow(consumer, keyed))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void stagedDeltasAreRight(PgVersion version) throws Exception {
    try (CaptureFixture capture =
        new CaptureFixture(
            SharedServer.of(version),
            "CREATE SCHEMA freshet",
            "CREATE TABLE t (id int PRIMARY KEY, v text)")) {
      DeltaView keyed = new DeltaView.Keyed(capture.oid("t"), List.of("id", "v"), List.of("id"));
      WalChangeSource source = capture.staging(1 << 20, StagingFixture::atOnce);
      source.start();
      DeltaConsumer consumer = capture.filledConsumer(keyed);
      capture.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')", "DELETE FROM t WHERE id = 2");
      capture.passBarrier();
      await().atMost(CaptureFixture.PATIENCE).until(() -> source.stagedTransactions() == 2);
      Snapshot snapshot = capture.alignedSnapshot();
      assertThat(capture.rows(consumer.delta(keyed, snapshot)))
          .containsExactly("1│a│true", "2│∅│false");
      consumer.advance(snapshot, capture.insertLsn());
      capture.passBarrier();
      await().atMost(CaptureFixture.PATIENCE).until(() -> source.stagedBytes() == 0);
    }
  }
}
