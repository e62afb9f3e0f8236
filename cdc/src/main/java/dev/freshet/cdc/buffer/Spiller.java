package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.buffer.Handover.Part;
import dev.freshet.cdc.buffer.TransactionRows.Taken;
import dev.freshet.cdc.staging.StagedChunk;
import dev.freshet.cdc.staging.StagedReader;
import dev.freshet.cdc.staging.StagingOptions;
import dev.freshet.cdc.staging.StagingStore;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves changes from memory to staging tables, on a thread and a connection of its own.
 *
 * <p>What is staged precedes everything in memory, and is in the buffer before its rows leave
 * memory:
 *
 * <pre>
 * all changes = staged ++ in memory ++ the transaction that is being received
 * </pre>
 *
 * <p>The reading thread waits for room only as long as staging makes progress. Where staging fails
 * (disk full, a privilege, the connection) it is tried again after a pause, and until then the
 * buffer does without.
 */
final class Spiller implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Spiller.class);

  /**
   * Row images per batch. Larger transactions of ours would be spilled to disk by the server when
   * it decodes them (logical_decoding_work_mem, 64 MB by default).
   */
  private static final long BATCH_BYTES = 8L << 20;

  private static final long MAX_TICK_MILLIS = 500;
  private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
  private static final long MAX_PAUSE_NANOS = 30_000_000_000L;
  private static final long STOP_PATIENCE_MILLIS = 2_000;

  private final ChangeBuffer buffer;
  private final StagingOptions options;
  private final StagingStore store;
  private final StagedReader reader;
  private final StagedGenerations generations;
  private final Handover handover;
  private final long tickMillis;
  private @Nullable Thread thread;

  // Of the spiller's thread.
  private long retryAt;
  private long pauseNanos = FIRST_PAUSE_NANOS;
  private boolean prepared;

  /** Whether parts of a transaction are staged that has more of them. */
  private boolean batchIsOpen;

  Spiller(ChangeBuffer buffer, StagingOptions options, StagedGenerations generations) {
    this.buffer = buffer;
    this.options = options;
    this.generations = generations;
    this.handover = new Handover(options.patience().toNanos());
    this.tickMillis = Math.clamp(options.maxAge().toMillis() / 2, 1, MAX_TICK_MILLIS);
    this.store = new StagingStore(options.connections());
    this.reader = new StagedReader(options.connections(), options.keptBytes());
  }

  StagedReader reader() {
    return reader;
  }

  /** For the reading thread. */
  Handover handover() {
    return handover;
  }

  /** Takes up what an earlier process has staged, and begins. */
  Lsn start() throws SQLException {
    StagingStore.Loaded loaded = store.load();
    store.generations().forEach(generations::know);
    buffer.recover(StagedRows.of(loaded.chunks()));
    thread = Thread.ofPlatform().name("freshet-staging").daemon().start(this::run);
    return loaded.upTo();
  }

  /** Whether anything is staged, as far as is known. */
  boolean works() {
    return options.writes() && handover.failure().isEmpty();
  }

  /** Whether a transaction in progress with so many bytes is to be staged in parts. */
  boolean isTooLarge(long bytes) {
    return bytes > options.maxTransactionBytes() && works();
  }

  private void run() {
    while (true) {
      Optional<Part> part = handover.next(tickMillis);
      if (handover.isStopped()) {
        return;
      }
      if (handover.failure().isPresent() && System.nanoTime() < retryAt) {
        part.ifPresent(this::lose);
        continue;
      }
      try {
        work(part);
        recovered();
      } catch (SQLException | RuntimeException | OutOfMemoryError e) {
        part.ifPresent(this::lose);
        failed(e);
      }
    }
  }

  private void work(Optional<Part> part) throws SQLException {
    if (options.writes() && !prepared) {
      store.prepare();
      prepared = true;
    }
    if (!batchIsOpen && (part.isPresent() || isPressing() || isHeldTooLong())) {
      store.requireAlive();
    }
    if (part.isPresent()) {
      stage(part.get());
      return;
    }
    if (options.writes()) {
      stageWhatWaits();
    }
    generations.dropUnneeded(store, reader);
  }

  private void stageWhatWaits() throws SQLException {
    boolean pressing = isPressing();
    while (pressing ? buffer.bufferedBytes() > buffer.limitBytes() / 4 : isHeldTooLong()) {
      if (!stageOldest() || handover.isCalling()) {
        break;
      }
    }
  }

  private boolean isPressing() {
    return buffer.bufferedBytes() > buffer.limitBytes() / 2;
  }

  private boolean isHeldTooLong() {
    ChangeBuffer.Held held = buffer.held();
    return held.logBytes() > options.maxHeldBytes()
        || (held.logBytes() >= options.minHeldBytes()
            && held.ageNanos() > options.maxAge().toNanos());
  }

  /** Stages the oldest transactions in memory; false if there are none. */
  private boolean stageOldest() throws SQLException {
    ChangeBuffer.Oldest oldest = buffer.oldest(BATCH_BYTES);
    if (oldest.rows().isEmpty()) {
      return false;
    }
    Packed packed = pack(oldest.rows().values());
    List<StagedChunk> written =
        store.finish(store.newBatch(), 0, packed.drafts(), oldest.lastCommit());
    written.forEach(chunk -> generations.know(chunk.generation()));
    if (!isPressing()) {
      packed.keep(written, reader);
    }
    buffer.staged(packed.rows(written, oldest.lastCommit()), oldest.lastCommit());
    handover.progressed(0);
    return true;
  }

  private void stage(Part part) throws SQLException {
    Spill spill = part.spill();
    if (handover.isOpen(spill)) {
      write(part, spill);
    } else if (spill.batch().isPresent()) {
      store.abandon(spill.batch().get());
      ended(spill);
    }
    handover.progressed(part.bytes());
  }

  private void write(Part part, Spill spill) throws SQLException {
    if (spill.batch().isEmpty()) {
      while (stageOldest()) {
        log.trace("made room for {}", spill.transaction().commitLsn());
      }
      spill.batch(store.newBatch());
      batchIsOpen = true;
      generations.begin();
    }
    Packed packed = pack(part.rows().stream().map(List::of).toList());
    long batch = spill.batch().get();
    int number = spill.chunks().size();
    Lsn commit = spill.transaction().commitLsn();
    List<StagedChunk> written =
        part.last()
            ? store.finish(batch, number, packed.drafts(), commit)
            : store.append(batch, number, packed.drafts());
    written.forEach(chunk -> generations.know(chunk.generation()));
    spill.add(packed.rows(written, commit));
    if (part.last()) {
      handover.staged(spill, () -> buffer.publish(spill.chunks()));
      ended(spill);
    }
  }

  private void ended(Spill spill) {
    if (spill.batch().isPresent()) {
      spill.noBatch();
      batchIsOpen = false;
      generations.end();
    }
  }

  private record Packed(List<StagedChunk.Draft> drafts, List<RowLayout> layouts) {
    List<StagedRows> rows(List<StagedChunk> written, Lsn lastCommit) {
      List<StagedRows> rows = new ArrayList<>(written.size());
      for (int i = 0; i < written.size(); i++) {
        rows.add(new StagedRows(written.get(i), layouts.get(i), lastCommit));
      }
      return rows;
    }

    void keep(List<StagedChunk> written, StagedReader reader) {
      for (int i = 0; i < written.size(); i++) {
        reader.keep(written.get(i), drafts.get(i));
      }
    }
  }

  /** One list for each relation. */
  private Packed pack(Iterable<List<Taken>> relations) throws SQLException {
    long xmax = store.nextTransaction();
    Snapshot clock = Snapshot.parse(xmax + ":" + xmax + ":");
    List<StagedChunk.Draft> drafts = new ArrayList<>();
    List<RowLayout> layouts = new ArrayList<>();
    for (List<Taken> rows : relations) {
      ChunkPacker packer = new ChunkPacker(clock);
      rows.forEach(packer::add);
      drafts.addAll(packer.finish());
      layouts.addAll(packer.layouts());
    }
    return new Packed(drafts, layouts);
  }

  private void lose(Part part) {
    handover.lose(part);
    ended(part.spill());
  }

  private void failed(Throwable e) {
    retryAt = System.nanoTime() + pauseNanos;
    pauseNanos = Math.min(pauseNanos * 2, MAX_PAUSE_NANOS);
    prepared = false;
    store.close();
    String reason =
        e instanceof SQLException sql ? sql.getSQLState() + " " + sql.getMessage() : e.toString();
    if (handover.failed(reason)) {
      log.error(
          "Changes cannot be staged ({}): until they can, stream tables whose changes do not fit"
              + " into memory are refreshed in full",
          reason);
    }
  }

  private void recovered() {
    if (handover.recovered()) {
      log.info("Changes can be staged again");
      pauseNanos = FIRST_PAUSE_NANOS;
    }
  }

  @Override
  public void close() {
    handover.stop();
    Thread running = thread;
    if (running != null) {
      try {
        running.join(STOP_PATIENCE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    store.close();
  }
}
