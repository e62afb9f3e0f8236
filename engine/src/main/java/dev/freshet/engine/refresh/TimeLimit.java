package dev.freshet.engine.refresh;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How long each statement of a refresh may take, where that is less than what is set.
 *
 * @param afterwards what is set: it holds again for the frontier and the commit; zero: none
 */
record TimeLimit(Duration limit, Duration afterwards) {

  /**
   * @param budgetMilliseconds empty if there is none
   * @param timeout what is set; zero: none
   */
  static Optional<TimeLimit> of(OptionalDouble budgetMilliseconds, Duration timeout) {
    if (budgetMilliseconds.isEmpty()) {
      return Optional.empty();
    }
    Duration limit = Duration.ofMillis((long) Math.ceil(budgetMilliseconds.getAsDouble()));
    return timeout.isZero() || limit.compareTo(timeout) < 0
        ? Optional.of(new TimeLimit(limit, timeout))
        : Optional.empty();
  }
}
