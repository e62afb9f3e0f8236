package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Commits enter the log in one order and become visible in another. A delta of "all commits before
 * this position" is therefore not what the joined tables show, and the comparison in {@link
 * AlignmentTest} does notice it.
 *
 * <p>The server lets 5 ms pass between a commit's record and its flush ({@code commit_delay}), as a
 * slow disk would; only then does the commit become visible.
 */
class CommitOrderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static EmbeddedServer server;

  @BeforeAll
  static void startServer() {
    server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("commit_delay", "5000")
            .setting("commit_siblings", "0")
            .start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void commitsBeforeAPositionAreNotWhatTheSnapshotSees() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    Database database = server.freshDatabase();
    try (CommitOrderAlignment commitOrder = new CommitOrderAlignment(database);
        Freshet freshet = Freshet.on(database, Map.of(), commitOrder)) {
      AlignmentRun.createStreamTables(freshet);
      AlignmentRun run = new AlignmentRun(freshet, seed).untilOneDiffers(PATIENCE, 8);
      assertThat(run.differences())
          .as("a rule that is known to be wrong was not found out by %s", run)
          .isPositive();
    }
  }

  @Test
  void snapshotsStandTheSameLoad() throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (Freshet freshet = Freshet.on(server, Map.of())) {
      AlignmentRun.createStreamTables(freshet);
      AlignmentRun run = new AlignmentRun(freshet, seed).during(Duration.ofSeconds(5), 8);
      assertThat(run.differing()).as("seed %d", seed).isEmpty();
    }
  }
}
