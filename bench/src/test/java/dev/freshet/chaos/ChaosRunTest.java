package dev.freshet.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The engine as a process, harmed in every way; the run itself audits after each event. */
class ChaosRunTest {
  private static final long SEED = 18;
  private static final int EVENTS = Integer.getInteger("freshet.chaos.events", 10);

  @Test
  void everythingIsRightAfterEachEvent() throws Exception {
    harm(EVENTS, SEED, PgVersion.V18);
  }

  @Test
  void everythingIsRightAfterEventsThatNobodyHasChosen() throws Exception {
    harm(EVENTS / 2, Long.getLong("freshet.seed", new Random().nextInt(1_000_000)), PgVersion.V18);
  }

  @Test
  @Tag("long")
  void everythingIsRightAfterAHundredEvents() throws Exception {
    harm(100, SEED, PgVersion.V18);
  }

  @Test
  @Tag("long")
  void everythingIsRightOnTheOldestServer() throws Exception {
    harm(50, SEED, PgVersion.V15);
  }

  private static void harm(int events, long seed, PgVersion version) throws Exception {
    ChaosOptions options =
        new ChaosOptions(events, Optional.empty(), seed, Kind.on(version), version, false);
    System.out.printf("chaos: seed %d, %s%n", seed, version);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ChaosText text =
        new ChaosText(new PrintStream(printed, true, StandardCharsets.UTF_8), events, false);
    ChaosResult result = new ChaosRun(options, text).run();
    text.ends(result);
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(result.failures()).as(() -> String.join("\n", lines)).isEmpty();
    assertThat(result.events()).hasSize(events);
    assertThat(result.checks().comparisons()).isEqualTo((long) events * Shape.ALL.size());
    assertThat(result.checks().looks()).isPositive();
    assertThat(result.traffic().acknowledged()).isPositive();
    assertThat(lines).last().isEqualTo("CHAOS OK %d events, seed %d".formatted(events, seed));
  }
}
