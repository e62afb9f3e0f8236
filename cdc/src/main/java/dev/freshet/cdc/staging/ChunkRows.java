package dev.freshet.cdc.staging;

import static java.time.temporal.ChronoUnit.MICROS;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.PGCopyInputStream;

/** Chunks as rows of {@code COPY … BINARY} (PostgreSQL manual, COPY, "Binary Format"). */
final class ChunkRows {
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0
  };
  private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");
  private static final int COLUMNS = 11;
  private static final int END_OF_DATA = -1;

  private ChunkRows() {}

  /** Appends drafts to a generation's table. */
  static List<StagedChunk> copyIn(
      Connection session,
      int generation,
      long batch,
      int firstNumber,
      List<StagedChunk.Draft> drafts)
      throws SQLException {
    CopyIn copy =
        session
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY freshet.staged_" + generation + " FROM STDIN (FORMAT binary)");
    boolean ended = false;
    try {
      List<StagedChunk> written = new ArrayList<>(drafts.size());
      send(copy, header());
      for (StagedChunk.Draft draft : drafts) {
        int number = firstNumber + written.size();
        send(copy, fields(batch, number, draft));
        send(copy, draft.rows());
        written.add(chunk(generation, batch, number, draft));
      }
      send(copy, new byte[] {(byte) 0xFF, (byte) 0xFF});
      copy.endCopy();
      ended = true;
      return written;
    } catch (IOException e) {
      throw new SQLException("cannot encode a chunk", e);
    } finally {
      if (!ended && copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private static void send(CopyIn copy, byte[] bytes) throws SQLException {
    copy.writeToCopy(bytes, 0, bytes.length);
  }

  private static byte[] header() {
    return ByteBuffer.allocate(SIGNATURE.length + 8).put(SIGNATURE).array();
  }

  /** All fields, the last one without its bytes. */
  private static byte[] fields(long batch, int number, StagedChunk.Draft draft) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(COLUMNS);
    out.writeInt(4);
    out.writeInt(draft.relation());
    putLong(out, batch);
    out.writeInt(4);
    out.writeInt(number);
    out.writeInt(2);
    out.writeShort(draft.content().ordinal());
    putLong(out, draft.firstCommit().position());
    putLong(out, MICROS.between(POSTGRES_EPOCH, draft.firstTime()));
    putLong(out, draft.changes());
    out.writeInt(1);
    out.writeBoolean(draft.continues());
    putBytes(out, draft.layout());
    putBytes(out, draft.directory());
    out.writeInt(draft.rows().length);
    return bytes.toByteArray();
  }

  private static void putLong(DataOutputStream out, long value) throws IOException {
    out.writeInt(8);
    out.writeLong(value);
  }

  private static void putBytes(DataOutputStream out, byte[] value) throws IOException {
    out.writeInt(value.length);
    out.write(value);
  }

  private static StagedChunk chunk(
      int generation, long batch, int number, StagedChunk.Draft draft) {
    return new StagedChunk(
        generation,
        batch,
        number,
        draft.relation(),
        draft.content(),
        draft.firstCommit(),
        draft.firstTime(),
        draft.changes(),
        draft.rows().length + draft.directory().length,
        draft.continues(),
        transactions(draft.directory()),
        draft.layout());
  }

  private static XidSet transactions(byte[] directory) {
    long[] ids = new long[directory.length / StagedChunk.ENTRY_BYTES];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = WireBytes.getLong(directory, i * StagedChunk.ENTRY_BYTES);
    }
    return XidSet.of(ids);
  }

  /** Adds all chunks of a generation, in order, without their rows. */
  static void list(Connection session, int generation, List<StagedChunk> chunks)
      throws SQLException {
    String query =
        """
        COPY (SELECT batch, number, relation, content, first_commit, first_time, changes,
                     octet_length(rows), continues, layout, transactions
              FROM freshet.staged_%d ORDER BY batch, number) TO STDOUT (FORMAT binary)\
        """
            .formatted(generation);
    Map<ByteBuffer, byte[]> layouts = new HashMap<>();
    try (DataInputStream in = open(session, query)) {
      while (in.readShort() != END_OF_DATA) {
        long batch = longField(in);
        int number = intField(in);
        int relation = intField(in);
        in.readInt();
        StagedChunk.Content content = StagedChunk.Content.values()[in.readShort()];
        Lsn commit = new Lsn(longField(in));
        Instant time = POSTGRES_EPOCH.plus(longField(in), MICROS);
        long changes = longField(in);
        int size = intField(in);
        in.readInt();
        boolean continues = in.readBoolean();
        byte[] layout = bytesField(in);
        byte[] directory = bytesField(in);
        byte[] shared = layouts.computeIfAbsent(ByteBuffer.wrap(layout), _ -> layout);
        chunks.add(
            new StagedChunk(
                generation,
                batch,
                number,
                relation,
                content,
                commit,
                time,
                changes,
                size + directory.length,
                continues,
                transactions(directory),
                shared));
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  static DataInputStream open(Connection session, String copy) throws SQLException {
    DataInputStream in =
        new DataInputStream(new PGCopyInputStream(session.unwrap(PGConnection.class), copy));
    try {
      in.skipNBytes(SIGNATURE.length + 8L);
    } catch (EOFException e) {
      throw new SQLException("COPY sent no header", e);
    } catch (IOException e) {
      throw unreadable(e);
    }
    return in;
  }

  static SQLException unreadable(IOException e) {
    return e.getCause() instanceof SQLException cause
        ? cause
        : new SQLException("cannot read staged changes", e);
  }

  static int intField(DataInputStream in) throws IOException {
    in.readInt();
    return in.readInt();
  }

  static long longField(DataInputStream in) throws IOException {
    in.readInt();
    return in.readLong();
  }

  static byte[] bytesField(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }

  static boolean isEnd(int fields) {
    return fields == END_OF_DATA;
  }
}
