package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumanTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 ms",
    "-1, 0 ms",
    "0.4212, 0.42 ms",
    "0.999, 1.0 ms",
    "1.94, 1.9 ms",
    "9.96, 10 ms",
    "999.4, 999 ms",
    "999.6, 1.0 s",
    "3240, 3.2 s",
    "59960, 1m 0s",
    "125000, 2m 5s",
    "11520000, 3h 12m",
    "352800000, 4d 2h"
  })
  void durationHasThreeDigitsAndAUnit(double milliseconds, String shown) {
    assertThat(Human.milliseconds(milliseconds)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 kB",
    "1536, 1.5 kB",
    "268435456, 256 MB",
    "1048575, 1 MB",
    "9223372036854775807, 8192 PB"
  })
  void bytesAreInPowersOf1024(long bytes, String shown) {
    assertThat(Human.bytes(bytes)).isEqualTo(shown);
  }

  @Test
  void countsAreGroupedAndAgreeWithTheirNoun() {
    assertThat(Human.count(1234567)).isEqualTo("1,234,567");
    assertThat(Human.count(1, "row")).isEqualTo("1 row");
    assertThat(Human.count(2000, "row")).isEqualTo("2,000 rows");
  }

  @Test
  void clockThatRunsAheadIsNow() {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(Human.ago(now.plusSeconds(5), now)).isEqualTo("now");
    assertThat(Human.ago(now.minusMillis(3200), now)).isEqualTo("3.2 s ago");
  }
}
