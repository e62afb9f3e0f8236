package dev.freshet.cdc.debezium;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.freshet.cdc.pgoutput.WireBytes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.UUID;

/**
 * The bytes of PostgreSQL's send functions, made from the Java objects that Debezium reads values
 * into.
 */
final class SendFormat {
  private static final long EPOCH_DAY = LocalDate.of(2000, 1, 1).toEpochDay();
  private static final long EPOCH_SECOND = EPOCH_DAY * 86_400;
  private static final int MICROS = 1_000_000;
  private static final byte JSONB_VERSION = 1;

  // numeric_send: ndigits, weight, sign, dscale, then digits to the base 10000.
  private static final int NUMERIC_BASE_DIGITS = 4;
  private static final BigInteger NUMERIC_BASE = BigInteger.valueOf(10_000);
  private static final int NUMERIC_HEADER_BYTES = 8;
  private static final int NEGATIVE = 0x4000;
  private static final int NAN = 0xC000;
  private static final int POSITIVE_INFINITY = 0xD000;
  private static final int NEGATIVE_INFINITY = 0xF000;

  private SendFormat() {}

  static byte[] text(String value) {
    return value.getBytes(UTF_8);
  }

  static byte[] bool(boolean value) {
    return new byte[] {(byte) (value ? 1 : 0)};
  }

  static byte[] int2(int value) {
    byte[] bytes = new byte[2];
    WireBytes.putShort(bytes, 0, (short) value);
    return bytes;
  }

  static byte[] int4(int value) {
    byte[] bytes = new byte[4];
    WireBytes.putInt(bytes, 0, value);
    return bytes;
  }

  static byte[] int8(long value) {
    byte[] bytes = new byte[8];
    WireBytes.putLong(bytes, 0, value);
    return bytes;
  }

  static byte[] float4(float value) {
    return int4(Float.floatToIntBits(value));
  }

  static byte[] float8(double value) {
    return int8(Double.doubleToLongBits(value));
  }

  static byte[] jsonb(String value) {
    byte[] text = text(value);
    byte[] bytes = new byte[text.length + 1];
    bytes[0] = JSONB_VERSION;
    System.arraycopy(text, 0, bytes, 1, text.length);
    return bytes;
  }

  static byte[] uuid(String value) {
    UUID uuid = UUID.fromString(value);
    byte[] bytes = new byte[16];
    WireBytes.putLong(bytes, 0, uuid.getMostSignificantBits());
    WireBytes.putLong(bytes, 8, uuid.getLeastSignificantBits());
    return bytes;
  }

  static byte[] date(LocalDate value) {
    return int4(Math.toIntExact(value.toEpochDay() - EPOCH_DAY));
  }

  static byte[] infiniteDate(boolean positive) {
    return int4(positive ? Integer.MAX_VALUE : Integer.MIN_VALUE);
  }

  static byte[] timestamp(Instant value) {
    return timestamp(value.getEpochSecond(), value.getNano());
  }

  static byte[] timestamp(OffsetDateTime value) {
    return timestamp(value.toEpochSecond(), value.getNano());
  }

  private static byte[] timestamp(long epochSecond, int nano) {
    return int8(Math.addExact(Math.multiplyExact(epochSecond - EPOCH_SECOND, MICROS), nano / 1000));
  }

  static byte[] infiniteTimestamp(boolean positive) {
    return int8(positive ? Long.MAX_VALUE : Long.MIN_VALUE);
  }

  /** From {@code HH:MM:SS[.ffffff]}; PostgreSQL also knows 24:00:00, which Java does not. */
  static byte[] time(String value) {
    long seconds =
        (Integer.parseInt(value, 0, 2, 10) * 60L + Integer.parseInt(value, 3, 5, 10)) * 60
            + Integer.parseInt(value, 6, 8, 10);
    int digits = Math.max(0, value.length() - 9);
    long micros = digits == 0 ? 0 : Integer.parseInt(value, 9, 9 + digits, 10);
    for (int i = digits; i < 6; i++) {
      micros *= 10;
    }
    return int8(seconds * MICROS + micros);
  }

  static byte[] notANumber() {
    return numericHeader(0, 0, NAN, 0);
  }

  static byte[] infiniteNumeric(boolean positive) {
    return numericHeader(0, 0, positive ? POSITIVE_INFINITY : NEGATIVE_INFINITY, 0x20);
  }

  /** A finite number with its display scale: 1.00 keeps two places. */
  static byte[] numeric(BigDecimal value) {
    int scale = Math.max(0, value.scale());
    BigDecimal scaled = value.setScale(scale);
    int groupsBehind = (scale + NUMERIC_BASE_DIGITS - 1) / NUMERIC_BASE_DIGITS;
    BigInteger whole =
        scaled.unscaledValue().abs().multiply(BigInteger.TEN.pow(groupsBehind * 4 - scale));
    short[] digits = new short[8];
    int count = 0;
    while (whole.signum() != 0) {
      BigInteger[] parts = whole.divideAndRemainder(NUMERIC_BASE);
      if (count == digits.length) {
        digits = Arrays.copyOf(digits, count * 2);
      }
      digits[count++] = parts[1].shortValueExact();
      whole = parts[0];
    }
    int trailing = 0; // Lowest group first: zeros at the low end are not sent.
    while (trailing < count && digits[trailing] == 0) {
      trailing++;
    }
    int weight = count == 0 ? 0 : count - 1 - groupsBehind;
    byte[] bytes =
        numericHeader(count - trailing, weight, scaled.signum() < 0 ? NEGATIVE : 0, scale);
    for (int i = 0; i < count - trailing; i++) {
      WireBytes.putShort(bytes, NUMERIC_HEADER_BYTES + 2 * i, digits[count - 1 - i]);
    }
    return bytes;
  }

  private static byte[] numericHeader(int digits, int weight, int sign, int scale) {
    byte[] bytes = new byte[NUMERIC_HEADER_BYTES + 2 * digits];
    WireBytes.putShort(bytes, 0, (short) digits);
    WireBytes.putShort(bytes, 2, (short) weight);
    WireBytes.putShort(bytes, 4, (short) sign);
    WireBytes.putShort(bytes, 6, (short) scale);
    return bytes;
  }
}
