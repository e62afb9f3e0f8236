package dev.freshet.cdc;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Which transactions a statement sees, as {@code pg_current_snapshot()} prints it: {@code
 * xmin:xmax:xip_list} (PostgreSQL manual, "Transaction ID and Snapshot Information Functions").
 *
 * <pre>
 * sees(x)  ⇔  x &lt; xmin  ∨  (x &lt; xmax ∧ x ∉ xip)        for top-level, committed x
 * </pre>
 *
 * <p>Transaction ids here are PostgreSQL's 64-bit {@code xid8}. The log carries the low 32 bits
 * only; {@link #widen} restores the epoch, which is unambiguous because ids in use never span more
 * than 2³¹.
 *
 * <p>The caller must ask about committed transactions only: an aborted id below xmin counts as
 * seen.
 */
public final class Snapshot {
  private final long xmin;
  private final long xmax;
  private final long[] inProgress;

  private Snapshot(long xmin, long xmax, long[] inProgress) {
    this.xmin = xmin;
    this.xmax = xmax;
    this.inProgress = inProgress;
  }

  /**
   * Reads {@code pg_snapshot} text.
   *
   * @throws IllegalArgumentException if {@code text} is not {@code xmin:xmax:xip,…} with xmin ≤
   *     xmax
   */
  public static Snapshot parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not a snapshot (expected xmin:xmax:xip): '" + text + "'");
    }
    try {
      long xmin = Long.parseUnsignedLong(parts[0]);
      long xmax = Long.parseUnsignedLong(parts[1]);
      long[] xip =
          parts[2].isEmpty()
              ? new long[0]
              : Arrays.stream(parts[2].split(",")).mapToLong(Long::parseUnsignedLong).toArray();
      if (xmin > xmax) {
        throw new IllegalArgumentException("snapshot with xmin beyond xmax: '" + text + "'");
      }
      Arrays.sort(xip);
      return new Snapshot(xmin, xmax, xip);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a snapshot: '" + text + "'", e);
    }
  }

  /** The oldest transaction id that was still running; everything below has ended. */
  public long xmin() {
    return xmin;
  }

  /** The first id not yet assigned when the snapshot was taken. */
  public long xmax() {
    return xmax;
  }

  /** Whether the committed top-level transaction {@code xid} (64 bits) is visible. */
  public boolean sees(long xid) {
    return xid < xmin || (xid < xmax && Arrays.binarySearch(inProgress, xid) < 0);
  }

  /** Whether this snapshot was taken at the same time as {@code other} or later. */
  public boolean covers(Snapshot other) {
    return xmax >= other.xmax
        && xmin >= other.xmin
        && Arrays.stream(inProgress).noneMatch(other::sees);
  }

  /** The 64-bit id whose low half is {@code xid32} and that lies within 2³¹ of this xmax. */
  public long widen(int xid32) {
    long candidate = (xmax & 0xFFFF_FFFF_0000_0000L) | (xid32 & 0xFFFF_FFFFL);
    if (candidate - xmax > 1L << 31) {
      return candidate - (1L << 32);
    }
    if (xmax - candidate > 1L << 31) {
      return candidate + (1L << 32);
    }
    return candidate;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Snapshot that
        && xmin == that.xmin
        && xmax == that.xmax
        && Arrays.equals(inProgress, that.inProgress);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(xmin) * 31 + Long.hashCode(xmax) + Arrays.hashCode(inProgress);
  }

  /** The text that PostgreSQL's {@code pg_snapshot} input accepts. */
  @Override
  public String toString() {
    return Arrays.stream(inProgress)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(",", xmin + ":" + xmax + ":", ""));
  }
}
