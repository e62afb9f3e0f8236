package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Staged chunks that stay in memory too: they are as good as those that are read back. */
class KeptChunksTest {
  private static final long MEMORY = 1 << 20;

  private CaptureFixture capture;
  private DeltaView keyed;

  @BeforeEach
  void begin() throws Exception {
    capture =
        CaptureFixture.on18("CREATE SCHEMA freshet", "CREATE TABLE t (id int PRIMARY KEY, v text)");
    keyed = new DeltaView.Keyed(capture.oid("t"), List.of("id", "v"), List.of("id"));
  }

  @AfterEach
  void end() throws SQLException {
    capture.close();
  }

  @Test
  void whatWasStagedLastIsNotReadBack() throws Exception {
    AtomicInteger opened = startKeeping(MEMORY);
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    capture.execute("INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (2, 'b')");
    capture.passBarrier();
    capture.awaitStaged();
    int before = opened.get();
    for (int i = 0; i < 2; i++) {
      assertThat(capture.rows(consumer.delta(keyed, capture.alignedSnapshot())))
          .containsExactlyInAnyOrder("1│a│true", "2│b│true");
    }
    assertThat(opened).as("connections of the writer alone").hasValue(before);
  }

  @Test
  void whatDoesNotFitBesideTheBufferIsReadBack() throws Exception {
    AtomicInteger opened = startKeeping(700);
    DeltaConsumer consumer = capture.filledConsumer(keyed);
    for (int i = 1; i <= 40; i++) {
      capture.execute("INSERT INTO t VALUES (%d, '%s')".formatted(i, "v".repeat(i)));
      if (i % 8 == 0) {
        capture.passBarrier();
        capture.awaitStaged();
      }
    }
    int before = opened.get();
    for (int i = 0; i < 3; i++) {
      assertThat(capture.rows(consumer.delta(keyed, capture.alignedSnapshot()))).hasSize(40);
    }
    assertThat(opened).as("connections").hasValueGreaterThan(before);
  }

  /** Counts the connections. */
  private AtomicInteger startKeeping(long keptBytes) {
    var opened = new AtomicInteger();
    WalChangeSource source =
        capture.staging(
            MEMORY,
            options ->
                StagingFixture.atOnce(
                    options,
                    () -> {
                      opened.incrementAndGet();
                      return options.connections().open();
                    },
                    keptBytes));
    source.permitConfirmation(new Lsn(Long.MAX_VALUE));
    source.start();
    return opened;
  }
}
