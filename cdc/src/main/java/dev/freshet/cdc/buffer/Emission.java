package dev.freshet.cdc.buffer;

import dev.freshet.cdc.DeltaRows;
import java.util.ArrayList;
import java.util.List;

/** Column descriptions of a finished delta. */
final class Emission {
  private Emission() {}

  /**
   * The descriptions with the wire format that the values turned out to have.
   *
   * @throws UnknowableDeltaException if one column's values came in both formats
   */
  static List<DeltaRows.Column> columns(
      List<DeltaRows.Column> described, List<ColumnWriter> writers) {
    List<DeltaRows.Column> columns = new ArrayList<>(described.size() + 1);
    for (int i = 0; i < described.size(); i++) {
      DeltaRows.Column column = described.get(i);
      ColumnWriter writer = writers.get(i);
      if (writer.isMixed()) {
        throw new UnknowableDeltaException(
            "column %s came both as text and as binary (its type's send function changed)"
                .formatted(column.name()));
      }
      boolean binary = column.binary() && !writer.isText();
      columns.add(
          new DeltaRows.Column(column.name(), column.typeOid(), column.typeModifier(), binary));
    }
    return columns;
  }
}
