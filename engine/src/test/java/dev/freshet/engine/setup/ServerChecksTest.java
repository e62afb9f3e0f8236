package dev.freshet.engine.setup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.setup.Check.State;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerChecksTest {
  private static final ServerFacts READY =
      new ServerFacts(
          "18.1", 180001, "logical", 10, 3, 10, 2, false, true, false, true, true, "-1");

  @Test
  void readyServerHasNothingToMend() {
    assertThat(of(READY)).extracting(Check::state).containsOnly(State.OK);
  }

  @Test
  void versionBelow15IsNamedWithItsRemedy() {
    ServerFacts old =
        new ServerFacts(
            "14.19", 140019, "logical", 10, 3, 10, 2, false, true, false, true, true, "-1");
    assertThat(of(old))
        .contains(
            new Check(
                "server version",
                State.FAIL,
                "PostgreSQL 14.19 is older than 15",
                "upgrade the server to PostgreSQL 15, 16, 17 or 18"));
  }

  @Test
  void standbyIsRefused() {
    ServerFacts standby =
        new ServerFacts(
            "18.1", 180001, "logical", 10, 3, 10, 2, true, true, false, true, true, "-1");
    assertThat(of(standby))
        .filteredOn(check -> check.state() == State.FAIL)
        .extracting(Check::remedy)
        .containsExactly("connect to the primary (database.host)");
  }

  @Test
  void amazonsRoleStandsForReplication() {
    ServerFacts amazon =
        new ServerFacts(
            "17.4", 170004, "logical", 10, 3, 10, 2, false, false, true, true, true, "-1");
    assertThat(of(amazon))
        .filteredOn(check -> check.state() == State.FAIL)
        .extracting(Check::remedy)
        .singleElement()
        .asString()
        .startsWith("GRANT rds_replication TO ");
  }

  @Test
  void existingSlotNeedsNoFreeOne() {
    ServerFacts full =
        new ServerFacts(
            "18.1", 180001, "logical", 3, 3, 10, 2, false, true, false, true, true, "-1");
    assertThat(ServerChecks.of(full, FreshetConfig.defaults(), true, false))
        .extracting(Check::state)
        .containsOnly(State.OK);
    assertThat(of(full)).extracting(Check::state).contains(State.FAIL);
  }

  private static List<Check> of(ServerFacts facts) {
    return ServerChecks.of(facts, FreshetConfig.defaults(), false, false);
  }
}
