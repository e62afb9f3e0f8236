package dev.freshet.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What values a setting has: read from text, printed as text, checked against their range.
 *
 * <p>Law: {@code parse(print(v)).equals(v)} for every {@code v} that {@link #check} accepts.
 */
sealed interface ValueType<T>
    permits Quantity,
        ValueType.Text,
        ValueType.SecretText,
        ValueType.FileName,
        ValueType.Url,
        ValueType.Flag,
        ValueType.OneOf,
        ValueType.When {
  /**
   * Reads and checks.
   *
   * @throws InvalidValueException where {@code text} is no value, or one out of range
   */
  default T parse(String text) {
    T value = read(text);
    check(value);
    return value;
  }

  T read(String text);

  /**
   * Checks the range.
   *
   * @throws InvalidValueException where {@code value} is outside
   */
  void check(T value);

  String print(T value);

  /** Type, unit and range in words: "duration, 1s to 1h". */
  String describe();

  /** How a text is shown to people. */
  default String display(String text) {
    return text.isEmpty() || !text.equals(text.strip()) || text.indexOf('\n') >= 0
        ? '"' + text.replace("\n", "\\n") + '"'
        : text;
  }

  /** Any text of {@code pattern}, for example an identifier. */
  record Text(String what, Pattern pattern, int maxBytes, String rule)
      implements ValueType<String> {
    @Override
    public String read(String text) {
      return text;
    }

    @Override
    public void check(String value) {
      int bytes = value.getBytes(StandardCharsets.UTF_8).length;
      if (bytes == 0) {
        throw new InvalidValueException("is empty", "write " + rule);
      }
      if (bytes > maxBytes) {
        throw new InvalidValueException(
            "has " + bytes + " bytes; at most " + maxBytes + " are possible", "");
      }
      if (!pattern.matcher(value).matches()) {
        throw new InvalidValueException("is not " + what, "write " + rule);
      }
    }

    @Override
    public String print(String value) {
      return value;
    }

    @Override
    public String describe() {
      return rule + ", at most " + maxBytes + " bytes";
    }
  }

  /** A text that is masked wherever it is shown. */
  record SecretText() implements ValueType<Secret> {
    @Override
    public Secret read(String text) {
      return Secret.of(text);
    }

    @Override
    public void check(Secret value) {
      if (value.reveal().isEmpty()) {
        throw new InvalidValueException("is empty", "leave the key out to give no password");
      }
    }

    @Override
    public String print(Secret value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "secret text, never shown";
    }

    @Override
    public String display(String text) {
      return text.isEmpty() ? "\"\"" : Secret.MASK;
    }
  }

  /** A file's name; relative ones start from where they are written. */
  record FileName() implements ValueType<Path> {
    @Override
    public Path read(String text) {
      if (text.isBlank()) {
        throw new InvalidValueException("is empty", "write a file's name");
      }
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        throw new InvalidValueException("is not a file's name: " + e.getReason(), "");
      }
    }

    @Override
    public void check(Path value) {}

    @Override
    public String print(Path value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "file";
    }
  }

  /** {@code true} or {@code false}. */
  record Flag() implements ValueType<Boolean> {
    @Override
    public Boolean read(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        case "on", "yes", "1", "True", "TRUE" ->
            throw new InvalidValueException("is not true or false", "write true");
        case "off", "no", "0", "False", "FALSE" ->
            throw new InvalidValueException("is not true or false", "write false");
        default -> throw new InvalidValueException("is not true or false");
      };
    }

    @Override
    public void check(Boolean value) {}

    @Override
    public String print(Boolean value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "true or false";
    }
  }

  /** One of an enum's constants; {@code later} ones are known, and refused in this release. */
  record OneOf<E extends Enum<E> & Choice>(List<E> constants, Set<E> later)
      implements ValueType<E> {
    static <E extends Enum<E> & Choice> OneOf<E> of(Class<E> type) {
      return new OneOf<>(List.of(type.getEnumConstants()), Set.of());
    }

    @Override
    public E read(String text) {
      for (E constant : constants) {
        if (constant.text().equals(text)) {
          return constant;
        }
      }
      List<String> names = constants.stream().map(Choice::text).toList();
      throw new InvalidValueException(
          "is not one of " + String.join(", ", names),
          Nearest.to(text, names).map(name -> "did you mean " + name + "?").orElse(""));
    }

    @Override
    public void check(E value) {
      if (later.contains(value)) {
        throw new InvalidValueException(
            "is not available in this release; it comes with a later one",
            "write " + words(constants.stream().filter(c -> !later.contains(c))));
      }
    }

    @Override
    public String print(E value) {
      return value.text();
    }

    @Override
    public String describe() {
      String available = words(constants.stream().filter(c -> !later.contains(c)));
      return later.isEmpty()
          ? available
          : available + " (later: " + words(constants.stream().filter(later::contains)) + ")";
    }

    private static String words(Stream<? extends Choice> constants) {
      return constants.map(Choice::text).collect(Collectors.joining(", "));
    }
  }

  /** When to refresh. */
  record When() implements ValueType<Schedule> {
    @Override
    public Schedule read(String text) {
      return Schedule.parse(text);
    }

    @Override
    public void check(Schedule value) {}

    @Override
    public String print(Schedule value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "interval of 1ms to 365d, cron expression, continuous, calculated, or manual";
    }
  }

  /** A whole connection. */
  record Url() implements ValueType<ConnectionUrl> {
    @Override
    public ConnectionUrl read(String text) {
      return ConnectionUrl.parse(text);
    }

    @Override
    public void check(ConnectionUrl value) {}

    @Override
    public String print(ConnectionUrl value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "postgresql://user@host:port/database?sslmode=… or jdbc:postgresql://…";
    }

    @Override
    public String display(String text) {
      return ConnectionUrl.masked(text);
    }
  }
}
