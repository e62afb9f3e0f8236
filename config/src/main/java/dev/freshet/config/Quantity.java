package dev.freshet.config;

import java.time.Duration;
import java.util.regex.Pattern;

/** Values that are measured or counted, and so have a range. */
sealed interface Quantity<T> extends ValueType<T> {
  private static InvalidValueException outside(String range) {
    return new InvalidValueException("is out of range", "the range is " + range);
  }

  /** Whole numbers, both ends included. */
  record Whole(int min, int max, String unit) implements Quantity<Integer> {
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
  record Count(long min, long max, String unit) implements Quantity<Long> {
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
  record Ratio() implements Quantity<Double> {
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

  /** Durations with both ends included; {@code zero} in words where 0 is allowed beside them. */
  record Lasting(Duration min, Duration max, String zero) implements Quantity<Duration> {
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
  record Memory(DataSize min, DataSize max) implements Quantity<DataSize> {
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
}
