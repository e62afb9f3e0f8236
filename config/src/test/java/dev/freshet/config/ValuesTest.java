package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, durations, table names and edit distances: reading, printing and their limits. */
final class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "0B,0",
    "1023B,1023",
    "1kB,1024",
    "256MB,268435456",
    "1GB,1073741824",
    "8191PB,-1",
    "8388607TB,9223370937343148032",
  })
  void sizesAreReadInPowersOf1024(String text, long bytes) {
    if (bytes < 0) {
      assertThatThrownBy(() -> DataSize.parse(text)).isInstanceOf(InvalidValueException.class);
    } else {
      assertThat(DataSize.parse(text)).isEqualTo(new DataSize(bytes)).hasToString(text);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MB, is not a size",
    "-1MB, is not a size",
    "1.5GB, is not a size",
    "8388608TB, is more than a size can hold",
  })
  void wrongSizesAreRefused(String text, String message) {
    assertThatThrownBy(() -> DataSize.parse(text)).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 999, 1000, 61_000, 3_600_001, 90_061_001})
  void durationsReadBackAsTheyPrint(long millis) {
    Duration duration = Duration.ofMillis(millis);

    assertThat(Durations.parse(Durations.print(duration))).isEqualTo(duration);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "public.t,public.t",
        "Public.T1,public.t1",
        "\"Public\".\"a.b\",\"Public\".\"a.b\"",
        "s.\"say \"\"hi\"\"\",s.\"say \"\"hi\"\"\"",
        "s.übung,s.\"übung\"",
      })
  void tableNamesFoldAndQuoteAsInPostgres(String text, String printed) {
    TableName name = TableName.parse(text);

    assertThat(name).hasToString(printed);
    assertThat(TableName.parse(name.toString())).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "t, has no schema",
    "a.b.c, has 3 parts",
    "a., is not a table name",
    ".a, is not a table name",
    "a b.c, is not a table name",
    "1a.b, is not a table name",
    "'', is not a table name",
  })
  void wrongTableNamesAreRefused(String text, String message) {
    assertThatThrownBy(() -> TableName.parse(text)).hasMessage(message);
  }

  @Test
  void identifiersHaveAtMost63Bytes() {
    assertThat(new TableName("s", "é".repeat(31)).table()).hasSize(31);
    assertThatThrownBy(() -> TableName.parse("s." + "é".repeat(32)))
        .hasMessage("has an identifier of 64 bytes; PostgreSQL's limit is 63");
  }

  @ParameterizedTest
  @CsvSource({"'','',0", "a,'',1", "abc,abc,0", "abc,axc,1", "abc,acb,1", "kitten,sitting,3"})
  void distanceCountsEdits(String a, String b, int edits) {
    assertThat(Nearest.distance(a, b)).isEqualTo(edits);
    assertThat(Nearest.distance(b, a)).isEqualTo(edits);
  }

  @Test
  void nothingIsNearAnUnrelatedWord() {
    assertThat(Nearest.to("telemetry", List.of("schedule", "mode"))).isEmpty();
  }

  static List<Setting<?>> settings() {
    return Settings.ALL;
  }

  /** {@code parse(print(v)).equals(v)}, for the default of every setting. */
  @ParameterizedTest
  @MethodSource("settings")
  void defaultsReadBackAsTheyPrint(Setting<?> setting) {
    assertReadsBack(setting);
  }

  private static <T> void assertReadsBack(Setting<T> setting) {
    if (setting.preset() instanceof Setting.Preset.Fixed<T>(T value)) {
      assertThat(setting.type().parse(setting.type().print(value))).isEqualTo(value);
    } else {
      assertThatThrownBy(setting::fixedDefault).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void recordsRefuseWhatTheLoaderWouldRefuse() {
    assertThatThrownBy(() -> new AdminConfig("127.0.0.1", -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("engine.admin.port = -1 is out of range");
    assertThatThrownBy(
            () ->
                new BufferConfig(BufferMode.AUTO, DataSize.ofMegabytes(1), DataSize.ofMegabytes(2)))
        .hasMessage("one transaction's 2MB exceed the 1MB of all");
  }
}
