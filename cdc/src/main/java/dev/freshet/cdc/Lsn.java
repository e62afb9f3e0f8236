package dev.freshet.cdc;

/**
 * A position in the write-ahead log: a byte offset, written {@code XXXXXXXX/XXXXXXXX} in
 * hexadecimal as PostgreSQL's {@code pg_lsn} does. Compared as an unsigned 64-bit integer.
 */
public record Lsn(long position) implements Comparable<Lsn> {
  /** PostgreSQL's InvalidXLogRecPtr: before every record. */
  public static final Lsn ZERO = new Lsn(0);

  /**
   * Reads {@code pg_lsn} text.
   *
   * @throws IllegalArgumentException if {@code text} is not two hexadecimal halves around a slash
   */
  public static Lsn parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1) {
      throw new IllegalArgumentException("not an LSN (expected hex/hex): '" + text + "'");
    }
    try {
      long high = Integer.parseUnsignedInt(text.substring(0, slash), 16) & 0xFFFF_FFFFL;
      long low = Integer.parseUnsignedInt(text.substring(slash + 1), 16) & 0xFFFF_FFFFL;
      return new Lsn(high << 32 | low);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not an LSN (expected hex/hex): '" + text + "'", e);
    }
  }

  /** Bytes of log from {@code earlier} to this position; negative if this one is the earlier. */
  public long bytesSince(Lsn earlier) {
    return position - earlier.position;
  }

  public boolean isAfter(Lsn other) {
    return compareTo(other) > 0;
  }

  public boolean isBefore(Lsn other) {
    return compareTo(other) < 0;
  }

  public static Lsn min(Lsn a, Lsn b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  public static Lsn max(Lsn a, Lsn b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(position, other.position);
  }

  @Override
  public String toString() {
    return "%X/%X".formatted(position >>> 32, position & 0xFFFF_FFFFL);
  }
}
