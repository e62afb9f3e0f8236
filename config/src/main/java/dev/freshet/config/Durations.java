package dev.freshet.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as they are written in the configuration: {@code 500ms}, {@code 1s}, {@code 1m30s},
 * {@code 2h}, {@code 1d}, and {@code 0}, which needs no unit.
 */
public final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d+)([A-Za-zµ]*)\\s*");

  private enum Unit {
    d(86_400_000),
    h(3_600_000),
    m(60_000),
    s(1_000),
    ms(1);

    final long millis;

    Unit(long millis) {
      this.millis = millis;
    }
  }

  private Durations() {}

  /**
   * Reads {@code 1m30s}: parts from the largest unit to the smallest.
   *
   * @throws InvalidValueException where a unit is missing, unknown or out of order
   */
  public static Duration parse(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher part = PART.matcher(text);
    List<Unit> seen = new ArrayList<>();
    long millis = 0;
    int end = 0;
    while (end < text.length()) {
      boolean found = part.find(end) && part.start() == end;
      if (!found || (part.group(2).isEmpty() && part.end() < text.length())) {
        throw new InvalidValueException(
            "is not a duration", "write whole numbers with units: 500ms, 1s, 1m30s, 2h, 1d");
      }
      Unit unit = unit(part.group(1), part.group(2));
      if (!seen.isEmpty() && unit.compareTo(seen.getLast()) <= 0) {
        throw new InvalidValueException(
            "has its units out of order", "write each unit once, the largest first: 1m30s");
      }
      seen.add(unit);
      try {
        millis =
            Math.addExact(millis, Math.multiplyExact(Long.parseLong(part.group(1)), unit.millis));
      } catch (NumberFormatException | ArithmeticException _) {
        throw new InvalidValueException("is more than a duration can hold", "");
      }
      end = part.end();
    }
    if (seen.isEmpty()) {
      throw new InvalidValueException("is empty", "write a duration: 500ms, 1s, 1m30s, 2h, 1d");
    }
    return Duration.ofMillis(millis);
  }

  private static Unit unit(String number, String name) {
    for (Unit unit : Unit.values()) {
      if (unit.name().equals(name)) {
        return unit;
      }
    }
    if (name.isEmpty()) {
      throw new InvalidValueException(
          "has no unit", "write " + number + "ms or " + number + "s; the units are ms, s, m, h, d");
    }
    throw new InvalidValueException(
        "has the unknown unit \"" + name + "\"",
        switch (name) {
          case "min", "mins", "minute", "minutes", "M" -> "write " + number + "m";
          case "sec", "secs", "second", "seconds", "S" -> "write " + number + "s";
          case "hour", "hours", "hr", "H" -> "write " + number + "h";
          case "day", "days", "D" -> "write " + number + "d";
          case "MS", "Ms", "msec", "millis" -> "write " + number + "ms";
          default -> "the units are ms, s, m, h, d";
        });
  }

  /**
   * The shortest text that {@link #parse} reads as {@code duration}, which has no fraction of a
   * millisecond.
   */
  public static String print(Duration duration) {
    long millis = duration.toMillis();
    if (millis == 0) {
      return "0";
    }
    StringBuilder text = new StringBuilder();
    for (Unit unit : Unit.values()) {
      if (millis >= unit.millis) {
        text.append(millis / unit.millis).append(unit.name());
        millis %= unit.millis;
      }
    }
    return text.toString();
  }
}
