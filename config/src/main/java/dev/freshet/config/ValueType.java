package dev.freshet.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What values a setting has: read from text, printed as text, checked against their range.
 *
 * <p>Law: {@code parse(print(v)).equals(v)} for every {@code v} that {@link #check} accepts.
 */
sealed interface ValueType<T> {
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
   * @throws InvalidValueException where {@code value} is out of range
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

  private static InvalidValueException outside(String range) {
    return new InvalidValueException("is out of range", "the range is " + range);
  }

  /** Any text of {@code pattern}, for example an identifier. */
  record Text(String what, Pattern pattern, int maxBytes, String rule) implements ValueType<String> {
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
      return what + ", at most " + maxBytes + " bytes: " + rule;
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

  /** Whole numbers, both ends included. */
  record Whole(int min, int max, String unit) implements ValueType<Integer> {
    @Override
    public Integer read(String text) {
      return Math.toIntExact(new Count(min, max, unit).parse(text));
    }

    @Override
    public void check(Integer value) {
      new Count(min, max, unit).check(value.longValue());
    }

    @Override
    public String print(Integer value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return new Count(min, max, unit).describe();
    }
  }

  /** Whole numbers that may be large, both ends included. */
  record Count(long min, long max, String unit) implements ValueType<Long> {
    private static final Pattern DIGITS = Pattern.compile("[+-]?\\d+");

    @Override
    public Long read(String text) {
      if (!DIGITS.matcher(text).matches()) {
        throw new InvalidValueException("is not a whole number", "the range is " + range());
      }
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException _) {
        throw outside(range());
      }
    }

    @Override
    public void check(Long value) {
      if (value < min || value > max) {
        throw outside(range());
      }
    }

    @Override
    public String print(Long value) {
      return value.toString();
    }

    private String range() {
      return min + " to " + max + (unit.isEmpty() ? "" : " " + unit);
    }

    @Override
    public String describe() {
      return "whole number, " + range();
    }
  }

  /** Numbers above 0, up to and including 1. */
  record Ratio() implements ValueType<Double> {
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)");

    @Override
    public Double read(String text) {
      if (text.endsWith("%") && DECIMAL.matcher(text.substring(0, text.length() - 1)).matches()) {
        double fraction = Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
        throw new InvalidValueException("is a percentage", "write the fraction: " + fraction);
      }
      if (!DECIMAL.matcher(text).matches()) {
        throw new InvalidValueException("is not a number", "write a fraction such as 0.15");
      }
      return Double.valueOf(text);
    }

    @Override
    public void check(Double value) {
      if (!(value > 0 && value <= 1)) {
        throw outside("above 0, up to and including 1");
      }
    }

    @Override
    public String print(Double value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "fraction, above 0, up to and including 1";
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

  /** One of an enum's constants. */
  record OneOf<E extends Enum<E> & Choice>(List<E> constants) implements ValueType<E> {
    static <E extends Enum<E> & Choice> OneOf<E> of(Class<E> type) {
      return new OneOf<>(Arrays.asList(type.getEnumConstants()));
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
          "is not one of " + describe(),
          Nearest.to(text, names).map(name -> "did you mean " + name + "?").orElse(""));
    }

    @Override
    public void check(E value) {}

    @Override
    public String print(E value) {
      return value.text();
    }

    @Override
    public String describe() {
      return constants.stream().map(Choice::text).collect(Collectors.joining(", "));
    }
  }

  /** Durations with both ends included; {@code zero} in words where 0 is allowed beside them. */
  record Lasting(Duration min, Duration max, String zero) implements ValueType<Duration> {
    @Override
    public Duration read(String text) {
      return Durations.parse(text);
    }

    @Override
    public void check(Duration value) {
      boolean allowedZero = value.isZero() && !zero.isEmpty();
      if (!allowedZero && (value.compareTo(min) < 0 || value.compareTo(max) > 0)) {
        throw outside(range());
      }
      if (value.toNanosPart() % 1_000_000 != 0) {
        throw new InvalidValueException("has a fraction of a millisecond");
      }
    }

    @Override
    public String print(Duration value) {
      return Durations.print(value);
    }

    private String range() {
      return Durations.print(min)
          + " to "
          + Durations.print(max)
          + (zero.isEmpty() ? "" : ", or 0: " + zero);
    }

    @Override
    public String describe() {
      return "duration, " + range();
    }
  }

  /** Amounts of memory, both ends included. */
  record Memory(DataSize min, DataSize max) implements ValueType<DataSize> {
    @Override
    public DataSize read(String text) {
      return DataSize.parse(text);
    }

    @Override
    public void check(DataSize value) {
      if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
        throw outside(min + " to " + max);
      }
    }

    @Override
    public String print(DataSize value) {
      return value.toString();
    }

    @Override
    public String describe() {
      return "size, " + min + " to " + max;
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
      return "interval of 1ms to 365d, cron expression, continuous, or manual";
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
