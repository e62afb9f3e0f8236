package dev.freshet.engine.setup;

import dev.freshet.engine.setup.Check.State;
import java.util.List;

/**
 * Everything that was looked at, in the order in which to mend it.
 *
 * @param server {@code shop at localhost:5432 as freshet, PostgreSQL 18.1}
 */
public record SetupReport(String server, List<Check> checks) {
  public SetupReport {
    checks = List.copyOf(checks);
  }

  /** Whether nothing failed. */
  public boolean ready() {
    return count(State.FAIL) == 0;
  }

  public long count(State state) {
    return checks.stream().filter(check -> check.state() == state).count();
  }
}
