package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossPacingTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final LossPacing pacing = new LossPacing();

  @Test
  void firstLossesAreHealedAtOnceAndFurtherOnesLaterAndLater() {
    List<Long> pauses = new ArrayList<>();
    Instant now = START;
    for (int loss = 0; loss < 10; loss++) {
      pauses.add(pacing.pause(now).toSeconds());
      pacing.lost(now);
      now = now.plusSeconds(1);
    }
    assertThat(pauses).containsExactly(0L, 0L, 0L, 5L, 10L, 20L, 40L, 80L, 160L, 300L);
  }

  @Test
  void quietTimeIsForgiven() {
    for (int loss = 0; loss < 5; loss++) {
      pacing.lost(START);
    }
    assertThat(pacing.pause(START.plus(LossPacing.WINDOW).plusSeconds(1))).isEqualTo(Duration.ZERO);
  }
}
