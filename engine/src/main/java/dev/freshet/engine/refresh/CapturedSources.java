package dev.freshet.engine.refresh;

import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import java.util.List;

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

  public static List<Captured> of(Analysis analysis) {
    List<DeltaNeed> needs = analysis.compiled().deltaNeeds();
    return needs.isEmpty()
        ? Views.of(analysis).watched().stream().map(table -> new Captured(table, false)).toList()
        : needs.stream()
            .filter(need -> !analysis.isUpstream(need.source()))
            .map(need -> new Captured(need.source(), need.needsOldValues()))
            .toList();
  }
}
