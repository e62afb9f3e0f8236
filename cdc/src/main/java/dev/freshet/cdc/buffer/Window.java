package dev.freshet.cdc.buffer;

import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.pgoutput.RelationSchema;
import dev.freshet.cdc.staging.StagedChunk;
import dev.freshet.cdc.staging.StagedReader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The changes of one relation that lie between two snapshots, in commit order: those that are
 * staged, then those in memory. The staged ones are read while they are walked through.
 */
final class Window {
  private static final int TEXT_OID = 25;

  /** Staged changes say little about how many rows a delta will have. */
  private static final int EXPECTED_OF_STAGED = 1 << 12;

  /** The staged part. */
  private record Staged(
      List<StagedRows> chunks, Snapshot from, Snapshot upTo, StagedReader reader) {}

  private final Optional<Staged> staged;
  private final List<TransactionRows> transactions;
  private final List<RowLog> logs;
  private final long changes;
  private final long budgetBytes;

  private Window(
      Optional<Staged> staged,
      List<TransactionRows> transactions,
      List<RowLog> logs,
      long changes,
      long budgetBytes) {
    this.staged = staged;
    this.transactions = transactions;
    this.logs = logs;
    this.changes = changes;
    this.budgetBytes = budgetBytes;
  }

  /**
   * Takes hold of the logs.
   *
   * @throws UnknowableDeltaException if a transaction truncated the relation or lost its rows
   */
  static Window of(List<TransactionRows> transactions) {
    List<RowLog> logs = new ArrayList<>(transactions.size());
    long changes = 0;
    for (TransactionRows rows : transactions) {
      if (rows.truncated()) {
        throw truncated(rows.relationName(), rows.transaction().commitLsn());
      }
      logs.addAll(rows.logs());
      changes += rows.changes();
      if (rows.dropped()) {
        throw dropped(rows.relationName(), rows.changes(), rows.transaction().commitLsn());
      }
    }
    return new Window(Optional.empty(), List.copyOf(transactions), logs, changes, Long.MAX_VALUE);
  }

  /** The same changes as the rows of another log; nothing may be staged. */
  Window with(RowLog log) {
    return new Window(Optional.empty(), transactions, List.of(log), changes, budgetBytes);
  }

  /**
   * This window with what is staged in front of it.
   *
   * @param chunks those with some transaction between {@code from} and {@code upTo}
   * @param budget memory that a delta may take
   */
  Window after(
      List<StagedRows> chunks, Snapshot from, Snapshot upTo, StagedReader reader, long budget) {
    long all = changes;
    for (StagedRows rows : chunks) {
      StagedChunk chunk = rows.chunk();
      String name = rows.layout().schema().qualifiedName();
      switch (chunk.content()) {
        case TRUNCATED -> throw truncated(name, chunk.firstCommit());
        case DROPPED -> throw dropped(name, chunk.changes(), chunk.firstCommit());
        case ROWS, ROWS_WITHOUT_OLD, ROWS_WITHOUT_VALUES, ROWS_WITHOUT_EITHER ->
            all += rows.changes(from, upTo);
      }
    }
    return new Window(
        Optional.of(new Staged(chunks, from, upTo, reader)), transactions, logs, all, budget);
  }

  private static UnknowableDeltaException truncated(String relation, Lsn commit) {
    return new UnknowableDeltaException(
        "%s was truncated by the transaction committed at %s".formatted(relation, commit));
  }

  private static UnknowableDeltaException dropped(String relation, long changes, Lsn commit) {
    return new UnknowableDeltaException(
        "changes of %s exceeded cdc.buffer.max-memory (%d row changes committed at %s dropped)"
            .formatted(relation, changes, commit));
  }

  /** The transactions in memory. */
  List<TransactionRows> transactions() {
    return transactions;
  }

  /** Walks through all rows. */
  void forEachLog(Consumer<RowLog> consumer) {
    forEachStagedLog(consumer);
    forEachMemoryLog(consumer);
  }

  List<RowLog> memoryLogs() {
    return Collections.unmodifiableList(logs);
  }

  void forEachMemoryLog(Consumer<RowLog> consumer) {
    logs.forEach(consumer);
  }

  /**
   * Walks through the staged rows, a chunk at a time.
   *
   * @throws UnknowableDeltaException if they cannot be read
   */
  void forEachStagedLog(Consumer<RowLog> consumer) {
    if (staged.isEmpty()) {
      return;
    }
    Staged part = staged.get();
    Map<StagedChunk, StagedRows> byChunk = new IdentityHashMap<>();
    part.chunks().forEach(rows -> byChunk.put(rows.chunk(), rows));
    try {
      part.reader()
          .read(
              part.chunks().stream().map(StagedRows::chunk).toList(),
              (chunk, directory, rows) ->
                  Objects.requireNonNull(byChunk.get(chunk))
                      .logs(part.from(), part.upTo(), directory, rows, consumer));
    } catch (SQLException e) {
      throw new UnknowableDeltaException("staged changes cannot be read: " + e.getMessage());
    }
  }

  /** Whether a delta that holds {@code bytes} is within its budget; without a staged part it is. */
  boolean fits(long bytes) {
    return bytes <= budgetBytes;
  }

  /**
   * @throws UnknowableDeltaException if it does not fit
   */
  void requireFits(long bytes) {
    if (!fits(bytes)) {
      throw UnknowableDeltaException.beyondMemory(budgetBytes);
    }
  }

  long changes() {
    return changes;
  }

  /** Rows that a delta may have: as many as there are images in memory, and some staged ones. */
  int expectedRows() {
    long sum = staged.isPresent() ? EXPECTED_OF_STAGED : 0;
    for (RowLog log : logs) {
      sum += log.imageCount();
    }
    return (int) Math.min(sum, 1 << 28);
  }

  /**
   * The type of a column, which must be the same in all logs. A column that no log carries (virtual
   * generated ones never are) is described as text.
   */
  DeltaRows.Column describe(String name) {
    DeltaRows.Column found = null;
    RowLayout last = null;
    for (RowLayout layout : layouts()) {
      int position = layout == last ? -1 : layout.positionOf(name);
      last = layout;
      if (position < 0) {
        continue;
      }
      RelationSchema.Column column = layout.column(position);
      if (found == null) {
        found = new DeltaRows.Column(name, column.typeOid(), column.typeModifier(), true);
      } else if (found.typeOid() != column.typeOid()) {
        throw new UnknowableDeltaException(
            "column %s of %s changed its type between two changes"
                .formatted(name, layout.schema().qualifiedName()));
      }
    }
    return found == null ? new DeltaRows.Column(name, TEXT_OID, -1, false) : found;
  }

  private List<RowLayout> layouts() {
    List<RowLayout> layouts = new ArrayList<>();
    staged.ifPresent(part -> part.chunks().forEach(rows -> layouts.add(rows.layout())));
    logs.forEach(log -> layouts.add(log.layout()));
    return layouts;
  }

  /** Positions of {@code columns} in rows of {@code log}; −1 for those it does not carry. */
  static int[] positions(RowLog log, List<String> columns) {
    return columns.stream().mapToInt(log.layout()::positionOf).toArray();
  }

  /**
   * Positions of {@code columns}, all of which the log must carry.
   *
   * @throws UnknowableDeltaException naming the column that is not there
   */
  static int[] allPositions(RowLog log, List<String> columns) {
    int[] positions = positions(log, columns);
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] < 0) {
        throw new UnknowableDeltaException(
            "column %s of %s is not in the log"
                .formatted(columns.get(i), log.layout().schema().qualifiedName()));
      }
    }
    return positions;
  }

  /** How the view's sums are added up. */
  List<SumType> sumTypes(DeltaView.Reduced view) {
    List<SumType> types = new ArrayList<>(view.sums().size());
    for (String column : view.sums()) {
      types.add(SumType.of(column, describe(column).typeOid()));
    }
    return types;
  }
}
