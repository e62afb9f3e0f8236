package dev.freshet.cdc.debezium;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.freshet.cdc.pgoutput.RelationSchema;
import dev.freshet.cdc.pgoutput.Tuple;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Writes {@code pgoutput} messages of protocol version 1 (PostgreSQL manual, "Logical Replication
 * Message Formats"): the inverse of {@link dev.freshet.cdc.pgoutput.PgOutputDecoder}.
 *
 * <p>One message at a time, into a buffer that is used again: {@link #message} is valid until the
 * next one is begun.
 */
final class PgOutputWriter {
  private static final int KEY_COLUMN = 1;

  private byte[] bytes = new byte[1024];
  private int length;

  /** The message written last. */
  ByteBuffer message() {
    return ByteBuffer.wrap(bytes, 0, length);
  }

  void begin(long commitLsn, long commitMicros, int xid) {
    start('B');
    putLong(commitLsn);
    putLong(commitMicros);
    putInt(xid);
  }

  void commit(long commitLsn, long endLsn, long commitMicros) {
    start('C');
    putByte(0);
    putLong(commitLsn);
    putLong(endLsn);
    putLong(commitMicros);
  }

  void relation(RelationSchema schema) {
    start('R');
    putInt(schema.oid());
    putString(schema.namespace());
    putString(schema.name());
    putByte(
        switch (schema.identity()) {
          case DEFAULT -> 'd';
          case NOTHING -> 'n';
          case FULL -> 'f';
          case INDEX -> 'i';
        });
    putShort(schema.columns().size());
    for (RelationSchema.Column column : schema.columns()) {
      putByte(column.key() ? KEY_COLUMN : 0);
      putString(column.name());
      putInt(column.typeOid());
      putInt(column.typeModifier());
    }
  }

  void truncate(int relation) {
    start('T');
    putInt(1);
    putByte(0);
    putInt(relation);
  }

  void message(boolean transactional, long lsn, String prefix, byte[] content) {
    start('M');
    putByte(transactional ? 1 : 0);
    putLong(lsn);
    putString(prefix);
    putInt(content.length);
    putBytes(content);
  }

  /** Begins an Insert, Update or Delete; its tuples follow. */
  void row(char kind, int relation) {
    start(kind);
    putInt(relation);
  }

  /** Begins a tuple: {@code N}ew, {@code K}ey or {@code O}ld. */
  void tuple(char kind, int columns) {
    putByte(kind);
    putShort(columns);
  }

  void nullValue() {
    putByte(Tuple.NULL);
  }

  void unchangedValue() {
    putByte(Tuple.UNCHANGED);
  }

  void value(boolean binary, byte[] value) {
    putByte(binary ? Tuple.BINARY : Tuple.TEXT);
    putInt(value.length);
    putBytes(value);
  }

  private void start(char kind) {
    length = 0;
    putByte(kind);
  }

  private int reserve(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
    int at = length;
    length += count;
    return at;
  }

  private void putByte(int value) {
    int at = reserve(1);
    bytes[at] = (byte) value;
  }

  private void putShort(int value) {
    int at = reserve(2);
    WireBytes.putShort(bytes, at, (short) value);
  }

  private void putInt(int value) {
    int at = reserve(4);
    WireBytes.putInt(bytes, at, value);
  }

  private void putLong(long value) {
    int at = reserve(8);
    WireBytes.putLong(bytes, at, value);
  }

  private void putBytes(byte[] value) {
    int at = reserve(value.length);
    System.arraycopy(value, 0, bytes, at, value.length);
  }

  private void putString(String value) {
    putBytes(value.getBytes(UTF_8));
    putByte(0);
  }
}
