package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The four kinds of schedule, and when a cron expression comes true. */
final class ScheduleTest {
  @ParameterizedTest
  @CsvSource({"500ms,500", "1s,1000", "1m30s,90000", "2h,7200000", "1d12h,129600000"})
  void readsIntervals(String text, long millis) {
    assertThat(Schedule.parse(text)).isEqualTo(new Schedule.Interval(Duration.ofMillis(millis)));
    assertThat(Schedule.parse(text)).hasToString(text);
  }

  @Test
  void readsTheWordsAndCron() {
    assertThat(Schedule.parse("continuous")).isEqualTo(new Schedule.Continuous());
    assertThat(Schedule.parse("calculated")).isEqualTo(new Schedule.Calculated());
    assertThat(Schedule.parse("manual")).isEqualTo(new Schedule.Manual());
    assertThat(Schedule.parse("*/5 * * * *")).isEqualTo(new Schedule.Cron("*/5 * * * *"));
    assertThat(Schedule.parse("cron:  0 3  * * MON-FRI"))
        .isEqualTo(new Schedule.Cron("0 3 * * MON-FRI"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1s", "1m30s", "cron: 0 3 * * *", "continuous", "calculated", "manual"})
  void printsWhatItReads(String text) {
    assertThat(Schedule.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0 3 * * *, 2026-03-01T03:00Z, 2026-03-02T03:00Z",
    "*/15 * * * *, 2026-03-01T10:07:30Z, 2026-03-01T10:15Z",
    "0 0 13 * FRI, 2026-02-13T00:00Z, 2026-02-20T00:00Z", // either day, as in cron(8)
    "0 0 29 2 *, 2026-01-01T00:00Z, 2028-02-29T00:00Z",
    "0 0 * * 7, 2026-03-02T00:00Z, 2026-03-08T00:00Z", // Sunday is 0 and 7
  })
  void cronComesTrueAfterATime(String expression, String after, String next) {
    assertThat(new Schedule.Cron(expression).nextAfter(ZonedDateTime.parse(after)))
        .contains(ZonedDateTime.parse(next));
  }

  @Test
  void cronFollowsTheClockOfItsZone() {
    ZonedDateTime beforeSummerTime = ZonedDateTime.parse("2026-03-28T12:00+01:00[Europe/Berlin]");

    assertThat(new Schedule.Cron("30 12 * * *").nextAfter(beforeSummerTime.plusHours(1)))
        .contains(ZonedDateTime.parse("2026-03-29T12:30+02:00[Europe/Berlin]"));
  }

  @Test
  void cronThatNeverComesTrueHasNoNext() {
    assertThat(new Schedule.Cron("0 0 30 2 *").nextAfter(ZonedDateTime.parse("2026-01-01T00:00Z")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"61 * * * *", "* * * *", "* * * * * *", "cron:", "every day"})
  void wrongCronIsRefusedWithItsFields(String text) {
    assertThatThrownBy(() -> Schedule.parse(text))
        .asInstanceOf(type(InvalidValueException.class))
        .satisfies(
            e -> {
              assertThat(e.getMessage()).startsWith("is not a cron expression: ");
              assertThat(e.suggestion())
                  .hasValueSatisfying(hint -> assertThat(hint).contains("day-of-week"));
            });
  }

  @ParameterizedTest
  @CsvSource({
    "30, has no unit",
    "1s30m, has its units out of order",
    "1.5s, is not a duration",
    "366d, is outside 1ms to 365d",
    "99999999999999999999d, is more than a duration can hold",
    "daily, is not a schedule",
    "'', is not a schedule",
  })
  void wrongIntervalIsRefused(String text, String message) {
    assertThatThrownBy(() -> Schedule.parse(text))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage(message);
  }
}
