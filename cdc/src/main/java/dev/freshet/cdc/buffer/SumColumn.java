package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.WireBytes;
import java.math.BigDecimal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Exact sums of one column, one per group: Σ weight·x and Σ weight over the x that are not null.
 *
 * <p>Totals are longs in units of 10000^−fraction as long as that is exact, and decimals of any
 * size from the first overflow on.
 */
final class SumColumn {
  private static final int MAX_FRACTION_GROUPS = 3;
  private static final int MAX_DIGITS = 4;
  private static final long BASE = 10_000;

  private final String column;
  private final SumType type;
  private long[] totals = new long[16];
  private long[] counts = new long[16];
  private int[] displayScales = new int[16];
  private BigDecimal @Nullable [] exact;
  private int fraction;

  SumColumn(String column, SumType type) {
    this.column = column;
    this.type = type;
  }

  SumType type() {
    return type;
  }

  private void ensure(int group) {
    if (group >= totals.length) {
      int size = Math.max(group + 1, totals.length * 2);
      totals = Arrays.copyOf(totals, size);
      counts = Arrays.copyOf(counts, size);
      displayScales = Arrays.copyOf(displayScales, size);
      if (exact != null) {
        exact = Arrays.copyOf(exact, size);
        Arrays.fill(exact, totals.length / 2, size, BigDecimal.ZERO);
      }
    }
  }

  /**
   * Adds {@code sign}·x, where the image's column starts with its length word at {@code start}.
   *
   * @throws UnreducibleException for NaN, ±Infinity, a value not sent, or a bigint overflow
   */
  void add(int group, int sign, byte[] bytes, int start) {
    ensure(group);
    int word = WireBytes.getInt(bytes, start);
    if (word == RowLog.NULL) {
      return;
    }
    if (word < 0 || (word & RowLog.TEXT) != 0) {
      throw new UnreducibleException(column);
    }
    counts[group] += sign;
    int at = start + 4;
    switch (type) {
      case INT2 -> addLong(group, sign * (long) WireBytes.getShort(bytes, at));
      case INT4 -> addLong(group, sign * (long) WireBytes.getInt(bytes, at));
      case INT8 -> addBigint(group, sign, WireBytes.getLong(bytes, at));
      case NUMERIC -> addNumeric(group, sign, bytes, at);
    }
  }

  private void addLong(int group, long value) {
    long sum = totals[group] + value;
    if (((sum ^ totals[group]) & (sum ^ value)) < 0) {
      throw new UnreducibleException(column);
    }
    totals[group] = sum;
  }

  private void addBigint(int group, int sign, long value) {
    if (exact == null) {
      long term = sign < 0 ? -value : value;
      long sum = totals[group] + term;
      boolean overflow = value == Long.MIN_VALUE || ((sum ^ totals[group]) & (sum ^ term)) < 0;
      if (!overflow) {
        totals[group] = sum;
        return;
      }
    }
    addExact(group, sign, BigDecimal.valueOf(value));
  }

  private void addNumeric(int group, int sign, byte[] bytes, int at) {
    if (!NumericBytes.isFinite(bytes, at)) {
      throw new UnreducibleException(column);
    }
    displayScales[group] = Math.max(displayScales[group], NumericBytes.displayScale(bytes, at));
    if (exact != null || !addScaled(group, sign, bytes, at)) {
      addExact(group, sign, NumericBytes.decode(bytes, at));
    }
  }

  /** The fast path; false, with nothing changed in value, if a long does not hold it. */
  private boolean addScaled(int group, int sign, byte[] bytes, int at) {
    int digits = NumericBytes.digits(bytes, at);
    if (digits == 0) {
      return true;
    }
    int groupsBehindPoint = digits - 1 - NumericBytes.weight(bytes, at);
    if (digits > MAX_DIGITS || groupsBehindPoint > MAX_FRACTION_GROUPS || groupsBehindPoint < -4) {
      return false;
    }
    try {
      if (groupsBehindPoint > fraction) {
        rescale(groupsBehindPoint);
      }
      long value = 0;
      for (int i = 0; i < digits; i++) {
        value = value * BASE + NumericBytes.digit(bytes, at, i);
      }
      for (int i = groupsBehindPoint; i < fraction; i++) {
        value = Math.multiplyExact(value, BASE);
      }
      boolean negative = NumericBytes.isNegative(bytes, at) != (sign < 0);
      totals[group] = Math.addExact(totals[group], negative ? -value : value);
      return true;
    } catch (ArithmeticException _) {
      return false;
    }
  }

  private void rescale(int to) {
    long factor = 1;
    for (int i = fraction; i < to; i++) {
      factor *= BASE;
    }
    long[] scaled = new long[totals.length];
    for (int i = 0; i < totals.length; i++) {
      scaled[i] = Math.multiplyExact(totals[i], factor);
    }
    totals = scaled;
    fraction = to;
  }

  private void addExact(int group, int sign, BigDecimal value) {
    BigDecimal[] sums = exact;
    if (sums == null) {
      sums = new BigDecimal[totals.length];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = BigDecimal.valueOf(totals[i], fraction * NumericBytes.BASE_DIGITS);
      }
      exact = sums;
    }
    sums[group] = sign < 0 ? sums[group].subtract(value) : sums[group].add(value);
  }

  /** Adds another table's sum of one group to a group of this one. */
  void merge(int group, SumColumn other, int otherGroup) {
    ensure(group);
    other.ensure(otherGroup);
    counts[group] += other.counts[otherGroup];
    displayScales[group] = Math.max(displayScales[group], other.displayScales[otherGroup]);
    switch (type) {
      case INT2, INT4 -> addLong(group, other.totals[otherGroup]);
      case INT8, NUMERIC -> {
        boolean sameUnits = exact == null && other.exact == null && fraction == other.fraction;
        long sum = totals[group] + other.totals[otherGroup];
        boolean overflow = ((sum ^ totals[group]) & (sum ^ other.totals[otherGroup])) < 0;
        if (sameUnits && !overflow) {
          totals[group] = sum;
        } else {
          addExact(group, 1, other.value(otherGroup));
        }
      }
    }
  }

  private BigDecimal value(int group) {
    return exact != null
        ? exact[group]
        : BigDecimal.valueOf(totals[group], fraction * NumericBytes.BASE_DIGITS);
  }

  boolean isZero(int group) {
    ensure(group);
    return counts[group] == 0 && value(group).signum() == 0;
  }

  long count(int group) {
    return counts[group];
  }

  /** Writes the total in the type that {@link SumType#totalOid} names. */
  void putTotal(int group, ColumnWriter writer) {
    switch (type) {
      case INT2, INT4 -> writer.putLong(totals[group]);
      case INT8, NUMERIC ->
          writer.putBytes(NumericBytes.encode(value(group), displayScales[group]));
    }
  }
}
