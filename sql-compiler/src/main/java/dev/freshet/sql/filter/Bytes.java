package dev.freshet.sql.filter;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in network byte order, as send functions write them (pqformat.c). */
final class Bytes {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Bytes() {}

  static int unsigned2(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }

  static int int4(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  static long int8(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  /** A whole number of 2, 4 or 8 bytes. */
  static long integer(byte[] bytes, int at, int length) {
    return switch (length) {
      case 2 -> (short) unsigned2(bytes, at);
      case 4 -> int4(bytes, at);
      default -> int8(bytes, at);
    };
  }

  /** float4 or float8; the former is exact as a double. */
  static double floating(byte[] bytes, int at, int length) {
    return length == 4
        ? Float.intBitsToFloat(int4(bytes, at))
        : Double.longBitsToDouble(int8(bytes, at));
  }
}
