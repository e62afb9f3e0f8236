package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.config.CdcMode;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The invariant under concurrent writers: at its snapshot, a stream table is its query.
 *
 * <p>{@code -Dfreshet.alignment.seconds=600} runs it for longer, {@code -Dfreshet.seed} repeats the
 * decisions of a run, though not the scheduling of its threads.
 */
class AlignmentTest {
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("freshet.alignment.seconds", 45));

  private static final Duration TRIGGER_DURATION =
      Duration.ofSeconds(Integer.getInteger("freshet.alignment.seconds", 12));

  private static final int WRITERS = 10;

  @Test
  void everyRefreshEqualsItsQueryAtItsSnapshot() throws Exception {
    run(CdcMode.WAL, DURATION);
  }

  @Test
  void soItDoesWithTriggers() throws Exception {
    run(CdcMode.TRIGGER, TRIGGER_DURATION);
  }

  private void run(CdcMode mode, Duration duration) throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (Freshet freshet =
        Freshet.on(
            SharedServer.of(PgVersion.V18),
            Map.of("engine.refresh-workers", "4", "cdc.mode", mode.text()))) {
      AlignmentRun.createStreamTables(freshet);
      AlignmentRun run = new AlignmentRun(freshet, seed).during(duration, WRITERS);
      assertThat(run.differing()).as("seed %d", seed).isEmpty();
      assertThat(run.incrementalShare()).as("share of incremental refreshes").isGreaterThan(0.9);
      assertThat(run.count(Mode.INCREMENTAL))
          .as("incremental refreshes")
          .isGreaterThan((int) duration.toSeconds() * 10);
    }
  }
}
