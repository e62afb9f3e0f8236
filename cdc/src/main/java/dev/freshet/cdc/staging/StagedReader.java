package dev.freshet.cdc.staging;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.DataInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of staged chunks, one chunk at a time and in order. Each reading that has to ask
 * the server has a connection of its own, so that readers and the writer do not wait for each
 * other.
 *
 * <p>What was written or read last stays in memory within a bound: changes that were staged because
 * they held back the log are mostly read soon, by one stream table after another.
 */
public final class StagedReader {
  private final StagingConnections connections;
  private final long keptBytes;
  private final Cache<Place, Content> kept;

  private record Place(int generation, long batch, int number) {
    static Place of(StagedChunk chunk) {
      return new Place(chunk.generation(), chunk.batch(), chunk.number());
    }
  }

  private record Content(byte[] directory, byte[] rows) {
    int bytes() {
      return directory.length + rows.length;
    }
  }

  /**
   * @param keptBytes of chunks that may stay in memory; 0 for none
   */
  public StagedReader(StagingConnections connections, long keptBytes) {
    this.connections = connections;
    this.keptBytes = keptBytes;
    this.kept =
        Caffeine.newBuilder()
            .maximumWeight(keptBytes)
            .weigher((Place _, Content content) -> content.bytes())
            .executor(Runnable::run)
            .build();
  }

  /** Keeps in memory what was just written, as far as there is room. */
  public void keep(StagedChunk chunk, StagedChunk.Draft draft) {
    kept.put(Place.of(chunk), new Content(draft.directory(), draft.rows()));
  }

  /** Gives up what is kept of a generation that nobody needs any more. */
  public void forget(int generation) {
    kept.asMap().keySet().removeIf(place -> place.generation() == generation);
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
    List<Optional<Content>> found =
        chunks.stream().map(c -> Optional.ofNullable(kept.getIfPresent(Place.of(c)))).toList();
    // What does not fit as a whole would be gone when it is read again.
    boolean fits = chunks.stream().mapToLong(StagedChunk::bytes).sum() <= keptBytes;
    try (Session session = new Session()) {
      for (int from = 0; from < chunks.size(); ) {
        StagedChunk chunk = chunks.get(from);
        if (found.get(from).isPresent()) {
          Content content = found.get(from).get();
          visitor.chunk(chunk, content.directory(), content.rows());
          from++;
          continue;
        }
        int to = from + 1;
        while (to < chunks.size()
            && found.get(to).isEmpty()
            && chunks.get(to).generation() == chunk.generation()) {
          to++;
        }
        fetch(session.connection(), chunks.subList(from, to), fits, visitor);
        from = to;
      }
      session.done();
    }
  }

  /** A connection that is opened when it is first needed, and given up where reading failed. */
  private final class Session implements AutoCloseable {
    private @Nullable Connection connection;
    private boolean done;

    Connection connection() throws SQLException {
      Connection open = connection;
      if (open == null) {
        open = connections.open();
        connection = open;
        try (Statement statement = open.createStatement()) {
          statement.execute("SET statement_timeout = 0");
        }
      }
      return open;
    }

    void done() {
      done = true;
    }

    @Override
    public void close() throws SQLException {
      Connection open = connection;
      if (open != null) {
        try (open) {
          if (!done) {
            open.abort(Runnable::run);
          }
        }
      }
    }
  }

  /** Reads chunks that follow each other in one generation. */
  private void fetch(Connection session, List<StagedChunk> chunks, boolean keep, Visitor visitor)
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
        var content = new Content(ChunkRows.bytesField(in), ChunkRows.bytesField(in));
        StagedChunk wanted = chunks.get(Math.min(next, chunks.size() - 1));
        if (next < chunks.size() && wanted.batch() == batch && wanted.number() == number) {
          if (keep) {
            kept.put(Place.of(wanted), content);
          }
          visitor.chunk(wanted, content.directory(), content.rows());
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
