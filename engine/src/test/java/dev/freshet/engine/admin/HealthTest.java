package dev.freshet.engine.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.Place;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.Service;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthTest {
  @Test
  void healthyEngineHasNoReasons() {
    assertThat(Health.of(true, status("streaming", "active")))
        .isEqualTo(new Health(true, "serving", List.of()));
  }

  @Test
  void sickEngineNamesEveryReason() {
    assertThat(Health.of(false, status("reconnecting: server closed the connection", "failed")))
        .isEqualTo(
            new Health(
                false,
                "serving",
                List.of(
                    "change stream: reconnecting: server closed the connection",
                    "stream table public.t: source dropped")));
  }

  @Test
  void sickEngineIsNeverWithoutReason() {
    assertThat(Health.of(false, status("streaming", "active")).reasons())
        .containsExactly("the engine is not healthy");
  }

  private static EngineStatus status(String source, String state) {
    StreamTableStatus streamTable =
        new StreamTableStatus(
            "public.t",
            "SELECT 1",
            state,
            "source dropped",
            "full",
            "auto",
            "1s",
            "1:1:",
            "0/1",
            0,
            0,
            0,
            0,
            0,
            java.util.Map.of(),
            Place.alone("public.t", List.of()),
            List.of());
    return new EngineStatus(
        true,
        "0.1.0",
        Optional.empty(),
        source,
        "freshet",
        "freshet",
        "wal",
        "",
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        0,
        0,
        EngineStatus.StagedChanges.NONE,
        Service.serving(Instant.EPOCH),
        List.of(streamTable));
  }
}
