package dev.freshet.cdc.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers distinct byte strings 0, 1, 2 … in the order of their first appearance.
 *
 * <p>A hash table with open addressing over one byte array: a key is appended, looked up, and taken
 * back if it was known. No object per key; 16 bytes of overhead each at the usual load.
 */
final class RowTable {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;
  private static final int MAX_BYTES = Integer.MAX_VALUE - 64;

  private byte[] bytes;
  private int end;
  private int[] starts;
  private int[] hashes;
  private int[] slots;
  private int size;

  RowTable(int expected) {
    int capacity = Math.max(16, expected);
    bytes = new byte[capacity * 16];
    starts = new int[capacity + 1];
    hashes = new int[capacity];
    slots = new int[Integer.highestOneBit(capacity * 2 - 1) << 1];
  }

  int size() {
    return size;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Memory in use, in bytes. */
  long heldBytes() {
    return end + 16L * size;
  }

  int start(int row) {
    return starts[row];
  }

  int end(int row) {
    return starts[row + 1];
  }

  /** Appends a part of the key that the next {@link #intern} looks up. */
  void append(byte[] source, int from, int to) {
    int length = to - from;
    if (bytes.length - end < length) {
      grow(length);
    }
    System.arraycopy(source, from, bytes, end, length);
    end += length;
  }

  /** The number of the key appended since the last call; {@code size() - 1} if it is new. */
  int intern() {
    int start = starts[size];
    int hash = hash(bytes, start, end);
    int mask = slots.length - 1;
    int slot = hash & mask;
    while (slots[slot] != 0) {
      int row = slots[slot] - 1;
      if (hashes[row] == hash
          && Arrays.equals(bytes, starts[row], starts[row + 1], bytes, start, end)) {
        end = start;
        return row;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = size + 1;
    hashes[size] = hash;
    size++;
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, size * 2);
      starts = Arrays.copyOf(starts, size * 2 + 1);
    }
    starts[size] = end;
    if (size * 2 > slots.length) {
      rehash();
    }
    return size - 1;
  }

  private void rehash() {
    int[] larger = new int[slots.length * 2];
    int mask = larger.length - 1;
    for (int row = 0; row < size; row++) {
      int slot = hashes[row] & mask;
      while (larger[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      larger[slot] = row + 1;
    }
    slots = larger;
  }

  private void grow(int length) {
    long wanted = Math.max((long) bytes.length * 2, (long) end + length);
    if ((long) end + length > MAX_BYTES) {
      throw UnknowableDeltaException.tooLarge();
    }
    bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, MAX_BYTES));
  }

  static int hash(byte[] bytes, int from, int to) {
    long hash = (long) to - from;
    int at = from;
    for (; at + 8 <= to; at += 8) {
      hash = (hash ^ (long) LONG.get(bytes, at)) * MULTIPLIER;
      hash ^= hash >>> 32;
    }
    long tail = 0;
    for (; at < to; at++) {
      tail = tail << 8 | (bytes[at] & 0xFF);
    }
    hash = (hash ^ tail) * MULTIPLIER;
    return (int) (hash ^ hash >>> 29 ^ hash >>> 47);
  }
}
