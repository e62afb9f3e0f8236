package dev.freshet.sql.filter;

import java.util.Arrays;
import java.util.Optional;

/** The order of two values in send format; where only equality is known, 0 or not. */
@FunctionalInterface
interface ValueOrder {
  /** Microseconds. */
  long DAY = 86_400_000_000L;

  int compare(byte[] left, int leftAt, int leftLength, byte[] right, int rightAt, int rightLength);

  /** How PostgreSQL's operators compare values of two kinds; empty if that is not known. */
  static Optional<ValueOrder> between(ValueKind left, ValueKind right) {
    if (left == right) {
      return Optional.of(within(left));
    }
    return switch (left) {
      case INTEGER ->
          right == ValueKind.NUMERIC
              ? Optional.of(
                  (a, i, n, b, j, _) -> NumericOrder.compare(Bytes.integer(a, i, n), b, j))
              : Optional.empty();
      case NUMERIC -> mirrored(right == ValueKind.INTEGER, left, right);
      case DATE ->
          right == ValueKind.TIMESTAMP
              ? Optional.of((a, i, _, b, j, _) -> compare(Bytes.int4(a, i), Bytes.int8(b, j)))
              : Optional.empty();
      case TIMESTAMP -> mirrored(right == ValueKind.DATE, left, right);
      case TIMESTAMP_WITH_TIME_ZONE, FLOAT, BOOLEAN, BYTES, TEXT, BLANK_PADDED -> Optional.empty();
    };
  }

  private static Optional<ValueOrder> mirrored(boolean known, ValueKind left, ValueKind right) {
    return known
        ? between(right, left).map(order -> (a, i, n, b, j, m) -> -order.compare(b, j, m, a, i, n))
        : Optional.empty();
  }

  private static ValueOrder within(ValueKind kind) {
    return switch (kind) {
      case INTEGER ->
          (a, i, n, b, j, m) -> Long.compare(Bytes.integer(a, i, n), Bytes.integer(b, j, m));
      case DATE -> (a, i, _, b, j, _) -> Integer.compare(Bytes.int4(a, i), Bytes.int4(b, j));
      case TIMESTAMP, TIMESTAMP_WITH_TIME_ZONE ->
          (a, i, _, b, j, _) -> Long.compare(Bytes.int8(a, i), Bytes.int8(b, j));
      case NUMERIC -> (a, i, _, b, j, _) -> NumericOrder.compare(a, i, b, j);
      case FLOAT -> (a, i, n, b, j, m) -> compare(Bytes.floating(a, i, n), Bytes.floating(b, j, m));
      case BOOLEAN, BYTES, TEXT ->
          (a, i, n, b, j, m) -> Arrays.compareUnsigned(a, i, i + n, b, j, j + m);
      case BLANK_PADDED ->
          (a, i, n, b, j, m) ->
              Arrays.compareUnsigned(
                  a, i, i + withoutBlanks(a, i, n), b, j, j + withoutBlanks(b, j, m));
    };
  }

  /**
   * A day's midnight beside a time (date.c, {@code date_cmp_timestamp_internal}): days reach
   * farther than times, and the infinities are beyond both.
   */
  private static int compare(int day, long time) {
    if (day == Integer.MAX_VALUE || time == Long.MIN_VALUE) {
      return day == Integer.MAX_VALUE && time == Long.MAX_VALUE
              || day == Integer.MIN_VALUE && time == Long.MIN_VALUE
          ? 0
          : 1;
    }
    if (day == Integer.MIN_VALUE || time == Long.MAX_VALUE) {
      return -1;
    }
    int order = Long.compare(day, Math.floorDiv(time, DAY));
    return order != 0 ? order : Math.floorMod(time, DAY) > 0 ? -1 : 0;
  }

  /** NaN equals itself and is above all others; −0 equals 0 (float.h). */
  private static int compare(double left, double right) {
    if (Double.isNaN(left) || Double.isNaN(right)) {
      return Boolean.compare(Double.isNaN(left), Double.isNaN(right));
    }
    return left < right ? -1 : left > right ? 1 : 0;
  }

  private static int withoutBlanks(byte[] bytes, int at, int length) {
    int left = length;
    while (left > 0 && bytes[at + left - 1] == ' ') {
      left--;
    }
    return left;
  }
}
