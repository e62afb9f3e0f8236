package dev.freshet.cdc.staging;

import static dev.freshet.cdc.staging.StagingSql.DIRECTORY;
import static dev.freshet.cdc.staging.StagingSql.GENERATION;
import static dev.freshet.cdc.staging.StagingSql.LOCK;
import static dev.freshet.cdc.staging.StagingSql.execute;
import static dev.freshet.cdc.staging.StagingSql.exists;
import static dev.freshet.cdc.staging.StagingSql.number;
import static dev.freshet.cdc.staging.StagingSql.removeUnfinished;

import dev.freshet.cdc.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes chunks to the staging tables of schema {@code freshet} and drops them by generation.
 *
 * <p>Used by one thread; reading is {@link StagedReader}'s. Every method is a transaction of its
 * own, flushed when it returns. After an error the connection is given up, and the next call
 * removes whatever the failed one may have left: a commit whose answer was lost must not count,
 * since its rows are staged again under another batch. For the same reason a process that was taken
 * over from, and does not know, can write no more: batch 0 names the owner.
 */
public final class StagingStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StagingStore.class);

  /** From this many bytes on the next batch begins a new generation. */
  static final long GENERATION_BYTES = 256L << 20;

  /** How long a session that was idle may take to answer. */
  private static final int ALIVE_SECONDS = 2;

  private final StagingConnections connections;
  private final UUID owner = UUID.randomUUID();
  private @Nullable Connection connection;
  private int backend;
  private long acknowledged;
  private long nextBatch = 1;
  private int lastGeneration;
  private long generationBytes = GENERATION_BYTES;

  /** A store on which nothing is known of earlier batches until {@link #load}. */
  public StagingStore(StagingConnections connections) {
    this.connections = connections;
  }

  /**
   * What an earlier process staged.
   *
   * @param upTo commit position of the last transaction that is staged, ZERO if none is
   */
  public record Loaded(List<StagedChunk> chunks, Lsn upTo) {}

  /**
   * Takes over: removes batches that were not finished and lists the chunks of all others, in
   * order.
   */
  public Loaded load() throws SQLException {
    return run(
        session -> {
          if (!exists(session)) {
            if (!StagingSql.mayCreate(session)) {
              return new Loaded(List.of(), Lsn.ZERO);
            }
            execute(session, DIRECTORY);
          }
          execute(session, LOCK);
          execute(
              session,
              "INSERT INTO freshet.staging VALUES (0, 0, '0/0', '%1$s')".formatted(owner)
                  + " ON CONFLICT (batch) DO UPDATE SET owner = excluded.owner");
          List<StagedChunk> chunks = new ArrayList<>();
          for (int generation : StagingSql.generations(session)) {
            removeUnfinished(session, generation);
            ChunkRows.list(session, generation, chunks);
            lastGeneration = generation;
          }
          generationBytes = GENERATION_BYTES;
          acknowledged =
              number(session, "SELECT coalesce(max(batch), 0) FROM freshet.staging").longValue();
          nextBatch = acknowledged + 1;
          return new Loaded(chunks, StagingSql.lastCommit(session));
        });
  }

  /** A number for the next batch. */
  public long newBatch() {
    return nextBatch++;
  }

  /** The next transaction id that the server will give out: widens ids of 32 bits. */
  public long nextTransaction() throws SQLException {
    return run(
        session ->
            number(session, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
                .longValue());
  }

  /**
   * Writes a part of a batch, which does not count yet.
   *
   * @param firstNumber the number of the first chunk within the batch
   */
  public List<StagedChunk> append(long batch, int firstNumber, List<StagedChunk.Draft> drafts)
      throws SQLException {
    return run(session -> append(session, batch, firstNumber, drafts));
  }

  /**
   * Writes the last part of a batch. Once this returns the batch is durable.
   *
   * @param lastCommit commit position of its last transaction
   */
  public List<StagedChunk> finish(
      long batch, int firstNumber, List<StagedChunk.Draft> drafts, Lsn lastCommit)
      throws SQLException {
    List<StagedChunk> written =
        run(
            session -> {
              List<StagedChunk> chunks = append(session, batch, firstNumber, drafts);
              execute(
                  session,
                  "INSERT INTO freshet.staging VALUES (%d, %d, '%s', '%s')"
                      .formatted(batch, lastGeneration, lastCommit, owner));
              return chunks;
            });
    acknowledged = batch;
    return written;
  }

  private List<StagedChunk> append(
      Connection session, long batch, int firstNumber, List<StagedChunk.Draft> drafts)
      throws SQLException {
    lock(session);
    if (generationBytes >= GENERATION_BYTES) {
      execute(session, GENERATION.formatted(lastGeneration + 1));
      lastGeneration++;
      generationBytes = 0;
    }
    List<StagedChunk> chunks =
        ChunkRows.copyIn(session, lastGeneration, batch, firstNumber, drafts);
    chunks.forEach(chunk -> generationBytes += chunk.bytes());
    return chunks;
  }

  /** Removes what was written of a batch that will not be finished. */
  public void abandon(long batch) throws SQLException {
    run(
        session -> {
          lock(session);
          for (int generation : StagingSql.generations(session)) {
            execute(
                session,
                "DELETE FROM freshet.staged_%d WHERE batch = %d".formatted(generation, batch));
          }
          return batch;
        });
  }

  /** The generation that is written to; 0 if the next batch begins one. */
  public int currentGeneration() {
    return generationBytes < GENERATION_BYTES ? lastGeneration : 0;
  }

  /** Bytes written to the current generation. */
  public long currentBytes() {
    return currentGeneration() == 0 ? 0 : generationBytes;
  }

  /**
   * Drops a generation that nobody needs.
   *
   * @param lowestNeeded the oldest generation that somebody still needs
   */
  public void drop(int generation, int lowestNeeded) throws SQLException {
    run(
        session -> {
          lock(session);
          execute(session, "SET LOCAL lock_timeout = '500ms'");
          execute(session, "DROP TABLE IF EXISTS freshet.staged_" + generation);
          execute(
              session,
              "DELETE FROM freshet.staging WHERE batch > 0 AND last_generation < " + lowestNeeded);
          return generation;
        });
    if (generation == lastGeneration) {
      generationBytes = GENERATION_BYTES;
    }
    log.debug("Dropped staged generation {}", generation);
  }

  /** The numbers of the generations that exist, ascending. */
  public List<Integer> generations() throws SQLException {
    return run(session -> exists(session) ? StagingSql.generations(session) : List.of());
  }

  /**
   * Removes everything that is staged: the changes belong to another history of the database.
   *
   * @param session in autocommit mode
   * @return how many generations there were
   */
  public static int discard(Connection session) throws SQLException {
    if (!exists(session)) {
      return 0;
    }
    List<Integer> generations = StagingSql.generations(session);
    for (int generation : generations) {
      execute(session, "DROP TABLE freshet.staged_" + generation);
    }
    execute(session, "TRUNCATE freshet.staging");
    return generations.size();
  }

  private interface Work<T> {
    T on(Connection session) throws SQLException;
  }

  private <T> T run(Work<T> work) throws SQLException {
    Connection session = session();
    int generationBefore = lastGeneration;
    long bytesBefore = generationBytes;
    boolean done = false;
    try {
      T result = work.on(session);
      session.commit();
      done = true;
      return result;
    } finally {
      if (!done) {
        lastGeneration = generationBefore;
        generationBytes = bytesBefore;
        close();
      }
    }
  }

  private Connection session() throws SQLException {
    Connection known = connection;
    if (known != null) {
      return known;
    }
    Connection opened = connections.open();
    try {
      opened.setAutoCommit(false);
      if (backend != 0) {
        number(opened, "SELECT pg_terminate_backend(%d)::int".formatted(backend));
        opened.commit();
      }
      reconcile(opened);
      backend = number(opened, "SELECT pg_backend_pid()").intValue();
      opened.commit();
    } catch (SQLException e) {
      opened.close();
      throw e;
    }
    connection = opened;
    return opened;
  }

  /** Removes what a session of before may have committed without our knowing. */
  private void reconcile(Connection opened) throws SQLException {
    if (backend == 0) {
      return;
    }
    claim(opened);
    execute(opened, "DELETE FROM freshet.staging WHERE batch > " + acknowledged);
    for (int generation : StagingSql.generations(opened)) {
      removeUnfinished(opened, generation);
      if (generation > lastGeneration) {
        lastGeneration = generation;
        generationBytes = GENERATION_BYTES;
      }
    }
  }

  /** Makes sure that the directory exists; before the first batch of a process. */
  public void prepare() throws SQLException {
    run(
        session -> {
          claim(session);
          return true;
        });
  }

  private void claim(Connection session) throws SQLException {
    execute(session, DIRECTORY);
    execute(
        session,
        "INSERT INTO freshet.staging VALUES (0, 0, '0/0', '%s') ON CONFLICT DO NOTHING"
            .formatted(owner));
    lock(session);
  }

  /**
   * @throws SQLException 55006 if another process has taken over
   */
  private void lock(Connection session) throws SQLException {
    execute(session, LOCK);
    try (Statement statement = session.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT owner FROM freshet.staging WHERE batch = 0")) {
      if (!row.next() || !owner.equals(row.getObject(1, UUID.class))) {
        throw new SQLException("another process has taken over the staging tables", "55006");
      }
    }
  }

  /**
   * Gives up a connection that died while nothing was staged, so that the next call opens another
   * instead of failing. Not while a batch is unfinished: a new session removes it.
   */
  public void requireAlive() throws SQLException {
    Connection known = connection;
    if (known == null) {
      return;
    }
    if (known.isValid(ALIVE_SECONDS)) {
      known.rollback();
    } else {
      close();
    }
  }

  /** Gives the connection up; the next call opens another. */
  @Override
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException e) {
        log.debug("Could not abort the staging connection", e);
      }
    }
  }
}
