package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The generated reference says what the registry says, and is itself a valid configuration. */
final class ConfigReferenceTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ""));
  private static final Path YAML = MODULE.resolve("freshet.yaml");
  private static final Path PAGE = MODULE.resolve("../docs/reference/configuration.md").normalize();
  private static final boolean UPDATE = Boolean.getBoolean("freshet.update-reference");

  /** A key that is shown but not set; prose has a space and a word after its sign. */
  private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^( *)#(?! \\S)(?=.)");

  @TempDir Path folder;

  @BeforeAll
  static void updateOnDemand() throws IOException {
    if (UPDATE) {
      Files.writeString(YAML, ConfigReference.yaml());
      Files.writeString(PAGE, ConfigReference.markdown());
    }
  }

  @Test
  void referenceFileIsUpToDate() {
    assertUpToDate(YAML, ConfigReference.yaml());
  }

  @Test
  void referencePageIsUpToDate() {
    assertUpToDate(PAGE, ConfigReference.markdown());
  }

  private static void assertUpToDate(Path file, String expected) {
    assertThat(file)
        .as("generated; rewrite with -Dfreshet.update-reference=true")
        .content()
        .isEqualTo(expected);
  }

  @Test
  void referenceFileLoadsAsTheDefaults() {
    assertThat(load(YAML).config()).isEqualTo(FreshetConfig.defaults());
  }

  @Test
  void everyDefaultInTheReferenceFileIsTheDefault() throws IOException {
    // Without the examples, which set what has no fixed default.
    Path file = folder.resolve("freshet.yaml");
    String yaml = uncommented();
    for (Setting<?> setting : Settings.ALL) {
      if (!(setting.preset() instanceof Setting.Preset.Fixed<?>)) {
        yaml = yaml.replaceFirst("(?m)^ +" + setting.name() + ": .*$", "");
      }
    }
    Files.writeString(file, yaml.substring(0, yaml.indexOf("stream-tables:\n")));

    assertThat(load(file).config()).isEqualTo(FreshetConfig.defaults());
  }

  @Test
  void everyExampleInTheReferenceFileIsValid() throws IOException {
    Path file = folder.resolve("freshet.yaml");
    Path passwordFile = Files.writeString(folder.resolve("password"), "from a file\n");
    for (String name : List.of("root.crt", "freshet.crt", "freshet.pk8")) {
      Files.createFile(folder.resolve(name));
    }
    Files.writeString(folder.resolve("open_orders.sql"), "SELECT 1");
    String yaml =
        uncommented()
            .replaceFirst("(?m)^  url: .*$", "") // instead of the single keys
            .replaceFirst("(?m)^  service: .*$", "") // needs a file of libpq's
            .replaceFirst("(?m)^  password: .*$", "") // instead of the file
            .replaceFirst("(?m)^  password-file: .*$", "  password-file: " + passwordFile);
    Files.writeString(file, yaml);

    FreshetConfig config = load(file).config();

    assertThat(config.database().name()).isEqualTo("shop");
    assertThat(config.database().password()).contains(Secret.of("from a file"));
    assertThat(config.streamTables())
        .extracting(table -> config.settingsOf(table).schedule().toString())
        .containsExactly("1s", "continuous", "cron: 0 3 * * *");
  }

  private static String uncommented() {
    return COMMENTED_OUT.matcher(ConfigReference.yaml()).replaceAll("$1");
  }

  static List<Setting<?>> settings() {
    return Settings.ALL;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void showsEveryKeyInFileAndPage(Setting<?> setting) {
    assertThat(ConfigReference.yaml()).contains("#" + setting.name() + ": ");
    assertThat(ConfigReference.markdown())
        .contains("`" + setting.key() + "`", "`" + setting.environmentVariable() + "`");
    assertThat(setting.description()).endsWith(".");
  }

  @Test
  void registersEveryConstantOnce() throws IllegalAccessException {
    Set<Object> constants = new HashSet<>();
    for (var field : Settings.class.getDeclaredFields()) {
      if (field.getType() == Setting.class) {
        constants.add(field.get(null));
      }
    }
    assertThat(Settings.ALL).doesNotHaveDuplicates();
    assertThat(new HashSet<Object>(Settings.ALL)).isEqualTo(constants);
  }

  @Test
  void givesEveryKeyItsOwnEnvironmentVariable() {
    assertThat(Settings.ALL).extracting(Setting::environmentVariable).doesNotHaveDuplicates();
    assertThat(Settings.CDC_SLOT_NAME.environmentVariable()).isEqualTo("FRESHET_CDC_SLOT_NAME");
  }

  private LoadedConfig load(Path file) {
    ConfigLoader.Folders folders = new ConfigLoader.Folders(folder, folder, folder);
    return ConfigLoader.load(folders, Optional.of(file), Map.of(), List.of());
  }
}
