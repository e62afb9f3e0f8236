package dev.freshet.engine.refresh;

import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import dev.freshet.engine.refresh.Maintained.Compiled;
import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.DeltaNeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the deltas of all sources from a stream table's frontier to a snapshot. */
final class DeltaReader {

  /** What the log tells of the sources. */
  sealed interface Reading {}

  /** The deltas that are not empty. */
  record Known(List<BoundDelta> deltas) implements Reading {}

  /** Of one source the log does not tell what changed. */
  record Unknown(String reason) implements Reading {}

  private DeltaReader() {}

  static Reading read(Maintained table, Compiled compiled, Snapshot upTo) {
    List<BoundDelta> deltas = new ArrayList<>();
    for (Map.Entry<DeltaNeed, DeltaView> entry : compiled.views().byNeed().entrySet()) {
      DeltaNeed need = entry.getKey();
      Delta delta = compiled.consumer().delta(entry.getValue(), upTo);
      if (delta instanceof Delta.Unreducible && need instanceof DeltaNeed.Reduced reduced) {
        need = reduced.fallback();
        delta = compiled.consumer().delta(Views.of(need), upTo);
      }
      switch (delta) {
        case Delta.Empty() -> {}
        case Delta.Rows rows -> deltas.add(bound(table, need, rows));
        case Delta.Unknown(String reason) -> {
          return new Unknown(reason);
        }
        case Delta.Unreducible(String column) ->
            throw new IllegalStateException("only a reduced delta can be unreducible: " + column);
      }
    }
    return new Known(deltas);
  }

  /** The deltas of one refresh, each with an index if it needs one beside the others. */
  static List<BoundDelta> together(Maintained table, Compiled compiled, List<BoundDelta> deltas) {
    return deltas.stream()
        .map(
            delta -> delta.beside(deltas, compiled.repeated(), temporaryTable(table, delta.need())))
        .toList();
  }

  private static BoundDelta bound(Maintained table, DeltaNeed need, Delta.Rows delta) {
    Form form =
        switch (need) {
          case DeltaNeed.Keyed _ -> delta.complete() ? Form.KEYED : Form.KEYED_LOOKUP;
          case DeltaNeed.Weighted _ -> Form.WEIGHTED;
          case DeltaNeed.Reduced _ -> Form.REDUCED;
        };
    return BoundDelta.bind(
        need,
        form,
        delta.rows(),
        delta.changes(),
        table.settings().copyThreshold(),
        temporaryTable(table, need));
  }

  private static String temporaryTable(Maintained table, DeltaNeed need) {
    return "\"__freshet_delta_"
        + Integer.toUnsignedString(need.source().oid())
        + "_"
        + table.table().id()
        + "\"";
  }
}
