package dev.freshet.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Refresh settings of one stream table that differ from the general ones. Keys are those of the
 * section {@code refresh} without its name: {@code max-change-ratio}, {@code schedule}. The flat
 * map is how they are stored in Freshet's catalog and how {@code freshet alter --set} changes them.
 */
public final class RefreshOverrides {
  private static final RefreshOverrides NONE = new RefreshOverrides(Values.none());

  private final Values values;

  RefreshOverrides(Values values) {
    this.values = values;
  }

  public static RefreshOverrides none() {
    return NONE;
  }

  /** All of {@code settings}: nothing general remains in force. */
  public static RefreshOverrides of(RefreshSettings settings) {
    return new RefreshOverrides(settings.values());
  }

  /**
   * Reads overrides that were given with {@code --set}.
   *
   * @throws ConfigException with every key that is unknown and every value that is not valid
   */
  public static RefreshOverrides parse(Map<String, String> texts) {
    return parse(texts, key -> new Place.Option("--set " + key));
  }

  /**
   * Reads overrides from wherever {@code placeOfKey} says.
   *
   * @throws ConfigException with every key that is unknown and every value that is not valid
   */
  public static RefreshOverrides parse(
      Map<String, String> texts, Function<String, Place> placeOfKey) {
    List<ConfigProblem> problems = new ArrayList<>();
    Values values = Values.none();
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      Place place = placeOfKey.apply(entry.getKey());
      Optional<Setting<?>> setting = Settings.ofStreamTable(entry.getKey());
      if (setting.isEmpty()) {
        problems.add(UnknownKey.inStreamTable(place, "", entry.getKey(), List.of()));
      } else {
        values = setting.get().read(values, entry.getValue(), place, problems::add);
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
    return new RefreshOverrides(values);
  }

  /** {@code general} with what is set here in its place. */
  public RefreshSettings applyTo(RefreshSettings general) {
    return RefreshSettings.of(general.values().with(values));
  }

  /** These and, where both set a key, {@code later}. */
  public RefreshOverrides with(RefreshOverrides later) {
    return new RefreshOverrides(values.with(later.values));
  }

  /** These without {@code name}, for which the general setting is in force again. */
  public RefreshOverrides without(String name) {
    return Settings.ofStreamTable(name)
        .map(setting -> new RefreshOverrides(values.without(setting)))
        .orElse(this);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** What {@link #parse} reads back as these overrides, in the order of the reference. */
  public Map<String, String> toMap() {
    Map<String, String> map = new LinkedHashMap<>();
    for (Setting<?> setting : Settings.OF_STREAM_TABLES) {
      setting.print(values).ifPresent(text -> map.put(setting.name(), text));
    }
    return map;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RefreshOverrides overrides && values.equals(overrides.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return toMap().toString();
  }
}
