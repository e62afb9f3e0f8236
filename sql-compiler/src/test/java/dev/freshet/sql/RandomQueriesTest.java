package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Q(new) = Q(old) + ΔQ for random schemas, queries, changes and transports. System properties:
 *
 * <ul>
 *   <li>{@code freshet.random.seed}: the first seed (1); {@code freshet.random.seeds}: these ones
 *       alone, separated by commas
 *   <li>{@code freshet.random.queries}: how many; {@code freshet.random.minutes}: for how long at
 *       most, per version (0.4)
 *   <li>{@code freshet.random.threads}: at once (1)
 *   <li>{@code freshet.random.versions}: V15,V18
 *   <li>{@code freshet.random.failures}: end after so many failing cases (3)
 *   <li>{@code freshet.random.shrinking}: for how many seconds a failing case is made smaller (120)
 *   <li>{@code freshet.random.larger}: times as many rows (1); many queries then take too long
 * </ul>
 *
 * A failing case is made small and written to {@code target/random}; copied to {@code
 * src/test/resources/regressions} it is a test.
 */
class RandomQueriesTest {

  @ParameterizedTest
  @EnumSource(names = {"V15", "V16", "V17", "V18"})
  void everyRefreshEqualsItsQuery(PgVersion version) throws Exception {
    var run = RandomRun.configured(version);
    if (run.isWanted()) {
      run.run();
      assertThat(run.failures()).as("seeds that failed").isEmpty();
    }
  }
}
