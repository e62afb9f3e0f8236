package dev.freshet.config;

import java.util.List;
import java.util.Optional;

/** Says what is meant by a key that does not exist. */
final class UnknownKey {
  private UnknownKey() {}

  static ConfigProblem inStreamTable(Place place, String key, String value) {
    List<String> names = Settings.OF_STREAM_TABLES.stream().map(Setting::name).toList();
    Optional<String> nearest =
        key.startsWith("refresh.")
            ? Optional.of(key.substring("refresh.".length())).filter(names::contains)
            : Nearest.to(key, names);
    return new ConfigProblem(
        place,
        key,
        value,
        "is no setting of a stream table",
        nearest
            .map(name -> "did you mean " + name + "?")
            .orElse("the settings are " + String.join(", ", names)));
  }
}
