package dev.freshet.cdc.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.RowFilter;
import dev.freshet.cdc.Snapshot;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What single rows can go through between two snapshots. */
public abstract class RowContract {
  private final CaptureRig.Capturing capturing;

  protected RowContract(CaptureRig.Capturing capturing) {
    this.capturing = capturing;
  }

  private static final String PLAIN = "CREATE TABLE t (id int PRIMARY KEY, v text)";
  private static final String FULL = "ALTER TABLE t REPLICA IDENTITY FULL";

  private static DeltaView keyed(CaptureRig capture, String... columns) throws Exception {
    return new DeltaView.Keyed(capture.oid("t"), List.of(columns), List.of("id"));
  }

  /** A key that came and went may be told to be gone, or not at all. */
  private static List<String> without(String gone, List<String> rows) {
    return rows.stream().filter(row -> !row.equals(gone)).toList();
  }

  private static DeltaView weighted(CaptureRig capture, String... columns) throws Exception {
    return new DeltaView.Weighted(capture.oid("t"), List.of(columns));
  }

  @Test
  void keyUpdateUnderDefaultIdentityLeavesOldKeyGone() throws Exception {
    try (CaptureRig capture = capturing.on18(PLAIN, "INSERT INTO t VALUES (1, 'a')")) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("UPDATE t SET id = 5");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly("1│∅│false", "5│a│true");
    }
  }

  @Test
  void rowsThatSwapKeysThroughAThirdKeyAreBothPresent() throws Exception {
    try (CaptureRig capture = capturing.on18(PLAIN, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "UPDATE t SET id = -1 WHERE id = 1",
          "UPDATE t SET id = 1 WHERE id = 2",
          "UPDATE t SET id = 2 WHERE id = -1");
      assertThat(without("-1│∅│false", capture.rows(capture.deltaNow(consumer, view))))
          .containsExactly("1│b│true", "2│a│true");
    }
  }

  @Test
  void rowsThatSwapDeferrableKeysAreNeverCalledGone() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, v text)",
            FULL,
            "INSERT INTO t VALUES (1, 'a'), (2, 'b')")) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaView rows = weighted(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view, rows);
      capture.execute("UPDATE t SET id = 3 - id");
      Delta delta = capture.deltaNow(consumer, view);
      assertThat(capture.rows(delta)).containsExactly("1│b│true", "2│a│true");
      assertThat(capture.rows(capture.deltaNow(consumer, rows)))
          .containsExactlyInAnyOrder("1│a│-1", "2│b│-1", "1│b│1", "2│a│1");
    }
  }

  @Test
  void swappedEqualRowsAreNoChange() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, v text)",
            FULL,
            "INSERT INTO t VALUES (1, 'a'), (2, 'a')")) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("UPDATE t SET id = 3 - id");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .allSatisfy(row -> assertThat(row).endsWith("true"));
    }
  }

  @Test
  void unchangedToastUnderFullIdentityComesFromTheOldRow() throws Exception {
    try (CaptureRig capture = toasted(FULL)) {
      DeltaView view = keyed(capture, "id", "big", "v");
      DeltaConsumer consumer = capture.filledConsumer(view, weighted(capture, "v", "big"));
      capture.execute("UPDATE t SET v = 'new'");
      Delta delta = capture.deltaNow(consumer, view);
      assertThat(((Delta.Rows) delta).complete()).isTrue();
      assertThat(capture.rows(delta))
          .containsExactly("1│" + capture.query("SELECT big FROM t") + "│new│true");
      assertThat(capture.rows(capture.deltaNow(consumer, weighted(capture, "v", "big"))))
          .hasSize(2);
    }
  }

  private CaptureRig toasted(String identity) throws Exception {
    return capturing.on18(
        "CREATE TABLE t (id int PRIMARY KEY, v text, big text)",
        "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
        identity,
        "INSERT INTO t SELECT 1, 'old', string_agg(md5(i::text), '') FROM generate_series(1, 500)"
            + " i");
  }

  @Test
  void nullAndTheWordNullDiffer() throws Exception {
    try (CaptureRig capture = capturing.on18(PLAIN)) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1, NULL), (2, 'null'), (3, 'NULL'), (4, '')");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly("1│∅│true", "2│null│true", "3│NULL│true", "4││true");
    }
  }

  @Test
  void rowThatCameAndWentUnderFullIdentityNetsOut() throws Exception {
    try (CaptureRig capture = capturing.on18(PLAIN, FULL)) {
      DeltaView keyed = keyed(capture, "id", "v");
      DeltaView weighted = weighted(capture, "v");
      DeltaConsumer consumer = capture.filledConsumer(keyed, weighted);
      capture.execute("INSERT INTO t VALUES (1, 'a')", "UPDATE t SET v = 'b'", "DELETE FROM t");
      assertThat(capture.deltaNow(consumer, keyed)).isEqualTo(new Delta.Empty());
      assertThat(capture.deltaNow(consumer, weighted)).isEqualTo(new Delta.Empty());
    }
  }

  @Test
  void updateOfAColumnNobodyReadsIsNoChange() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int PRIMARY KEY, v text, note text)",
            FULL,
            "INSERT INTO t VALUES (1, 'a')")) {
      DeltaView keyed = keyed(capture, "id", "v");
      DeltaView reduced = new DeltaView.Reduced(capture.oid("t"), List.of("v"), List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(keyed, reduced);
      capture.execute("UPDATE t SET note = 'x'");
      assertThat(capture.deltaNow(consumer, keyed)).isEqualTo(new Delta.Empty());
      assertThat(capture.deltaNow(consumer, reduced)).isEqualTo(new Delta.Empty());
    }
  }

  /** Rows whose n is above ten. */
  private record AboveTen() implements RowFilter {
    @Override
    public List<String> columns() {
      return List.of("n");
    }

    @Override
    public Test over(int[] typeOids) {
      return (bytes, starts, lengths) ->
          lengths[0] == ABSENT
              || (lengths[0] == 4 && ByteBuffer.wrap(bytes).getInt(starts[0]) > 10);
    }
  }

  @Test
  void aFilterIsAskedOfEachImage() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int PRIMARY KEY, n int)",
            FULL,
            "INSERT INTO t VALUES (1, 1), (2, 20), (3, 30), (4, NULL)")) {
      int oid = capture.oid("t");
      List<String> columns = List.of("id", "n");
      DeltaView rows = new DeltaView.Weighted(oid, columns, new AboveTen());
      DeltaView keys = new DeltaView.Keyed(oid, columns, List.of("id"), new AboveTen());
      DeltaView sums = new DeltaView.Reduced(oid, List.of("n"), List.of("id"), new AboveTen());
      DeltaConsumer consumer = capture.filledConsumer(rows, keys, sums);
      capture.execute(
          "UPDATE t SET n = n + 5 WHERE n < 30", // 1 fails before and after, 2 passes
          "UPDATE t SET n = 3 WHERE id = 3",
          "UPDATE t SET n = 40 WHERE id = 4",
          "INSERT INTO t VALUES (5, 5), (6, 60)",
          "DELETE FROM t WHERE id = 1");
      assertThat(capture.rows(capture.deltaNow(consumer, rows)))
          .containsExactlyInAnyOrder("2│20│-1", "2│25│1", "3│30│-1", "4│40│1", "6│60│1");
      assertThat(capture.rows(capture.deltaNow(consumer, keys)))
          .containsExactly("2│25│true", "3│3│true", "4│40│true", "6│60│true");
      assertThat(capture.rows(capture.deltaNow(consumer, sums)))
          .containsExactlyInAnyOrder(
              "20│-1│-2│-1", "25│1│2│1", "30│-1│-3│-1", "40│1│4│1", "60│1│6│1");
    }
  }

  @Test
  void duplicateRowsWithoutKeyKeepTheirMultiplicity() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (v text)", FULL, "INSERT INTO t VALUES ('a'), ('a'), ('a')")) {
      DeltaView view = weighted(capture, "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t)",
          "INSERT INTO t VALUES ('b'), ('b')");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("a│-1", "b│2");
    }
  }

  @Test
  void truncateMakesEveryViewUnknown() throws Exception {
    try (CaptureRig capture = capturing.on18(PLAIN, FULL, "INSERT INTO t VALUES (1, 'a')")) {
      DeltaView keyed = keyed(capture, "id");
      DeltaView weighted = weighted(capture, "v");
      DeltaConsumer consumer = capture.filledConsumer(keyed, weighted);
      capture.execute("BEGIN; TRUNCATE t; INSERT INTO t VALUES (2, 'b'); COMMIT");
      assertThat(capture.deltaNow(consumer, keyed)).isInstanceOf(Delta.Unknown.class);
      assertThat(capture.deltaNow(consumer, weighted))
          .isInstanceOfSatisfying(
              Delta.Unknown.class,
              unknown -> assertThat(unknown.reason()).contains("public.t was truncated"));
    }
  }

  @Test
  void changesOfPartitionsArriveAsTheRoots() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
            "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
            "CREATE TABLE t2 (v text, dropped int, id int NOT NULL)",
            "ALTER TABLE t2 DROP COLUMN dropped",
            "ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (10) TO (20)")) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "INSERT INTO t VALUES (1, 'a'), (11, 'b')",
          "INSERT INTO t2 (id, v) VALUES (12, 'c')",
          "UPDATE t SET id = 13 WHERE id = 1");
      assertThat(without("1│∅│false", capture.rows(capture.deltaNow(consumer, view))))
          .containsExactly("11│b│true", "12│c│true", "13│a│true");
    }
  }

  @Test
  void virtualGeneratedColumnMakesTheDeltaIncomplete() throws Exception {
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int PRIMARY KEY, v text, up text GENERATED ALWAYS AS"
                + " (upper(v)))")) {
      DeltaView view = keyed(capture, "id", "up");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1, 'a')");
      Delta delta = capture.deltaNow(consumer, view);
      assertThat(((Delta.Rows) delta).complete()).isFalse();
      assertThat(capture.rows(delta)).containsExactly("1│∅│true");
    }
  }

  @Test
  void columnAddedBetweenChangesIsIncompleteOnlyForOlderRows() throws Exception {
    try (CaptureRig capture = capturing.on18(PLAIN)) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "BEGIN; INSERT INTO t VALUES (1, 'a'); ALTER TABLE t ADD extra int;"
              + " INSERT INTO t VALUES (2, 'b', 7); COMMIT",
          "ALTER TABLE t DROP COLUMN extra",
          "INSERT INTO t VALUES (3, 'c')");
      Snapshot snapshot = capture.alignedSnapshot();
      Delta delta = consumer.delta(view, snapshot);
      if (trustsAlteredTables()) {
        assertThat(((Delta.Rows) delta).complete()).isTrue();
        assertThat(capture.rows(delta)).containsExactly("1│a│true", "2│b│true", "3│c│true");
      } else {
        assertThat(delta).isInstanceOf(Delta.Unknown.class);
      }
      consumer.advance(snapshot, capture.insertLsn());
      capture.execute("INSERT INTO t VALUES (4, 'd')");
      assertThat(capture.rows(capture.deltaNow(consumer, view))).containsExactly("4│d│true");
    }
  }

  /** Whether the delta of a table that was altered meanwhile is told; else it is unknown, once. */
  protected boolean trustsAlteredTables() {
    return true;
  }

  @Test
  void retypedColumnMakesTheDeltaUnknown() throws Exception {
    try (CaptureRig capture = capturing.on18(PLAIN)) {
      DeltaView view = keyed(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "INSERT INTO t VALUES (1, '7')",
          "ALTER TABLE t ALTER v TYPE int USING v::int",
          "INSERT INTO t VALUES (2, 8)");
      assertThat(capture.deltaNow(consumer, view))
          .isInstanceOfSatisfying(
              Delta.Unknown.class,
              unknown -> assertThat(unknown.reason()).contains("column v").contains("type"));
    }
  }

  @Test
  void sumOfInfinityIsUnreducible() throws Exception {
    try (CaptureRig capture =
        capturing.on18("CREATE TABLE t (id int PRIMARY KEY, n numeric)", FULL)) {
      DeltaView view = new DeltaView.Reduced(capture.oid("t"), List.of(), List.of("n"));
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1, 'Infinity')");
      assertThat(capture.deltaNow(consumer, view)).isEqualTo(new Delta.Unreducible("n"));
    }
  }

  @Test
  void sumsBeyondSixtyFourBitsAreExact() throws Exception {
    try (CaptureRig capture =
        capturing.on18("CREATE TABLE t (id int PRIMARY KEY, b bigint, n numeric)", FULL)) {
      DeltaView view = new DeltaView.Reduced(capture.oid("t"), List.of(), List.of("b", "n"));
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          """
          INSERT INTO t VALUES (1, 9223372036854775807, 1e40), (2, 9223372036854775807, 0.000001),
                               (3, -9223372036854775808, -12345.6789), (4, 5, 99999999999999999)
          """);
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly(
              "4│9223372036854775811│4│" + capture.query("SELECT sum(n) FROM t") + "│4");
    }
  }
}
