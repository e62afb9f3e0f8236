package dev.freshet.cdc.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import java.io.StringReader;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Every kind of statement that changes rows, however many, and a restart in between. */
public abstract class StatementContract {
  private static final String[] TABLES = {
    "CREATE TABLE parent (id int PRIMARY KEY, v text)",
    "ALTER TABLE parent REPLICA IDENTITY FULL",
    """
    CREATE TABLE t (id int PRIMARY KEY, v text,
      parent int REFERENCES parent ON UPDATE CASCADE ON DELETE CASCADE)\
    """,
    "ALTER TABLE t REPLICA IDENTITY FULL",
    "INSERT INTO parent VALUES (1, 'one'), (2, 'two')",
    "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 2)",
  };

  private final CaptureRig.Capturing capturing;

  protected StatementContract(CaptureRig.Capturing capturing) {
    this.capturing = capturing;
  }

  private static DeltaView weighted(CaptureRig capture) throws Exception {
    return new DeltaView.Weighted(capture.oid("t"), List.of("id", "v", "parent"));
  }

  @Test
  void copyArrives() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      try (Connection connection = capture.database().connect()) {
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY t FROM STDIN", new StringReader("7\tseven\t1\n8\t\\N\t\\N\n"));
      }
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("7│seven│1│1", "8│∅│∅│1");
    }
  }

  @Test
  void mergeInsertsUpdatesAndDeletes() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          """
          MERGE INTO t USING (VALUES (1, 'new'), (2, NULL), (9, 'nine')) AS s (id, v) ON t.id = s.id
          WHEN MATCHED AND s.v IS NULL THEN DELETE
          WHEN MATCHED THEN UPDATE SET v = s.v
          WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v, 1)
          """);
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("1│a│1│-1", "1│new│1│1", "2│b│2│-1", "9│nine│1│1");
    }
  }

  @Test
  void onConflictUpdatesSomeAndInsertsOthers() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "INSERT INTO t VALUES (1, 'x', 1), (9, 'y', 2) ON CONFLICT (id) DO UPDATE SET v ="
              + " excluded.v",
          "INSERT INTO t VALUES (1, 'z', 1) ON CONFLICT DO NOTHING");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("1│a│1│-1", "1│x│1│1", "9│y│2│1");
    }
  }

  @Test
  void foreignKeyCascades() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("UPDATE parent SET id = 10 WHERE id = 1", "DELETE FROM parent WHERE id = 2");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("1│a│1│-1", "1│a│10│1", "2│b│2│-1", "3│c│2│-1");
    }
  }

  @Test
  void truncateCascades() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("TRUNCATE parent CASCADE");
      assertThat(capture.deltaNow(consumer, view)).isInstanceOf(Delta.Unknown.class);
    }
  }

  @Test
  void replayedChangesArriveAsOthers() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("SET session_replication_role = replica; UPDATE t SET v = 'r' WHERE id = 1");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("1│a│1│-1", "1│r│1│1");
    }
  }

  @Test
  void writersOnPartitionsAndOnTheRoot() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int, v text, parent int) PARTITION BY RANGE (id)",
            "CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10)",
            "CREATE TABLE high PARTITION OF t FOR VALUES FROM (10) TO (30) PARTITION BY LIST (v)",
            "CREATE TABLE high_x (parent int, v text, id int)",
            "ALTER TABLE high ATTACH PARTITION high_x FOR VALUES IN ('x')",
            "CREATE TABLE high_rest PARTITION OF high DEFAULT",
            "ALTER TABLE t REPLICA IDENTITY FULL",
            "ALTER TABLE low REPLICA IDENTITY FULL",
            "ALTER TABLE high_x REPLICA IDENTITY FULL",
            "ALTER TABLE high_rest REPLICA IDENTITY FULL",
            "INSERT INTO t VALUES (1, 'a', 0), (11, 'x', 0), (12, 'y', 0)")) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "UPDATE low SET parent = 1",
          "INSERT INTO high VALUES (20, 'x', 2)",
          "INSERT INTO high_x (id, v, parent) VALUES (21, 'x', 3)",
          "UPDATE t SET id = id + 1, v = 'moved' WHERE id IN (11, 12)",
          "DELETE FROM high_rest WHERE id = 13");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder(
              "1│a│0│-1",
              "1│a│1│1",
              "20│x│2│1",
              "21│x│3│1",
              "11│x│0│-1",
              "12│moved│0│1",
              "12│y│0│-1");
    }
  }

  @Test
  void restartContinuesWhereTheFrontierStands() throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView view = weighted(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("UPDATE t SET v = 'before' WHERE id = 1");
      Snapshot frontier = capture.alignedSnapshot();
      consumer.advance(frontier, capture.insertLsn());
      capture.execute("UPDATE t SET v = 'pending' WHERE id = 2");
      capture.stopSource();
      capture.execute("UPDATE t SET v = 'while stopped' WHERE id = 3");
      DeltaConsumer again = capture.register("test", Set.of(view), Optional.of(frontier));
      assertThat(capture.rows(capture.deltaNow(again, view)))
          .containsExactlyInAnyOrder(
              "2│b│2│-1", "2│pending│2│1", "3│c│2│-1", "3│while stopped│2│1");
    }
  }

  @Test
  void largeTransactionArrivesWhole() throws Exception {
    large(100_000);
  }

  @Test
  @Tag("long")
  void millionRowsInOneTransactionArriveWhole() throws Exception {
    large(1_000_000);
  }

  private void large(int rows) throws Exception {
    try (CaptureRig capture = capturing.on18(TABLES)) {
      DeltaView keyed = new DeltaView.Keyed(capture.oid("t"), List.of("id", "v"), List.of("id"));
      DeltaView sums = new DeltaView.Reduced(capture.oid("t"), List.of("v"), List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(keyed, sums);
      capture.execute(
          "BEGIN; INSERT INTO t SELECT i, 'g' || i %% 3 FROM generate_series(10, %d) i; UPDATE t SET v = 'h' WHERE id > %d; COMMIT"
              .formatted(rows + 9, rows + 8));
      Snapshot snapshot = capture.alignedSnapshot();
      List<String> groups = new ArrayList<>(capture.rows(consumer.delta(sums, snapshot)));
      assertThat(groups).hasSize(4);
      assertThat(consumer.changeCount(capture.oid("t"), snapshot)).isEqualTo(rows + 1);
      assertThat(((Delta.Rows) consumer.delta(keyed, snapshot)).rows().rowCount()).isEqualTo(rows);
    }
  }
}
