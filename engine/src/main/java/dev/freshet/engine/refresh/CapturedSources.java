package dev.freshet.engine.refresh;

import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.trigger.TriggerAdmin;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The sources of a query whose changes are captured, and what must be in the log for each. Stream
 * tables are not among them: their changes are known from their own refresh.
 */
public final class CapturedSources {
  /**
   * @param needsOldValues complete old rows; otherwise the primary key suffices
   */
  public record Captured(SourceTable table, boolean needsOldValues) {}

  private CapturedSources() {}

  /** For each captured source the columns that deltas carry. */
  public static Map<Integer, Set<String>> columns(Analysis analysis, Capture capture) {
    Map<Integer, Set<String>> columns = new TreeMap<>();
    for (DeltaView view : Views.of(analysis, capture).all()) {
      columns
          .computeIfAbsent(view.relation(), _ -> new TreeSet<>())
          .addAll(TriggerAdmin.columns(view));
    }
    return columns;
  }

  public static List<Captured> of(Analysis analysis, Capture capture) {
    List<DeltaNeed> needs = analysis.compiled().deltaNeeds();
    return needs.isEmpty()
        ? Views.of(analysis, capture).watched().stream()
            .map(table -> new Captured(table, false))
            .toList()
        : needs.stream()
            .filter(need -> !analysis.isUpstream(need.source()))
            .map(need -> new Captured(need.source(), need.needsOldValues()))
            .toList();
  }
}
