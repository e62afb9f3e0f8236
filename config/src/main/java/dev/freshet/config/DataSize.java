package dev.freshet.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory in bytes, written as in {@code postgresql.conf}: {@code 256MB}, with the
 * units B, kB, MB, GB and TB as powers of 1024 and their case significant.
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
  private static final Pattern SHAPE = Pattern.compile("(\\d+)\\s*([A-Za-z]*)");

  private enum Unit {
    B(0),
    kB(10),
    MB(20),
    GB(30),
    TB(40);

    final int shift;

    Unit(int shift) {
      this.shift = shift;
    }
  }

  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size is not negative: " + bytes);
    }
  }

  public static DataSize ofMegabytes(long megabytes) {
    return new DataSize(Math.multiplyExact(megabytes, 1L << Unit.MB.shift));
  }

  /**
   * Reads {@code 256MB}.
   *
   * @throws InvalidValueException where the number or the unit is missing, unknown or too large
   */
  public static DataSize parse(String text) {
    Matcher shape = SHAPE.matcher(text);
    if (!shape.matches()) {
      throw new InvalidValueException("is not a size", "write a whole number and a unit: 256MB");
    }
    String number = shape.group(1);
    String unit = shape.group(2);
    if (unit.isEmpty()) {
      throw new InvalidValueException(
          "has no unit", "write " + number + "MB, or another of B, kB, MB, GB, TB");
    }
    try {
      return new DataSize(Math.multiplyExact(Long.parseLong(number), 1L << unit(unit).shift));
    } catch (NumberFormatException | ArithmeticException _) {
      throw new InvalidValueException("is more than a size can hold", "");
    }
  }

  private static Unit unit(String name) {
    String nearest = "";
    for (Unit unit : Unit.values()) {
      if (unit.name().equals(name)) {
        return unit;
      }
      if (unit.name().equalsIgnoreCase(name.replaceFirst("(?<=^.)i", ""))
          || unit.name().toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT))) {
        nearest = unit.name();
      }
    }
    throw new InvalidValueException(
        "has the unknown unit \"" + name + "\"",
        nearest.isEmpty()
            ? "the units are B, kB, MB, GB, TB (powers of 1024)"
            : "write " + nearest + " (powers of 1024; the units are B, kB, MB, GB, TB)");
  }

  @Override
  public int compareTo(DataSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** In the largest unit that gives a whole number: reads back as the same size. */
  @Override
  public String toString() {
    Unit[] units = Unit.values();
    for (int i = units.length - 1; i > 0; i--) {
      if (bytes != 0 && bytes % (1L << units[i].shift) == 0) {
        return (bytes >> units[i].shift) + units[i].name();
      }
    }
    return bytes + Unit.B.name();
  }
}
