package dev.freshet.bench.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as people read them: three significant digits, thousands separated, units beside. */
public final class Figures {
  private Figures() {}

  /** Milliseconds: {@code 0.042}, {@code 1.93}, {@code 40.1}, {@code 1,043}. */
  public static String millis(double milliseconds) {
    return significant(milliseconds);
  }

  /** A ratio with its sign: {@code 19.2×}; a dash for what is not a number. */
  public static String times(double ratio) {
    return Double.isFinite(ratio) ? significant(ratio) + "×" : significant(ratio);
  }

  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A share of one: {@code 0.01} is {@code 1 %}, {@code 0.001} is {@code 0.1 %}. */
  public static String percent(double share) {
    return BigDecimal.valueOf(share)
            .scaleByPowerOfTen(2)
            .round(new MathContext(3))
            .stripTrailingZeros()
            .toPlainString()
        + " %";
  }

  /** Rows in short: {@code 10K}, {@code 1M}. */
  public static String rows(long rows) {
    if (rows >= 1_000_000 && rows % 1_000_000 == 0) {
      return rows / 1_000_000 + "M";
    }
    return rows >= 1_000 && rows % 1_000 == 0 ? rows / 1_000 + "K" : count(rows);
  }

  /** Three significant digits, never in scientific notation; a dash for what is not a number. */
  public static String significant(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    double magnitude = Math.abs(value);
    if (magnitude >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    if (magnitude >= 10) {
      return String.format(Locale.ROOT, "%.1f", value);
    }
    if (magnitude >= 1 || magnitude == 0) {
      return String.format(Locale.ROOT, "%.2f", value);
    }
    return String.format(Locale.ROOT, "%.3f", value);
  }

  /** To three decimals, for programs. */
  public static double rounded(double value) {
    return Double.isFinite(value) ? Math.rint(value * 1_000) / 1_000 : value;
  }
}
