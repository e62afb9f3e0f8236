package dev.freshet.cdc.buffer;

import dev.freshet.cdc.RowFilter;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.List;

/** A {@link RowFilter} over images of one layout. Used again for every row, by one thread. */
final class ImageFilter {
  private final RowFilter.Test test;
  private final int[] positions;
  private final int[] starts;
  private final int[] lengths;

  ImageFilter(RowFilter filter, RowLayout layout) {
    List<String> columns = filter.columns();
    positions = columns.stream().mapToInt(layout::positionOf).toArray();
    starts = new int[positions.length];
    lengths = new int[positions.length];
    int[] types = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      types[i] = positions[i] < 0 ? 0 : layout.column(positions[i]).typeOid();
    }
    test = filter.over(types);
  }

  /** Whether the image that {@code reader} has read may be noticed. */
  boolean keeps(RowReader reader) {
    if (positions.length == 0) {
      return true;
    }
    byte[] page = reader.page();
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] < 0) {
        lengths[i] = RowFilter.ABSENT;
      } else {
        int start = reader.start(positions[i]);
        starts[i] = start + 4;
        lengths[i] = length(WireBytes.getInt(page, start));
      }
    }
    return test.keeps(page, starts, lengths);
  }

  private static int length(int word) {
    if (word == RowLog.NULL) {
      return RowFilter.NULL;
    }
    return word < 0 || (word & RowLog.TEXT) != 0 ? RowFilter.ABSENT : word;
  }
}
