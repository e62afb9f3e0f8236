package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.pgoutput.WireBytes;
import dev.freshet.cdc.staging.StagedChunk;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Packs the row logs of one relation, given in commit order, into chunks.
 *
 * <p>A chunk ends where the layout changes or a megabyte is reached. A truncation, and rows that
 * were given up, are chunks of their own.
 */
final class ChunkPacker {
  private static final int CHUNK_BYTES = 1 << 20;

  private final Snapshot clock;
  private final List<StagedChunk.Draft> drafts = new ArrayList<>();
  private final List<RowLayout> layouts = new ArrayList<>();
  private final Map<RowLayout, byte[]> encoded = new IdentityHashMap<>();

  // The chunk that is being filled.
  private ByteArrayOutputStream rows = new ByteArrayOutputStream();
  private ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private TransactionRows.@org.jspecify.annotations.Nullable Taken first;
  private RowLayout layout = LayoutCodec.none(0, "");
  private boolean continues;
  private boolean lacksOldRows;
  private boolean lacksValues;
  private long changes;

  /** Widens transaction ids by {@code clock}, taken after they were received. */
  ChunkPacker(Snapshot clock) {
    this.clock = clock;
  }

  /** Appends what one transaction did to the relation, or a part of it. */
  void add(TransactionRows.Taken taken) {
    long uncounted = taken.changes();
    boolean begun = taken.continues();
    for (RowLog log : taken.logs()) {
      for (int page = 0; page < log.pageCount(); page++) {
        if (first == null || layout != log.layout() || rows.size() >= CHUNK_BYTES) {
          close();
          open(taken, log.layout(), begun);
        }
        lacksOldRows |= log.lacksOldRows();
        lacksValues |= log.lacksValues();
        rows.write(log.page(page), log.pageStart(page), log.pageEnd(page) - log.pageStart(page));
        entry(taken);
        changes += uncounted;
        uncounted = 0;
        begun = true;
      }
    }
    if (taken.truncated() || taken.dropped()) {
      close();
      open(taken, LayoutCodec.none(taken.relation(), taken.relationName()), begun);
      entry(taken);
      changes = uncounted;
      close(taken.truncated() ? StagedChunk.Content.TRUNCATED : StagedChunk.Content.DROPPED, taken);
    }
  }

  private void open(TransactionRows.Taken taken, RowLayout next, boolean begun) {
    first = taken;
    layout = next;
    continues = begun;
  }

  private void entry(TransactionRows.Taken taken) {
    byte[] entry = new byte[StagedChunk.ENTRY_BYTES];
    WireBytes.putLong(entry, 0, clock.widen(taken.transaction().xid()));
    WireBytes.putLong(entry, 8, taken.transaction().commitLsn().position());
    WireBytes.putInt(entry, 16, rows.size());
    directory.writeBytes(entry);
  }

  private void close() {
    TransactionRows.Taken begun = first;
    if (begun != null) {
      close(StagedChunk.Content.of(lacksOldRows, lacksValues), begun);
    }
  }

  private void close(StagedChunk.Content content, TransactionRows.Taken begun) {
    drafts.add(
        new StagedChunk.Draft(
            begun.relation(),
            content,
            begun.transaction().commitLsn(),
            begun.transaction().commitTime(),
            changes,
            continues,
            encoded.computeIfAbsent(layout, LayoutCodec::encode),
            directory.toByteArray(),
            rows.toByteArray()));
    layouts.add(layout);
    rows = new ByteArrayOutputStream();
    directory = new ByteArrayOutputStream();
    first = null;
    lacksOldRows = false;
    lacksValues = false;
    changes = 0;
  }

  /** The chunks of all that was added. */
  List<StagedChunk.Draft> finish() {
    close();
    return drafts;
  }

  /** For each chunk its layout. */
  List<RowLayout> layouts() {
    return layouts;
  }
}
