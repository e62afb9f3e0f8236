package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.Place;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusTextTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private static final RefreshReport INCREMENTAL =
      new RefreshReport(
          "public.revenue",
          Mode.INCREMENTAL,
          "delta 1,000 rows, ratio 0.01",
          1000,
          5,
          4,
          NOW.minusMillis(420),
          1.9,
          Optional.of(2.5),
          Map.of("apply", 0.3),
          Optional.of(3.2),
          Optional.empty());

  private static final RefreshReport FAILED =
      new RefreshReport(
          "public.revenue",
          Mode.FAILED,
          "",
          0,
          0,
          0,
          NOW.minusSeconds(75),
          1003,
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.of("55P03: canceling statement due to lock timeout"));

  private static final StreamTableStatus REVENUE =
      new StreamTableStatus(
          "public.revenue",
          "SELECT region, sum(amount)\nFROM orders GROUP BY region",
          "active",
          "",
          "algebraic",
          "auto",
          "1s",
          "812:815:813",
          "0/1CE9150",
          1536,
          420.4,
          2,
          1234,
          50_000,
          Map.of("TimeZone", "UTC"),
          Place.alone("public.revenue", List.of("1s")),
          List.of(INCREMENTAL, FAILED));

  private static final StreamTableStatus BROKEN =
      new StreamTableStatus(
          "public.broken",
          "SELECT 1",
          "failed",
          "source public.t was dropped",
          "full",
          "auto",
          "cron: 0 3 * * *",
          "1:1:",
          "0/1",
          0,
          0,
          0,
          0,
          0,
          Map.of(),
          Place.alone("public.t", List.of()),
          List.of());

  private static EngineStatus engine(boolean running) {
    return new EngineStatus(
        running,
        "0.1.0",
        Optional.of(NOW.minusSeconds(7200)),
        "streaming",
        "freshet",
        "freshet",
        "wal",
        "",
        Optional.of("0/2000000"),
        Optional.of("0/1000000"),
        2048,
        4096,
        1 << 20,
        256 << 20,
        EngineStatus.StagedChanges.NONE,
        dev.freshet.engine.control.Service.serving(NOW),
        List.of(REVENUE, BROKEN));
  }

  @Test
  void showsEngineAndOneLineForEachStreamTable() {
    assertThat(StatusText.of(engine(true), NOW, Styles.PLAIN))
        .isEqualTo(
            """
            engine   freshet 0.1.0, up 2h 0m
            source   streaming, received 0/2000000, 2 kB behind
            slot     freshet, confirmed 0/1000000; publication freshet
            buffer   1 MB of 256 MB

            STREAM TABLE    CLASS      STATE     ROWS  PENDING     LAG  BEHIND  LAST REFRESH    TOOK  WRITTEN  FRESHNESS  WHEN
            public.revenue  algebraic  active  50,000    1,234  1.5 kB  420 ms  incremental   1.9 ms        4     3.2 ms  420 ms ago
            public.broken   full       failed       0        0     0 B    0 ms

            public.broken: source public.t was dropped
            """);
  }

  @Test
  void leavesOutWhatOnlyARunningEngineKnows() {
    assertThat(StatusText.of(engine(false), NOW, Styles.PLAIN))
        .startsWith("No engine is running: freshet run starts one.\n")
        .doesNotContain("ROWS", "PENDING", "50,000");
  }

  @Test
  void detailsShowFrontierQueryAndLastRefreshesWithTheirReasons() {
    assertThat(StatusText.details(REVENUE, NOW, Styles.PLAIN))
        .isEqualTo(
            """
            public.revenue
              state     active
              class     algebraic; mode auto; schedule 1s
              rows      50,000
              frontier  0/1CE9150, snapshot 812:815:813
              pending   1,234 changes in 2 transactions; 1.5 kB, 420 ms behind
              query     SELECT region, sum(amount)
                        FROM orders GROUP BY region

            LAST REFRESH    TOOK  WRITTEN  FRESHNESS  WHEN        CHANGES  DELTA  EXPECTED  REASON
            incremental   1.9 ms        4     3.2 ms  420 ms ago    1,000      5    2.5 ms  delta 1,000 rows, ratio 0.01
            failed         1.0 s        0             1m 15s ago        0      0            55P03: canceling statement due to lock timeout
            """);
  }

  @Test
  void coloursStatesByMeaning() {
    String text = StatusText.of(engine(true), NOW, Styles.COLOURED);
    assertThat(text)
        .contains("\u001b[32mactive\u001b[0m")
        .contains("\u001b[1;31mfailed\u001b[0m")
        .contains("\u001b[32mincremental\u001b[0m");
  }
}
