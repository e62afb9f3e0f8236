package dev.freshet.engine.admin;

import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.Service;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether an engine does its work.
 *
 * @param state what the engine does: serving, standing by, …
 * @param reasons why it is not healthy; of one that stands by: for whom
 */
record Health(boolean healthy, String state, List<String> reasons) {
  Health {
    reasons = List.copyOf(reasons);
  }

  /**
   * @param verdict the engine's own; the reasons are read from its status
   */
  static Health of(boolean verdict, EngineStatus status) {
    Service service = status.service();
    if (service.state().equals(Service.STANDING_BY)) {
      return new Health(true, service.state(), List.of(service.cause()));
    }
    List<String> reasons = new ArrayList<>();
    if (!service.cause().isEmpty()) {
      reasons.add(service.state() + ": " + service.cause());
    }
    if (!status.source().equals("streaming")) {
      reasons.add("change stream: " + status.source());
    }
    for (StreamTableStatus streamTable : status.streamTables()) {
      if (streamTable.state().equals("failed")) {
        reasons.add("stream table " + streamTable.name() + ": " + streamTable.stateReason());
      }
    }
    if (verdict) {
      return new Health(true, service.state(), List.of());
    }
    return new Health(
        false, service.state(), reasons.isEmpty() ? List.of("the engine is not healthy") : reasons);
  }
}
