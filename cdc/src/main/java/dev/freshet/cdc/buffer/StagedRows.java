package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.pgoutput.WireBytes;
import dev.freshet.cdc.staging.StagedChunk;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A chunk of rows that lies in the database, and how to read those that belong to a window.
 *
 * @param receivedBy a position behind the commit records of its transactions
 */
record StagedRows(StagedChunk chunk, RowLayout layout, Lsn receivedBy) {
  private static final Lsn UNKNOWN = new Lsn(-1);

  /**
   * Chunks of an earlier process; equal layouts become one. Nothing is known of when they were
   * received: whoever is not filled yet needs them.
   */
  static List<StagedRows> of(List<StagedChunk> chunks) {
    Map<ByteBuffer, RowLayout> layouts = new HashMap<>();
    return chunks.stream()
        .map(
            chunk ->
                new StagedRows(
                    chunk,
                    layouts.computeIfAbsent(
                        ByteBuffer.wrap(chunk.layout()), _ -> LayoutCodec.decode(chunk.layout())),
                    UNKNOWN))
        .toList();
  }

  /** Row changes between two snapshots: all of the chunk's, or a share by transactions. */
  long changes(Snapshot from, Snapshot upTo) {
    return share(chunk.transactions().countBetween(from, upTo));
  }

  /** Row changes that {@code from} does not see. */
  long changes(Snapshot from) {
    return share(chunk.transactions().countUnseenBy(from));
  }

  private long share(int transactions) {
    int all = chunk.transactions().size();
    return transactions == all
        ? chunk.changes()
        : transactions == 0 ? 0 : Math.max(1, chunk.changes() * transactions / all);
  }

  /** Transactions that {@code from} does not see and that began in this chunk. */
  long transactions(Snapshot from) {
    int unseen = chunk.transactions().countUnseenBy(from);
    return unseen > 0 && chunk.continues() ? unseen - 1 : unseen;
  }

  /**
   * Hands over the images of the transactions between two snapshots, adjacent ones as one log.
   *
   * @param directory of the chunk
   * @param rows of the chunk
   */
  void logs(
      Snapshot from, Snapshot upTo, byte[] directory, byte[] rows, Consumer<RowLog> consumer) {
    int start = 0;
    int end = 0;
    for (int at = 0; at < directory.length; at += StagedChunk.ENTRY_BYTES) {
      long xid = WireBytes.getLong(directory, at);
      int next = WireBytes.getInt(directory, at + 16);
      if (!upTo.sees(xid) || from.sees(xid)) {
        hand(rows, start, end, consumer);
        start = next;
      }
      end = next;
    }
    hand(rows, start, end, consumer);
  }

  private void hand(byte[] rows, int start, int end, Consumer<RowLog> consumer) {
    if (end > start) {
      consumer.accept(
          RowLog.over(
              layout,
              rows,
              start,
              end,
              chunk.content().lacksOldRows(),
              chunk.content().lacksValues()));
    }
  }
}
