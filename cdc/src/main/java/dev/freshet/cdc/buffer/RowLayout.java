package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.RelationSchema;
import java.util.Arrays;
import java.util.Set;

/** Which columns of a relation a row log holds, and in what order. */
final class RowLayout {
  private final RelationSchema schema;
  private final int[] captured;

  private RowLayout(RelationSchema schema, int[] captured) {
    this.schema = schema;
    this.captured = captured;
  }

  /** The columns of {@code schema} that are named in {@code needed}, in the schema's order. */
  static RowLayout of(RelationSchema schema, Set<String> needed) {
    int[] captured = new int[schema.columns().size()];
    int count = 0;
    for (int i = 0; i < captured.length; i++) {
      if (needed.contains(schema.columns().get(i).name())) {
        captured[count++] = i;
      }
    }
    return new RowLayout(schema, Arrays.copyOf(captured, count));
  }

  /** All columns of {@code schema}. */
  static RowLayout all(RelationSchema schema) {
    int[] captured = new int[schema.columns().size()];
    for (int i = 0; i < captured.length; i++) {
      captured[i] = i;
    }
    return new RowLayout(schema, captured);
  }

  RelationSchema schema() {
    return schema;
  }

  int columnCount() {
    return captured.length;
  }

  /** The place in a tuple of the layout's column {@code position}. */
  int tupleIndex(int position) {
    return captured[position];
  }

  RelationSchema.Column column(int position) {
    return schema.columns().get(captured[position]);
  }

  /** Where the named column stands in a row of this layout, or −1. */
  int positionOf(String column) {
    for (int i = 0; i < captured.length; i++) {
      if (column(i).name().equals(column)) {
        return i;
      }
    }
    return -1;
  }
}
