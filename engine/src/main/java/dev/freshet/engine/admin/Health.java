package dev.freshet.engine.admin;

import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether an engine does its work.
 *
 * @param reasons why not; empty if healthy
 */
record Health(boolean healthy, List<String> reasons) {
  Health {
    reasons = List.copyOf(reasons);
  }

  /**
   * @param verdict the engine's own; the reasons are read from its status
   */
  static Health of(boolean verdict, EngineStatus status) {
    List<String> reasons = new ArrayList<>();
    if (!status.source().equals("streaming")) {
      reasons.add("change stream: " + status.source());
    }
    for (StreamTableStatus streamTable : status.streamTables()) {
      if (streamTable.state().equals("failed")) {
        reasons.add("stream table " + streamTable.name() + ": " + streamTable.stateReason());
      }
    }
    if (verdict) {
      return new Health(true, List.of());
    }
    return new Health(false, reasons.isEmpty() ? List.of("the engine is not healthy") : reasons);
  }
}
