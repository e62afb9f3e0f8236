package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.RowFilter;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Net effect of a window per key: the newest row, or that the key is gone.
 *
 * <p>Images are taken in commit order and within a transaction in log order; the last one decides.
 * That is right because the identity's unique index is checked row by row, so a key never has two
 * rows. Under replica identity FULL a deferred constraint allows that for a moment (two rows swap
 * keys); there the complete old rows tell, and what they cannot tell makes the delta incomplete:
 *
 * <pre>
 * −old where the window's own +new is another row    → another row left; the new one stays
 * +new where the window's own +new still stands      → ambiguous, incomplete
 * +new −old of the same row, nothing known before    → nothing happened
 * −old … +new equal in all columns of the view       → nothing happened
 * </pre>
 *
 * <p>A {@link RowFilter} drops a key only if the reader can have noticed it neither before nor
 * after. After: the key is gone, or its newest image fails. Before, at the frontier, from which the
 * window runs without a gap:
 *
 * <pre>
 * the first image is an insert, or the new key of a moved row  → the key had no row
 * the first image is a complete old row (identity FULL)        → that was the row; it must fail
 * the first image is a key alone, or an update without old row → not known: the key stays
 * </pre>
 *
 * <p>So under the default identity the key of an updated or deleted row is always shipped, be its
 * newest row of interest or not: the row before may have been counted. Where something is ambiguous
 * nothing is dropped.
 */
final class KeyedDelta {
  private static final int BOOLEAN_OID = 16;

  private static final byte UNTOUCHED = 0;
  private static final byte PRESENT = 1;
  private static final byte GONE = 2;
  private static final long NONE = -1;

  /** Staged pages are looked through for images that are still needed after so many bytes. */
  private static final long GATHER_BYTES = 4L << 20;

  private final DeltaView.Keyed view;
  private final boolean filters;
  private RowTable keys;
  private final Map<RowLayout, Source> sources = new IdentityHashMap<>();

  /** All pages of the window; an image is addressed by page number and offset. */
  private List<byte[]> pages = new ArrayList<>();

  private List<Source> sourceOfPage = new ArrayList<>();

  /** Bytes of pages that came since images were gathered, and of those gathered. */
  private long strewnBytes;

  private long gatheredBytes;

  private byte[] states;
  private boolean[] cameFirst;
  private long[] newest;
  private long[] oldest;
  private boolean ambiguous;

  /** One layout with the view's columns found in it. */
  private static final class Source {
    final RowLayout layout;
    final int[] columns;
    final int[] key;
    final RowReader reader;
    final RowReader left;
    final RowReader right;
    final ImageFilter filter;

    Source(RowLog log, DeltaView.Keyed view) {
      this.layout = log.layout();
      this.columns = Window.positions(log, view.columns());
      this.key = Window.allPositions(log, view.key());
      this.reader = new RowReader(log.layout());
      this.left = new RowReader(log.layout());
      this.right = new RowReader(log.layout());
      this.filter = new ImageFilter(view.filter(), log.layout());
    }

    /** Whether the log's old rows, where logged at all, carry the key. */
    boolean identityCoversKey() {
      for (int position : key) {
        if (!layout.column(position).key()) {
          return false;
        }
      }
      return true;
    }
  }

  private KeyedDelta(DeltaView.Keyed view, int expected) {
    this.view = view;
    this.filters = !view.filter().columns().isEmpty();
    this.keys = new RowTable(expected);
    int capacity = Math.max(16, expected);
    this.states = new byte[capacity];
    this.cameFirst = new boolean[capacity];
    this.newest = new long[capacity];
    this.oldest = new long[capacity];
  }

  static Delta of(DeltaView.Keyed view, Window window) {
    List<DeltaRows.Column> described = view.columns().stream().map(window::describe).toList();
    KeyedDelta delta = new KeyedDelta(view, window.expectedRows());
    window.forEachStagedLog(
        log -> {
          delta.add(log);
          delta.keepWithin(window);
        });
    window.forEachMemoryLog(delta::add);
    return delta.emit(described, window.changes());
  }

  private void add(RowLog log) {
    Source source = sources.computeIfAbsent(log.layout(), _ -> new Source(log, view));
    if (log.lacksOldRows() && !source.identityCoversKey()) {
      throw UnknowableDeltaException.oldRowMissing(log.layout());
    }
    RowReader reader = source.reader;
    for (int page = 0; page < log.pageCount(); page++) {
      byte[] bytes = log.page(page);
      long base = (long) pages.size() << 32;
      pages.add(bytes);
      sourceOfPage.add(source);
      int end = log.pageEnd(page);
      strewnBytes += end - log.pageStart(page);
      for (int at = log.pageStart(page); at < end; ) {
        long image = base | at;
        at = reader.read(bytes, at);
        for (int position : source.key) {
          keys.append(bytes, reader.start(position), reader.end(position));
        }
        int known = keys.size();
        int key = keys.intern();
        if (key == known) {
          first(key, image, reader.operation());
        } else if (reader.isNewRow()) {
          arrive(key, image, reader.operation());
        } else {
          leave(key, image, reader.operation());
        }
      }
    }
  }

  private void first(int key, long image, byte operation) {
    if (key == states.length) {
      int size = key * 2;
      states = Arrays.copyOf(states, size);
      cameFirst = Arrays.copyOf(cameFirst, size);
      newest = Arrays.copyOf(newest, size);
      oldest = Arrays.copyOf(oldest, size);
    }
    oldest[key] = NONE;
    switch (operation) {
      case RowLog.INSERT, RowLog.NEW -> {
        states[key] = PRESENT;
        cameFirst[key] = true;
        newest[key] = image;
      }
      case RowLog.UPDATE -> {
        states[key] = PRESENT;
        newest[key] = image;
      }
      default -> {
        states[key] = GONE;
        if (isFull(operation)) {
          oldest[key] = image;
        }
      }
    }
  }

  private void arrive(int key, long image, byte operation) {
    if (states[key] == PRESENT && operation != RowLog.UPDATE) {
      ambiguous = true;
    }
    states[key] = PRESENT;
    newest[key] = image;
  }

  private void leave(int key, long image, byte operation) {
    if (!isFull(operation)) {
      states[key] = GONE;
    } else if (states[key] != PRESENT) {
      ambiguous |= states[key] == GONE;
      states[key] = GONE;
    } else if (sameRow(newest[key], image)) {
      states[key] = cameFirst[key] ? UNTOUCHED : GONE;
    } else {
      ambiguous = true;
    }
  }

  private static boolean isFull(byte operation) {
    return operation == RowLog.OLD_FULL || operation == RowLog.DELETE_FULL;
  }

  /** Whether two images agree in every column of the view. */
  private boolean sameRow(long one, long two) {
    Source first = sourceOfPage.get((int) (one >>> 32));
    Source second = sourceOfPage.get((int) (two >>> 32));
    RowReader left = first.left;
    RowReader right = second.right;
    left.read(pages.get((int) (one >>> 32)), (int) one);
    right.read(pages.get((int) (two >>> 32)), (int) two);
    for (int i = 0; i < first.columns.length; i++) {
      int here = first.columns[i];
      int there = second.columns[i];
      boolean same =
          here >= 0
              && there >= 0
              && left.lengthWord(here) != RowLog.UNCHANGED
              && left.sameColumn(here, right, there);
      if (!same) {
        return false;
      }
    }
    return true;
  }

  /** Copies the images that are still needed and lets go of the pages that they came in. */
  private void keepWithin(Window window) {
    if (strewnBytes < Math.max(GATHER_BYTES, gatheredBytes)
        && window.fits(2 * (strewnBytes + keys.heldBytes()))) {
      return;
    }
    forgetUntouched();
    ImagePages gathered = new ImagePages();
    List<Source> sourceOfGathered = new ArrayList<>();
    long[] movedNewest = new long[states.length];
    long[] movedOldest = new long[states.length];
    Arrays.fill(movedNewest, NONE);
    Arrays.fill(movedOldest, NONE);
    for (Source source : sources.values()) {
      for (int key = 0; key < keys.size(); key++) {
        if (states[key] == PRESENT && isOf(source, newest[key])) {
          movedNewest[key] = move(newest[key], source, gathered);
        }
        if (isOf(source, oldest[key])) {
          movedOldest[key] = move(oldest[key], source, gathered);
        }
      }
      gathered.separate();
      while (sourceOfGathered.size() < gathered.pages().size()) {
        sourceOfGathered.add(source);
      }
    }
    newest = movedNewest;
    oldest = movedOldest;
    pages = gathered.pages();
    sourceOfPage = sourceOfGathered;
    strewnBytes = 0;
    gatheredBytes = gathered.bytes();
    window.requireFits(gatheredBytes + keys.heldBytes());
  }

  private boolean isOf(Source source, long image) {
    return image != NONE && sourceOfPage.get((int) (image >>> 32)) == source;
  }

  private long move(long image, Source source, ImagePages gathered) {
    byte[] page = pages.get((int) (image >>> 32));
    int end = source.reader.read(page, (int) image);
    return gathered.add(page, (int) image, end);
  }

  /** A key that came and went is as good as one never seen. */
  private void forgetUntouched() {
    RowTable kept = new RowTable(keys.size() / 2);
    for (int key = 0; key < keys.size(); key++) {
      if (states[key] != UNTOUCHED) {
        kept.append(keys.bytes(), keys.start(key), keys.end(key));
        int to = kept.intern();
        states[to] = states[key];
        cameFirst[to] = cameFirst[key];
        newest[to] = newest[key];
        oldest[to] = oldest[key];
      }
    }
    keys = kept;
  }

  private boolean isListed(int key) {
    return isTouched(key) && (ambiguous || !filters || mayBeNoticed(key));
  }

  private boolean mayBeNoticed(int key) {
    boolean after = states[key] == PRESENT && passes(newest[key]);
    boolean before = !cameFirst[key] && (oldest[key] == NONE || passes(oldest[key]));
    return after || before;
  }

  private boolean passes(long image) {
    int page = (int) (image >>> 32);
    Source source = sourceOfPage.get(page);
    source.reader.read(pages.get(page), (int) image);
    return source.filter.keeps(source.reader);
  }

  private boolean isTouched(int key) {
    return switch (states[key]) {
      case UNTOUCHED -> false;
      case PRESENT -> oldest[key] == NONE || !sameRow(newest[key], oldest[key]);
      default -> true;
    };
  }

  private Delta emit(List<DeltaRows.Column> described, long changes) {
    int[] order = new int[keys.size()];
    int count = 0;
    for (int key = 0; key < keys.size(); key++) {
      if (isListed(key)) {
        order[count++] = key;
      }
    }
    if (count == 0 && !ambiguous) {
      return new Delta.Empty();
    }
    order = Arrays.copyOf(order, count);
    int firstKey = view.columns().indexOf(view.key().getFirst());
    RowOrder.sort(order, keys, described.get(firstKey).typeOid());
    List<ColumnWriter> writers = new ArrayList<>();
    for (int i = 0; i < described.size(); i++) {
      writers.add(new ColumnWriter(count, 12));
    }
    ColumnWriter present = new ColumnWriter(count, 5);
    boolean complete = !ambiguous;
    for (int key : order) {
      boolean isPresent = states[key] == PRESENT;
      complete &= isPresent ? putRow(newest[key], writers) : putKey(key, writers);
      present.putBoolean(isPresent);
    }
    List<DeltaRows.Column> columns = Emission.columns(described, writers);
    columns.add(new DeltaRows.Column("present", BOOLEAN_OID, -1, true));
    writers.add(present);
    return new Delta.Rows(new PackedRows(columns, count, writers), complete, changes);
  }

  /** Writes a present row; false if it lacks a value. */
  private boolean putRow(long image, List<ColumnWriter> writers) {
    int page = (int) (image >>> 32);
    Source source = sourceOfPage.get(page);
    byte[] bytes = pages.get(page);
    source.reader.read(bytes, (int) image);
    boolean complete = true;
    for (int i = 0; i < writers.size(); i++) {
      int position = source.columns[i];
      if (position < 0) {
        writers.get(i).putNull();
        complete = false;
      } else {
        complete &= writers.get(i).putImageColumn(bytes, source.reader.start(position));
      }
    }
    return complete;
  }

  /** Writes a key that is gone: its key columns, all others NULL. */
  private boolean putKey(int key, List<ColumnWriter> writers) {
    for (int i = 0; i < writers.size(); i++) {
      int part = view.key().indexOf(view.columns().get(i));
      if (part < 0) {
        writers.get(i).putNull();
      } else {
        int at = keys.start(key);
        for (int skip = 0; skip < part; skip++) {
          at += 4 + RowLog.valueBytes(WireBytes.getInt(keys.bytes(), at));
        }
        writers.get(i).putImageColumn(keys.bytes(), at);
      }
    }
    return true;
  }
}
