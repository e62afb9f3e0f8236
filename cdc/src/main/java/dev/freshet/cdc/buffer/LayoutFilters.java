package dev.freshet.cdc.buffer;

import dev.freshet.cdc.RowFilter;
import java.util.IdentityHashMap;
import java.util.Map;

/** A {@link RowFilter} for each layout that occurs: transactions mostly share one. */
final class LayoutFilters {
  private final RowFilter filter;
  private final Map<RowLayout, ImageFilter> byLayout = new IdentityHashMap<>(2);

  LayoutFilters(RowFilter filter) {
    this.filter = filter;
  }

  /** Whether some rows may be left out. */
  boolean isSelective() {
    return !filter.columns().isEmpty();
  }

  ImageFilter of(RowLayout layout) {
    return byLayout.computeIfAbsent(layout, l -> new ImageFilter(filter, l));
  }
}
