package dev.freshet.cdc.staging;

import dev.freshet.cdc.Snapshot;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * The 64-bit ids of transactions that are staged together, without duplicates.
 *
 * <p>Sorted, and stored as the first one and the gaps to the next in a variable number of bytes: a
 * burst of small transactions, whose ids are close together, takes one byte each.
 */
public final class XidSet {
  private final long first;
  private final long last;
  private final int size;
  private final byte[] gaps;

  private XidSet(long first, long last, int size, byte[] gaps) {
    this.first = first;
    this.last = last;
    this.size = size;
    this.gaps = gaps;
  }

  /** The distinct ones of {@code ids}, of which there is at least one. */
  public static XidSet of(long[] ids) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("no transaction ids");
    }
    long[] sorted = ids.clone();
    Arrays.sort(sorted);
    byte[] gaps = new byte[sorted.length * 10];
    int end = 0;
    int size = 1;
    for (int i = 1; i < sorted.length; i++) {
      long gap = sorted[i] - sorted[i - 1];
      if (gap == 0) {
        continue;
      }
      size++;
      for (; gap >= 0x80; gap >>>= 7) {
        gaps[end++] = (byte) (gap | 0x80);
      }
      gaps[end++] = (byte) gap;
    }
    return new XidSet(sorted[0], sorted[sorted.length - 1], size, Arrays.copyOf(gaps, end));
  }

  public int size() {
    return size;
  }

  /** Whether {@code snapshot} sees all of them. */
  public boolean allSeenBy(Snapshot snapshot) {
    return last < snapshot.xmin() || count(snapshot::sees) == size;
  }

  /** How many of them {@code snapshot} does not see. */
  public int countUnseenBy(Snapshot snapshot) {
    if (last < snapshot.xmin()) {
      return 0;
    }
    return first >= snapshot.xmax() ? size : count(xid -> !snapshot.sees(xid));
  }

  /** How many of them {@code upTo} sees and {@code from} does not. */
  public int countBetween(Snapshot from, Snapshot upTo) {
    if (last < from.xmin() || first >= upTo.xmax()) {
      return 0;
    }
    if (first >= from.xmax() && last < upTo.xmin()) {
      return size;
    }
    return count(xid -> upTo.sees(xid) && !from.sees(xid));
  }

  private int count(LongPredicate wanted) {
    int count = wanted.test(first) ? 1 : 0;
    long xid = first;
    for (int at = 0; at < gaps.length; ) {
      long gap = 0;
      int shift = 0;
      byte part;
      do {
        part = gaps[at++];
        gap |= (part & 0x7FL) << shift;
        shift += 7;
      } while (part < 0);
      xid += gap;
      count += wanted.test(xid) ? 1 : 0;
    }
    return count;
  }
}
