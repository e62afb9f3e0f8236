package dev.freshet.cdc.staging;

import java.io.DataInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Reads the rows of staged chunks, one chunk at a time and in order. Each reading has a connection
 * of its own, so that readers and the writer do not wait for each other.
 */
public final class StagedReader {
  private final StagingConnections connections;

  public StagedReader(StagingConnections connections) {
    this.connections = connections;
  }

  /** Takes one chunk's content. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param directory as in {@link StagedChunk.Draft}
     * @param rows may be kept
     */
    void chunk(StagedChunk chunk, byte[] directory, byte[] rows);
  }

  /**
   * Reads chunks of one relation.
   *
   * @param chunks in order; they exist as long as somebody needs them
   * @throws SQLException if the server cannot be asked, or a chunk is gone
   */
  public void read(List<StagedChunk> chunks, Visitor visitor) throws SQLException {
    if (chunks.isEmpty()) {
      return;
    }
    try (Connection session = connections.open()) {
      try (Statement statement = session.createStatement()) {
        statement.execute("SET statement_timeout = 0");
      }
      boolean done = false;
      try {
        for (int from = 0; from < chunks.size(); ) {
          int to = from;
          while (to < chunks.size()
              && chunks.get(to).generation() == chunks.get(from).generation()) {
            to++;
          }
          readGeneration(session, chunks.subList(from, to), visitor);
          from = to;
        }
        done = true;
      } finally {
        if (!done) {
          session.abort(Runnable::run);
        }
      }
    }
  }

  private static void readGeneration(Connection session, List<StagedChunk> chunks, Visitor visitor)
      throws SQLException {
    StagedChunk first = chunks.getFirst();
    StagedChunk last = chunks.getLast();
    String query =
        """
        COPY (SELECT batch, number, transactions, rows FROM freshet.staged_%d
              WHERE relation = %s AND (batch, number) >= (%d, %d) AND (batch, number) <= (%d, %d)
              ORDER BY batch, number) TO STDOUT (FORMAT binary)\
        """
            .formatted(
                first.generation(),
                Integer.toUnsignedString(first.relation()),
                first.batch(),
                first.number(),
                last.batch(),
                last.number());
    int next = 0;
    try (DataInputStream in = ChunkRows.open(session, query)) {
      while (!ChunkRows.isEnd(in.readShort())) {
        long batch = ChunkRows.longField(in);
        int number = ChunkRows.intField(in);
        byte[] directory = ChunkRows.bytesField(in);
        byte[] rows = ChunkRows.bytesField(in);
        StagedChunk wanted = chunks.get(Math.min(next, chunks.size() - 1));
        if (next < chunks.size() && wanted.batch() == batch && wanted.number() == number) {
          visitor.chunk(wanted, directory, rows);
          next++;
        }
      }
    } catch (IOException e) {
      throw ChunkRows.unreadable(e);
    }
    if (next < chunks.size()) {
      throw new SQLException(
          "chunk %d/%d of freshet.staged_%d is gone"
              .formatted(chunks.get(next).batch(), chunks.get(next).number(), first.generation()));
    }
  }
}
