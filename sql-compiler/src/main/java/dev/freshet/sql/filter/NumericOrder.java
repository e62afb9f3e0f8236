package dev.freshet.sql.filter;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The order of numeric values in send format (numeric.c, {@code numeric_send} and {@code
 * cmp_numerics}): −∞, the finite values, ∞, NaN, which equals itself.
 *
 * <pre>
 * numeric := digits(2) weight(2) sign(2) scale(2) digit(2)*     value = ± Σ digitᵢ · 10000^(weight − i)
 * </pre>
 */
final class NumericOrder {
  private static final int HEADER_BYTES = 8;
  private static final int NEGATIVE = 0x4000;
  private static final int NAN = 0xC000;
  private static final int INFINITE = 0xD000;
  private static final int MINUS_INFINITE = 0xF000;
  private static final BigInteger BASE = BigInteger.valueOf(10_000);

  private NumericOrder() {}

  static int compare(byte[] left, int l, byte[] right, int r) {
    int leftRank = rank(left, l);
    int rightRank = rank(right, r);
    if (leftRank != rightRank || leftRank != 0) {
      return Integer.compare(leftRank, rightRank);
    }
    int leftSign = signum(left, l);
    int rightSign = signum(right, r);
    return leftSign != rightSign
        ? Integer.compare(leftSign, rightSign)
        : leftSign * compareDigits(left, l, right, r);
  }

  /** A whole number beside a numeric. */
  static int compare(long left, byte[] right, int r) {
    int rank = rank(right, r);
    return rank != 0 ? -rank : BigDecimal.valueOf(left).compareTo(value(right, r));
  }

  private static int rank(byte[] bytes, int at) {
    return switch (Bytes.unsigned2(bytes, at + 4)) {
      case NAN -> 2;
      case INFINITE -> 1;
      case MINUS_INFINITE -> -1;
      default -> 0;
    };
  }

  private static int digits(byte[] bytes, int at) {
    return Bytes.unsigned2(bytes, at);
  }

  private static int weight(byte[] bytes, int at) {
    return (short) Bytes.unsigned2(bytes, at + 2);
  }

  /** The digit of weight {@code weight}. */
  private static int digit(byte[] bytes, int at, int weight) {
    int index = weight(bytes, at) - weight;
    return index < 0 || index >= digits(bytes, at)
        ? 0
        : Bytes.unsigned2(bytes, at + HEADER_BYTES + 2 * index);
  }

  private static int signum(byte[] bytes, int at) {
    for (int i = 0; i < digits(bytes, at); i++) {
      if (Bytes.unsigned2(bytes, at + HEADER_BYTES + 2 * i) != 0) {
        return Bytes.unsigned2(bytes, at + 4) == NEGATIVE ? -1 : 1;
      }
    }
    return 0;
  }

  private static int compareDigits(byte[] left, int l, byte[] right, int r) {
    int from = Math.max(weight(left, l), weight(right, r));
    int to =
        Math.min(weight(left, l) - digits(left, l) + 1, weight(right, r) - digits(right, r) + 1);
    for (int weight = from; weight >= to; weight--) {
      int order = digit(left, l, weight) - digit(right, r, weight);
      if (order != 0) {
        return Integer.signum(order);
      }
    }
    return 0;
  }

  private static BigDecimal value(byte[] bytes, int at) {
    BigInteger all = BigInteger.ZERO;
    for (int i = 0; i < digits(bytes, at); i++) {
      int digit = Bytes.unsigned2(bytes, at + HEADER_BYTES + 2 * i);
      all = all.multiply(BASE).add(BigInteger.valueOf(digit));
    }
    int scale = 4 * (digits(bytes, at) - 1 - weight(bytes, at));
    BigDecimal value = new BigDecimal(all, scale);
    return Bytes.unsigned2(bytes, at + 4) == NEGATIVE ? value.negate() : value;
  }
}
