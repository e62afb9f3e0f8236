package dev.freshet.engine.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.sql.random.Case;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random queries as stream tables under random concurrent writers.
 *
 * <p>{@code -Dfreshet.random-engine.seconds=600} runs for longer (12 per version), {@code
 * -Dfreshet.random-engine.seed=N} begins at another schema; without it, at a new one each time.
 */
class RandomEngineTest {
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("freshet.random-engine.seconds", 12));

  private static final Duration ROUND = Duration.ofSeconds(5);

  @ParameterizedTest
  @EnumSource(names = {"V15", "V18"})
  void everyRefreshEqualsItsQueryAtItsSnapshot(PgVersion version) throws Exception {
    long seed = Long.getLong("freshet.random-engine.seed", System.currentTimeMillis() / 1000);
    System.out.printf("RandomEngineTest: -Dfreshet.random-engine.seed=%d%n", seed);
    var run = new RandomEngineRun(version, ROUND);
    long end = System.nanoTime() + DURATION.toNanos();
    for (long schema = seed; System.nanoTime() < end; schema++) {
      run.round(schema * Case.PER_SCHEMA);
    }
    System.out.println(run);
    assertThat(run.failures()).as("from schema %d on", seed).isEmpty();
    assertThat(run.count(Mode.INCREMENTAL)).as("incremental refreshes compared").isPositive();
  }
}
