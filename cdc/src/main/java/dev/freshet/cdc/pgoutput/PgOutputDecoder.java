package dev.freshet.cdc.pgoutput;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.freshet.cdc.pgoutput.PgOutputHandler.OldRow;
import dev.freshet.cdc.pgoutput.RelationSchema.Column;
import dev.freshet.cdc.pgoutput.RelationSchema.Identity;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads pgoutput messages of protocol version 1 and pushes them into a handler.
 *
 * <p>Row messages (Insert, Update, Delete) are read in place: two {@link Tuple} windows are used
 * again and again, so a row costs no allocation. Not thread-safe.
 */
public final class PgOutputDecoder {
  private static final int TRUNCATE_CASCADE = 1;
  private static final int TRUNCATE_RESTART_IDENTITY = 2;

  private final PgOutputHandler handler;
  private final Tuple old = new Tuple();
  private final Tuple row = new Tuple();
  private byte[] bytes = new byte[0];
  private int at;

  public PgOutputDecoder(PgOutputHandler handler) {
    this.handler = handler;
  }

  /**
   * Decodes one message, as one XLogData carries it.
   *
   * @param message backed by an array; its position is not moved
   * @throws MalformedMessageException if the bytes are not a message of protocol version 1
   */
  public void decode(ByteBuffer message) {
    bytes = message.array();
    at = message.arrayOffset() + message.position();
    int end = message.arrayOffset() + message.limit();
    if (at >= end) {
      throw new MalformedMessageException("empty pgoutput message");
    }
    byte kind = bytes[at++];
    try {
      decode(kind);
    } catch (IndexOutOfBoundsException e) {
      throw malformed(kind, "ends after %d bytes, too early".formatted(message.remaining()));
    }
    if (at != end) {
      throw malformed(kind, "has %d bytes, %d were read".formatted(message.remaining(), at - end));
    }
  }

  private void decode(byte kind) {
    switch (kind) {
      case 'I' -> insert();
      case 'U' -> update();
      case 'D' -> delete();
      case 'B' -> handler.begin(nextLong(), nextLong(), nextInt());
      case 'C' -> commit();
      case 'R' -> handler.relation(relation());
      case 'T' -> truncate();
      case 'M' -> message();
      case 'Y' -> handler.type(nextInt(), nextString(), nextString());
      case 'O' -> handler.origin(nextLong(), nextString());
      default -> throw malformed(kind, "is of no known kind (protocol version 1)");
    }
  }

  private void insert() {
    int relation = nextInt();
    expectNew((byte) 'I');
    at = row.read(bytes, at);
    handler.insert(relation, row);
  }

  private void update() {
    int relation = nextInt();
    byte part = bytes[at];
    if (part == 'K' || part == 'O') {
      at = old.read(bytes, at + 1);
      expectNew((byte) 'U');
      at = row.read(bytes, at);
      handler.update(relation, oldRow(part), old, row);
    } else {
      expectNew((byte) 'U');
      at = row.read(bytes, at);
      handler.update(relation, row);
    }
  }

  private void delete() {
    int relation = nextInt();
    byte part = bytes[at++];
    if (part != 'K' && part != 'O') {
      throw malformed((byte) 'D', "has tuple kind '%c' (expected K or O)".formatted(part));
    }
    at = old.read(bytes, at);
    handler.delete(relation, oldRow(part), old);
  }

  private static OldRow oldRow(byte part) {
    return part == 'K' ? OldRow.KEY : OldRow.FULL;
  }

  private void expectNew(byte kind) {
    byte part = bytes[at++];
    if (part != 'N') {
      throw malformed(kind, "has tuple kind '%c' (expected N)".formatted(part));
    }
  }

  private void commit() {
    at++; // flags, unused so far
    handler.commit(nextLong(), nextLong(), nextLong());
  }

  private RelationSchema relation() {
    int oid = nextInt();
    String namespace = nextString();
    String name = nextString();
    Identity identity = Identity.of((char) bytes[at++]);
    int count = nextShort();
    List<Column> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean key = (bytes[at++] & 1) != 0;
      columns.add(new Column(nextString(), key, nextInt(), nextInt()));
    }
    // An empty namespace stands for pg_catalog.
    return new RelationSchema(
        oid, namespace.isEmpty() ? "pg_catalog" : namespace, name, identity, columns);
  }

  private void truncate() {
    int count = nextInt();
    byte options = bytes[at++];
    int[] relations = new int[count];
    for (int i = 0; i < count; i++) {
      relations[i] = nextInt();
    }
    handler.truncate(
        relations, (options & TRUNCATE_CASCADE) != 0, (options & TRUNCATE_RESTART_IDENTITY) != 0);
  }

  private void message() {
    boolean transactional = (bytes[at++] & 1) != 0;
    long lsn = nextLong();
    String prefix = nextString();
    int length = nextInt();
    ByteBuffer content = ByteBuffer.wrap(bytes, at, length).slice();
    at += length;
    handler.message(transactional, lsn, prefix, content);
  }

  private int nextShort() {
    at += 2;
    return WireBytes.getShort(bytes, at - 2);
  }

  private int nextInt() {
    at += 4;
    return WireBytes.getInt(bytes, at - 4);
  }

  private long nextLong() {
    at += 8;
    return WireBytes.getLong(bytes, at - 8);
  }

  private String nextString() {
    int start = at;
    while (bytes[at] != 0) {
      at++;
    }
    return new String(bytes, start, at++ - start, UTF_8);
  }

  private static MalformedMessageException malformed(byte kind, String problem) {
    return new MalformedMessageException(
        "pgoutput message '%c' (0x%02x) %s".formatted((char) kind, kind, problem));
  }
}
