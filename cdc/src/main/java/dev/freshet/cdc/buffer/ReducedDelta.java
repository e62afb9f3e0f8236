package dev.freshet.cdc.buffer;

import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import java.util.List;

/**
 * Adds up the reductions of a window's transactions. Large transactions were reduced once, when
 * they came in; small ones and staged ones are added row by row.
 */
final class ReducedDelta {
  /** Changes from which a transaction's own reduction is worth keeping. */
  static final long WORTH_KEEPING = 256;

  private ReducedDelta() {}

  static Delta of(DeltaView.Reduced view, Window window) {
    List<DeltaRows.Column> described = view.group().stream().map(window::describe).toList();
    ReducedTable total = new ReducedTable(view, window.sumTypes(view), 64);
    window.forEachStagedLog(
        log -> {
          total.add(log);
          window.requireFits(total.bytes());
        });
    for (TransactionRows rows : window.transactions()) {
      if (rows.changes() >= WORTH_KEEPING) {
        total.add(rows.reduction(view));
      } else {
        Window.of(List.of(rows)).forEachLog(total::add);
      }
    }
    return total.emit(described, window.changes());
  }
}
