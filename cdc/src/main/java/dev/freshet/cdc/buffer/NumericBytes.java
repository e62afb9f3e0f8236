package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.WireBytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * PostgreSQL's binary {@code numeric} ({@code numeric_send}):
 *
 * <pre>
 * ndigits(2) weight(2) sign(2) dscale(2) digit(2)*      value = ± Σ digitᵢ · 10000^(weight − i)
 * </pre>
 */
final class NumericBytes {
  static final int BASE_DIGITS = 4;
  static final int HEADER_BYTES = 8;
  private static final int POSITIVE = 0x0000;
  private static final int NEGATIVE = 0x4000;
  private static final BigInteger BASE = BigInteger.valueOf(10_000);

  private NumericBytes() {}

  /** Whether the value is a number, not NaN or ±Infinity. */
  static boolean isFinite(byte[] bytes, int offset) {
    int sign = sign(bytes, offset);
    return sign == POSITIVE || sign == NEGATIVE;
  }

  static boolean isNegative(byte[] bytes, int offset) {
    return sign(bytes, offset) == NEGATIVE;
  }

  private static int sign(byte[] bytes, int offset) {
    return WireBytes.getShort(bytes, offset + 4) & 0xFFFF;
  }

  static int digits(byte[] bytes, int offset) {
    return WireBytes.getShort(bytes, offset);
  }

  static int weight(byte[] bytes, int offset) {
    return WireBytes.getShort(bytes, offset + 2);
  }

  static int displayScale(byte[] bytes, int offset) {
    return WireBytes.getShort(bytes, offset + 6);
  }

  static int digit(byte[] bytes, int offset, int index) {
    return WireBytes.getShort(bytes, offset + HEADER_BYTES + 2 * index);
  }

  /** The value of finite bytes. */
  static BigDecimal decode(byte[] bytes, int offset) {
    int digits = digits(bytes, offset);
    BigInteger unscaled = BigInteger.ZERO;
    for (int i = 0; i < digits; i++) {
      unscaled = unscaled.multiply(BASE).add(BigInteger.valueOf(digit(bytes, offset, i)));
    }
    if (isNegative(bytes, offset)) {
      unscaled = unscaled.negate();
    }
    int scale = BASE_DIGITS * (digits - 1 - weight(bytes, offset));
    return new BigDecimal(unscaled, scale);
  }

  /**
   * Bytes for {@code numeric_recv}.
   *
   * @param displayScale decimal digits to show; the value has no more than these
   */
  static byte[] encode(BigDecimal value, int displayScale) {
    int fractionGroups = (displayScale + BASE_DIGITS - 1) / BASE_DIGITS;
    BigInteger unscaled =
        value.setScale(fractionGroups * BASE_DIGITS, RoundingMode.UNNECESSARY).unscaledValue();
    short[] reversed = new short[unscaled.bitLength() / 13 + 2];
    int count = 0;
    for (BigInteger rest = unscaled.abs(); rest.signum() != 0; ) {
      BigInteger[] parts = rest.divideAndRemainder(BASE);
      reversed[count++] = parts[1].shortValue();
      rest = parts[0];
    }
    int weight = count - 1 - fractionGroups;
    int first = 0;
    while (first < count && reversed[first] == 0) {
      first++;
    }
    int digits = count - first;
    byte[] bytes = new byte[HEADER_BYTES + 2 * digits];
    WireBytes.putShort(bytes, 0, (short) digits);
    WireBytes.putShort(bytes, 2, (short) (digits == 0 ? 0 : weight));
    WireBytes.putShort(bytes, 4, (short) (unscaled.signum() < 0 ? NEGATIVE : POSITIVE));
    WireBytes.putShort(bytes, 6, (short) displayScale);
    for (int i = 0; i < digits; i++) {
      WireBytes.putShort(bytes, HEADER_BYTES + 2 * i, reversed[count - 1 - i]);
    }
    return bytes;
  }
}
