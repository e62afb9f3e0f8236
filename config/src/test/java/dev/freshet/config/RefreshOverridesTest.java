package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The flat map in which a stream table's settings are stored and altered. */
final class RefreshOverridesTest {
  private static final Map<String, String> ALL =
      Map.ofEntries(
          Map.entry("schedule", "cron: 0 3 * * *"),
          Map.entry("mode", "incremental"),
          Map.entry("max-change-ratio", "0.5"),
          Map.entry("cost", "off"),
          Map.entry("full", "rebuild"),
          Map.entry("fillfactor", "70"),
          Map.entry("debounce", "20ms"),
          Map.entry("lock-timeout", "2s"),
          Map.entry("statement-timeout", "1h"),
          Map.entry("copy-threshold", "500"),
          Map.entry("commit", "server"));

  @Test
  void readsBackAsItPrints() {
    RefreshOverrides overrides = RefreshOverrides.parse(ALL);

    assertThat(overrides.toMap()).isEqualTo(ALL);
    assertThat(RefreshOverrides.parse(overrides.toMap())).isEqualTo(overrides);
  }

  @Test
  void settingsAreTheMapOfAllTheirKeys() {
    RefreshSettings settings = RefreshOverrides.parse(ALL).applyTo(RefreshSettings.defaults());

    assertThat(settings.toMap()).isEqualTo(ALL);
    assertThat(RefreshOverrides.of(settings).applyTo(RefreshSettings.defaults()))
        .isEqualTo(settings);
    assertThat(RefreshSettings.defaults().toMap()).hasSameSizeAs(Settings.OF_STREAM_TABLES);
  }

  @Test
  void onlyWhatIsSetReplacesTheGeneralSetting() {
    RefreshSettings general = RefreshOverrides.parse(ALL).applyTo(RefreshSettings.defaults());

    assertThat(RefreshOverrides.none().applyTo(general)).isEqualTo(general);
    assertThat(RefreshOverrides.parse(Map.of("fillfactor", "80")).applyTo(general).toMap())
        .containsEntry("fillfactor", "80")
        .containsEntry("cost", "off");
  }

  @Test
  void laterOverridesReplaceEarlierOnes() {
    RefreshOverrides both =
        RefreshOverrides.parse(Map.of("fillfactor", "80", "cost", "off"))
            .with(RefreshOverrides.parse(Map.of("fillfactor", "60")));

    assertThat(both.toMap()).isEqualTo(Map.of("fillfactor", "60", "cost", "off"));
    assertThat(both.without("cost").toMap()).isEqualTo(Map.of("fillfactor", "60"));
    assertThat(both.without("cost").without("fillfactor")).isEqualTo(RefreshOverrides.none());
  }

  @Test
  void everyProblemIsReportedWithItsOption() {
    Map<String, String> wrong =
        new TreeMap<>(
            Map.of("fillfactor", "5", "shedule", "1s", "refresh.cost", "off", "port", "1"));

    ConfigException problems =
        catchThrowableOfType(ConfigException.class, () -> RefreshOverrides.parse(wrong));

    assertThat(problems)
        .hasMessage(
            """
            4 problems in the configuration

            option --set fillfactor: refresh.fillfactor = 5
              is out of range
              → the range is 10 to 100 percent

            option --set port: port
              is not a key of a stream table
              → the keys are schedule, mode, max-change-ratio, cost, full, commit, fillfactor, debounce, \
            lock-timeout, statement-timeout, copy-threshold

            option --set refresh.cost: refresh.cost
              is not a key of a stream table
              → write cost, without the section

            option --set shedule: shedule
              is not a key of a stream table
              → did you mean schedule?\
            """);
  }

  @Test
  void problemsNameThePlaceThatTheCallerKnows() {
    ConfigException problems =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                RefreshOverrides.parse(
                    Map.of("mode", "x"), key -> new Place.Variable("STORED_" + key)));

    assertThat(problems.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.place()).isEqualTo(new Place.Variable("STORED_mode"));
              assertThat(problem.key()).isEqualTo("refresh.mode");
              assertThat(problem.value()).isEqualTo("x");
              assertThat(problem.message()).isEqualTo("is not one of auto, incremental, full");
            });
  }
}
