package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.staging.StagingConnections;
import dev.freshet.cdc.staging.StagingStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes that wait in the database are as good as those in memory. */
class StagingTest {
  private static final long MEMORY = 1 << 20;

  private CaptureFixture capture;
  private DeltaView keyed;
  private DeltaView weighted;

  @BeforeEach
  void begin() throws Exception {
    capture =
        CaptureFixture.on18(
            "CREATE SCHEMA freshet",
            "CREATE TABLE t (id int PRIMARY KEY, v text)",
            "ALTER TABLE t REPLICA IDENTITY FULL");
    keyed = new DeltaView.Keyed(capture.oid("t"), List.of("id", "v"), List.of("id"));
    weighted = new DeltaView.Weighted(capture.oid("t"), List.of("v"));
  }

  @AfterEach
  void end() throws SQLException {
    capture.close();
  }

  private void startEager() {
    permitted(capture.staging(MEMORY, StagingFixture::atOnce)).start();
  }

  private static WalChangeSource permitted(WalChangeSource source) {
    source.permitConfirmation(new Lsn(Long.MAX_VALUE));
    return source;
  }

  private static String insert(int from, int to) {
    return "INSERT INTO t SELECT i, 'row ' || i FROM generate_series(%d, %d) i".formatted(from, to);
  }

  @Test
  void stagedChangesPrecedeLaterOnes() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed, weighted);
    capture.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')", "UPDATE t SET v = 'c' WHERE id = 1");
    capture.passBarrier();
    capture.awaitStaged();
    capture.execute("DELETE FROM t WHERE id = 2", "UPDATE t SET v = 'd' WHERE id = 1");

    Snapshot snapshot = capture.alignedSnapshot();

    assertThat(capture.rows(consumer.delta(keyed, snapshot))).containsExactly("1│d│true");
    assertThat(capture.rows(consumer.delta(weighted, snapshot))).containsExactly("d│1");
    assertThat(consumer.changeCount(capture.oid("t"), snapshot)).isEqualTo(5);
    assertThat(consumer.pending().transactions()).isEqualTo(4);
  }

  @Test
  void stagedChangesDoNotHoldTheSlotBack() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute(insert(1, 10));
    Lsn behind = capture.insertLsn();
    capture.passBarrier();
    capture.awaitStaged();

    await()
        .atMost(CaptureFixture.PATIENCE)
        .untilAsserted(() -> assertThat(slotPosition()).isGreaterThanOrEqualTo(behind));
    assertThat(consumer.pending().changes()).isEqualTo(10);
  }

  private Lsn slotPosition() throws SQLException {
    return Lsn.parse(
        capture.query(
            "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                + capture.slot
                + "'"));
  }

  @Test
  void anotherProcessTakesUpWhatIsStaged() throws Exception {
    startEager();
    Snapshot filled = fill();
    capture.execute(insert(1, 10));
    Lsn behind = capture.insertLsn();
    capture.passBarrier();
    capture.awaitStaged();
    await().atMost(CaptureFixture.PATIENCE).until(() -> !slotPosition().isBefore(behind));

    capture.stopSource();
    capture.execute(insert(11, 12));
    DeltaConsumer consumer = resume(filled);

    assertThat(capture.rows(capture.deltaNow(consumer, keyed))).hasSize(12);
    assertThat(consumer.pending().changes()).isEqualTo(12);
  }

  @Test
  void whatIsStagedAndSentAgainCountsOnce() throws Exception {
    capture.staging(MEMORY, StagingFixture::atOnce).start();
    Lsn before = slotPosition();
    Snapshot filled = fill();
    capture.execute("INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (2, 'a')");
    capture.passBarrier();
    capture.awaitStaged();
    capture.stopSource();
    assertThat(slotPosition()).as("the server will send them again").isEqualTo(before);

    DeltaConsumer consumer = resume(filled);

    assertThat(capture.rows(capture.deltaNow(consumer, weighted))).containsExactly("a│2");
  }

  private Snapshot fill() throws Exception {
    return capture.filledConsumer(keyed, weighted).frontier().orElseThrow();
  }

  /** A new source, with a consumer that stands where the old one stood. */
  private DeltaConsumer resume(Snapshot frontier) {
    WalChangeSource source = permitted(capture.staging(MEMORY, StagingFixture::atOnce));
    DeltaConsumer consumer =
        source.register("test", Set.of(keyed, weighted), Optional.of(frontier));
    source.start();
    return consumer;
  }

  @Test
  void brokenConnectionWhileStagingLosesNothing() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed, weighted);
    for (int i = 0; i < 40; i++) {
      capture.execute(insert(i * 100 + 1, i * 100 + 100));
      if (i % 5 == 0) {
        capture.query(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname ="
                + " current_database() AND query LIKE '%staged_%' AND pid <> pg_backend_pid()");
      }
    }
    Snapshot snapshot = capture.alignedSnapshot();

    assertThat(capture.rows(consumer.delta(keyed, snapshot))).hasSize(4000);
    capture.awaitStaged();
    assertThat(capture.rows(consumer.delta(keyed, snapshot))).hasSize(4000);
    assertThat(
            capture.query(
                "SELECT count(DISTINCT batch) = (SELECT count(*) FROM freshet.staging WHERE batch >"
                    + " 0) FROM freshet.staged_1"))
        .as("no batch without its entry")
        .isEqualTo("t");
  }

  /** Found by chaos: what was cut off while nothing was staged failed on the next use. */
  @Test
  void sessionThatDiedWhileItWasIdleIsReplacedFirst() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed, weighted);
    capture.execute(insert(1, 10));
    capture.passBarrier();
    capture.awaitStaged();
    capture.query(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname ="
            + " current_database() AND query NOT LIKE '%slot%' AND backend_type = 'client backend'"
            + " AND pid <> pg_backend_pid()");
    capture.execute(insert(11, 20));
    Snapshot snapshot = capture.alignedSnapshot();
    AtomicBoolean failed = new AtomicBoolean();
    await()
        .atMost(CaptureFixture.PATIENCE)
        .until(
            () -> {
              failed.compareAndSet(false, capture.source().stagingFailure().isPresent());
              return capture.source().bufferedBytes() == 0;
            });
    assertThat(failed).isFalse();
    assertThat(capture.rows(consumer.delta(keyed, snapshot))).hasSize(20);
  }

  @Test
  void processThatWasTakenOverFromStagesNoMore() throws Exception {
    startEager();
    Snapshot filled = fill();
    WalChangeSource first = capture.source();
    try (StagingStore second =
        new StagingStore(StagingConnections.of(capture.database().jdbcUrl(), new Properties()))) {
      assertThat(second.load().chunks()).isEmpty();
      capture.execute(insert(1, 10));
      capture.passBarrier();

      await().atMost(CaptureFixture.PATIENCE).until(() -> first.stagingFailure().isPresent());
      assertThat(first.stagingFailure().orElseThrow()).contains("taken over");
      assertThat(second.load().chunks()).as("nothing that would count twice").isEmpty();
    }
    capture.stopSource();
    assertThat(capture.rows(capture.deltaNow(resume(filled), keyed))).hasSize(10);
  }

  @Test
  void consumersWithDifferentFrontiersReadTheirOwnPart() throws Exception {
    startEager();
    DeltaConsumer behind = capture.filledConsumer(keyed);
    DeltaConsumer ahead = capture.filledConsumer(keyed);
    capture.execute("INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (2, 'b')");
    Snapshot middle = capture.alignedSnapshot();
    ahead.advance(middle, capture.insertLsn());
    capture.execute("INSERT INTO t VALUES (3, 'c')");
    capture.passBarrier();
    capture.awaitStaged();
    Snapshot snapshot = capture.alignedSnapshot();

    assertThat(capture.rows(behind.delta(keyed, snapshot))).hasSize(3);
    assertThat(capture.rows(ahead.delta(keyed, snapshot))).containsExactly("3│c│true");
    ahead.advance(snapshot, capture.insertLsn());
    capture.passBarrier();
    assertThat(capture.rows(behind.delta(keyed, snapshot)))
        .as("what one has consumed the other still reads")
        .hasSize(3);
    behind.advance(snapshot, capture.insertLsn());
    capture.passBarrier();
    assertThat(capture.source().stagedBytes()).isZero();
  }

  @Test
  void stagedTransactionThatASnapshotDoesNotSeeStays() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute("INSERT INTO t VALUES (1, 'a')");
    try (Connection writer = capture.database().connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES (2, 'b')");
      Snapshot before = capture.snapshot();
      writer.commit();
      capture.passBarrier();
      capture.awaitStaged();

      assertThat(capture.rows(consumer.delta(keyed, before))).containsExactly("1│a│true");
      consumer.advance(before, capture.insertLsn());
      capture.passBarrier();
      assertThat(capture.rows(capture.deltaNow(consumer, keyed))).containsExactly("2│b│true");
    }
  }

  @Test
  void truncationIsKnownWhenItIsStaged() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute(insert(1, 5), "TRUNCATE t; " + insert(7, 8));
    capture.passBarrier();
    capture.awaitStaged();

    assertThat(capture.deltaNow(consumer, keyed))
        .isInstanceOfSatisfying(
            Delta.Unknown.class,
            unknown -> assertThat(unknown.reason()).contains("public.t was truncated"));
  }

  @Test
  void unchangedToastIsReadFromTheStagedOldRow() throws Exception {
    capture.execute("ALTER TABLE t ADD big text", "ALTER TABLE t ALTER big SET STORAGE EXTERNAL");
    startEager();
    DeltaView wide =
        new DeltaView.Keyed(capture.oid("t"), List.of("id", "v", "big"), List.of("id"));
    DeltaConsumer consumer = capture.filledConsumer(wide);
    capture.execute(
        "INSERT INTO t VALUES (1, 'a', repeat('x', 5000))", "UPDATE t SET v = 'b' WHERE id = 1");
    capture.passBarrier();
    capture.awaitStaged();

    assertThat(capture.rows(capture.deltaNow(consumer, wide)))
        .containsExactly("1│b│" + "x".repeat(5000) + "│true");
  }

  @Test
  void columnAddedBetweenStagedAndLaterRows() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute("INSERT INTO t VALUES (1, 'a')");
    capture.passBarrier();
    capture.awaitStaged();
    capture.execute(
        "ALTER TABLE t ADD extra int DEFAULT 7",
        "INSERT INTO t VALUES (2, 'b', 8)",
        "UPDATE t SET v = 'c' WHERE id = 1");

    assertThat(capture.rows(capture.deltaNow(consumer, keyed)))
        .containsExactly("1│c│true", "2│b│true");
  }

  @Test
  void transactionLargerThanMemoryIsStagedWhileItArrives() throws Exception {
    WalChangeSource source = permitted(capture.staging(MEMORY, options -> options));
    source.start();
    DeltaConsumer consumer = capture.filledConsumer(keyed, weighted);
    capture.execute("INSERT INTO t VALUES (0, 'zero')");
    capture.execute(insert(1, 50_000) + "; UPDATE t SET v = 'same' WHERE id <= 3");
    Snapshot snapshot = capture.alignedSnapshot();

    assertThat(source.bufferedBytes()).isLessThan(MEMORY);
    assertThat(source.stagedBytes()).isGreaterThan(MEMORY);
    assertThat(consumer.changeCount(capture.oid("t"), snapshot)).isEqualTo(50_005);
    assertThat(consumer.delta(keyed, snapshot))
        .as("it does not fit into memory even when consolidated")
        .isInstanceOfSatisfying(
            Delta.Unknown.class, unknown -> assertThat(unknown.reason()).contains("max-memory"));
  }

  @Test
  void burstOnFewRowsIsConsolidatedFromStaging() throws Exception {
    WalChangeSource source = permitted(capture.staging(MEMORY, options -> options));
    source.start();
    DeltaConsumer consumer = capture.filledConsumer(keyed, weighted);
    capture.execute(insert(1, 100));
    capture.execute(
        "DO $$BEGIN FOR n IN 1..500 LOOP UPDATE t SET v = 'step ' || n; END LOOP; END$$",
        "UPDATE t SET v = 'last' WHERE id > 2");
    Snapshot snapshot = capture.alignedSnapshot();

    assertThat(source.stagedBytes()).isGreaterThan(MEMORY);
    assertThat(capture.rows(consumer.delta(keyed, snapshot)))
        .hasSize(100)
        .contains("1│step 500│true", "100│last│true");
    assertThat(capture.rows(consumer.delta(weighted, snapshot)))
        .containsExactlyInAnyOrder("step 500│2", "last│98");
  }

  @Test
  void rowsAreGivenUpAndThatIsSaidWhereNothingCanBeStaged() throws Exception {
    WalChangeSource source = permitted(capture.staging(MEMORY, options -> options));
    source.start();
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute("DROP SCHEMA freshet CASCADE");
    for (int i = 0; i < 5; i++) {
      capture.execute(insert(i * 10_000 + 1, i * 10_000 + 10_000));
    }

    assertThat(capture.deltaNow(consumer, keyed))
        .isInstanceOfSatisfying(
            Delta.Unknown.class,
            unknown -> assertThat(unknown.reason()).contains("cdc.buffer.max-memory"));
    assertThat(source.stagingFailure())
        .hasValueSatisfying(why -> assertThat(why).contains("3F000"));

    capture.execute("CREATE SCHEMA freshet");
    consumer.advance(capture.alignedSnapshot(), capture.insertLsn());
    await().atMost(CaptureFixture.PATIENCE).until(() -> source.stagingFailure().isEmpty());
    capture.execute("UPDATE t SET v = 'x' WHERE id = 1");
    assertThat(capture.rows(capture.deltaNow(consumer, keyed))).containsExactly("1│x│true");
  }

  @Test
  void consumedGenerationsAreDropped() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute(insert(1, 10));
    capture.passBarrier();
    capture.awaitStaged();
    consumer.advance(capture.alignedSnapshot(), capture.insertLsn());
    capture.passBarrier();

    await()
        .atMost(CaptureFixture.PATIENCE)
        .until(
            () ->
                capture
                    .query(
                        "SELECT count(*) FROM pg_class WHERE relname LIKE 'staged\\_%' AND relkind"
                            + " = 'r'")
                    .equals("0"));
    assertThat(capture.query("SELECT count(*) FROM freshet.staging WHERE batch > 0"))
        .isEqualTo("0");
  }

  @Test
  void readerOfAGenerationDoesNotKeepOthersFromBeingStaged() throws Exception {
    startEager();
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute(insert(1, 10));
    capture.passBarrier();
    capture.awaitStaged();
    try (Connection backup = capture.database().connect();
        Statement statement = backup.createStatement()) {
      backup.setAutoCommit(false);
      statement.execute("LOCK TABLE freshet.staged_1 IN ACCESS SHARE MODE");
      consumer.advance(capture.alignedSnapshot(), capture.insertLsn());
      capture.passBarrier();
      for (int i = 0; i < 5; i++) {
        capture.execute(insert(100 * i + 100, 100 * i + 110));
        capture.passBarrier();
        capture.awaitStaged();
      }
      assertThat(capture.source().stagingFailure()).isEmpty();
      backup.rollback();
    }
    assertThat(capture.rows(capture.deltaNow(consumer, keyed))).hasSize(55);
  }
}
