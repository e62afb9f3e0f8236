package dev.freshet.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Quantities in the units that people read: three digits or so, and the unit. */
public final class Human {
  private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

  private Human() {}

  /**
   * {@code 0.42 ms}, {@code 35 ms}, {@code 3.2 s}, {@code 2m 5s}, {@code 3h 12m}, {@code 4d 2h}.
   */
  public static String milliseconds(double milliseconds) {
    if (milliseconds <= 0) {
      return "0 ms";
    }
    if (milliseconds < 0.995) {
      return format("%.2f ms", milliseconds);
    }
    if (milliseconds < 9.95) {
      return format("%.1f ms", milliseconds);
    }
    if (milliseconds < 999.5) {
      return format("%.0f ms", milliseconds);
    }
    if (milliseconds < 59_950) {
      return format("%.1f s", milliseconds / 1000);
    }
    long seconds = Math.round(milliseconds / 1000);
    if (seconds < 3600) {
      return seconds / 60 + "m " + seconds % 60 + "s";
    }
    long minutes = seconds / 60;
    if (minutes < 24 * 60) {
      return minutes / 60 + "h " + minutes % 60 + "m";
    }
    return minutes / (24 * 60) + "d " + minutes / 60 % 24 + "h";
  }

  /** {@code 512 B}, {@code 1.5 kB}, {@code 256 MB}: powers of 1024, as PostgreSQL names them. */
  public static String bytes(long bytes) {
    double value = bytes;
    int unit = 0;
    while (Math.abs(value) >= 1023.5 && unit < BYTE_UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    String number =
        unit == 0 || Math.abs(value) >= 99.95 ? format("%.0f", value) : format("%.1f", value);
    return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number)
        + " "
        + BYTE_UNITS[unit];
  }

  /** {@code 1,234,567}. */
  public static String count(long number) {
    return format("%,d", number);
  }

  /** {@code 1 row}, {@code 2,000 rows}. */
  public static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** {@code 3.2 s ago}; {@code now} for the last tenth of a second and the future. */
  public static String ago(Instant then, Instant now) {
    long milliseconds = Duration.between(then, now).toMillis();
    return milliseconds < 100 ? "now" : milliseconds(milliseconds) + " ago";
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
