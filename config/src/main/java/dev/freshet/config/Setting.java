package dev.freshet.config;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The declaration of one key: everything that the loader, the checks and the reference need to know
 * about it.
 *
 * @param <T> of its values
 */
final class Setting<T> {
  /** What holds where nobody sets the key. */
  sealed interface Preset<T> {
    record Fixed<T>(T value) implements Preset<T> {}

    /** Found when the configuration is loaded, as {@code words} tell. */
    record Derived<T>(String words, String example) implements Preset<T> {}

    /** Nothing: the feature is not used. */
    record Absent<T>(String example) implements Preset<T> {}
  }

  private final String key;
  private final ValueType<T> type;
  private final Preset<T> preset;
  private final String description;
  private final Optional<String> libpqVariable;

  private Setting(
      String key,
      ValueType<T> type,
      Preset<T> preset,
      String description,
      Optional<String> libpqVariable) {
    this.key = key;
    this.type = type;
    this.preset = preset;
    this.description = description;
    this.libpqVariable = libpqVariable;
  }

  static <T> Setting<T> of(String key, ValueType<T> type, T fixed, String description) {
    type.check(fixed);
    return new Setting<>(key, type, new Preset.Fixed<>(fixed), description, Optional.empty());
  }

  static <T> Setting<T> derived(
      String key, ValueType<T> type, String words, String example, String description) {
    type.parse(example);
    return new Setting<>(
        key, type, new Preset.Derived<>(words, example), description, Optional.empty());
  }

  static <T> Setting<T> optional(
      String key, ValueType<T> type, String example, String description) {
    type.parse(example);
    return new Setting<>(key, type, new Preset.Absent<>(example), description, Optional.empty());
  }

  /** The same, taking libpq's {@code variable} where nothing of ours is set. */
  Setting<T> orLibpq(String variable) {
    return new Setting<>(key, type, preset, description, Optional.of(variable));
  }

  String key() {
    return key;
  }

  /** The last part of the key. */
  String name() {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  ValueType<T> type() {
    return type;
  }

  Preset<T> preset() {
    return preset;
  }

  String description() {
    return description;
  }

  Optional<String> libpqVariable() {
    return libpqVariable;
  }

  /** {@code FRESHET_CDC_SLOT_NAME} for {@code cdc.slot-name}. */
  String environmentVariable() {
    return "FRESHET_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The default, for a setting that is declared with a fixed one. */
  T fixedDefault() {
    return switch (preset) {
      case Preset.Fixed<T>(T value) -> value;
      case Preset.Derived<T> _, Preset.Absent<T> _ ->
          throw new IllegalStateException(key + " has no fixed default");
    };
  }

  /** Adds what {@code text} says to {@code values}, or reports why it says nothing valid. */
  Values read(Values values, String text, Place place, Consumer<ConfigProblem> problems) {
    try {
      return values.with(this, type.parse(text));
    } catch (InvalidValueException e) {
      problems.accept(problem(place, text, e));
      return values;
    }
  }

  ConfigProblem problem(Place place, String text, InvalidValueException e) {
    return new ConfigProblem(
        place, key, type.display(text), String.valueOf(e.getMessage()), e.suggestion().orElse(""));
  }

  Optional<String> print(Values values) {
    return values.find(this).map(type::print);
  }

  /** Throws unless {@code value} is one that this setting can have. */
  void require(T value) {
    try {
      type.check(value);
    } catch (InvalidValueException e) {
      throw new IllegalArgumentException(
          key + " = " + type.display(type.print(value)) + " " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return key;
  }
}
