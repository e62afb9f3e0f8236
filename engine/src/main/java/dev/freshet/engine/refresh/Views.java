package dev.freshet.engine.refresh;

import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.RowFilter;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a stream table reads from the change buffer.
 *
 * @param byNeed the view that answers each need of the compiled query
 * @param watched relations whose changes only tell that a full refresh is due
 * @param applied needs whose source is a stream table: they are met by what its refresh applies
 */
record Views(
    Map<DeltaNeed, DeltaView> byNeed,
    Set<DeltaView> all,
    List<SourceTable> watched,
    List<DeltaNeed> applied) {

  static Views of(Analysis analysis, Capture capture) {
    Map<DeltaNeed, DeltaView> byNeed = new LinkedHashMap<>();
    Set<DeltaView> all = new LinkedHashSet<>();
    List<DeltaNeed> applied = new ArrayList<>();
    for (DeltaNeed need : analysis.compiled().deltaNeeds()) {
      if (analysis.isUpstream(need.source())) {
        applied.add(need);
        continue;
      }
      DeltaView view = of(need);
      byNeed.put(need, view);
      all.add(view);
      if (need instanceof DeltaNeed.Reduced reduced) {
        all.add(of(reduced.fallback()));
      }
    }
    if (!analysis.compiled().deltaNeeds().isEmpty()) {
      return new Views(byNeed, all, List.of(), applied);
    }
    List<SourceTable> watched =
        analysis.bases().stream()
            .filter(table -> !analysis.isUpstream(table) && capture.canAnnounce(table))
            .toList();
    for (SourceTable table : watched) {
      all.add(new DeltaView.Weighted(table.oid(), List.of()));
    }
    return new Views(byNeed, all, watched, applied);
  }

  static DeltaView of(DeltaNeed need) {
    int relation = need.source().oid();
    RowFilter filter = NoticedRows.by(need.filter());
    return switch (need) {
      case DeltaNeed.Keyed(_, var columns, var key, _) ->
          new DeltaView.Keyed(relation, columns, key, filter);
      case DeltaNeed.Weighted(_, var columns, _) ->
          new DeltaView.Weighted(relation, columns, filter);
      case DeltaNeed.Reduced(_, var group, var sums, _) ->
          new DeltaView.Reduced(relation, group, sums, filter);
    };
  }
}
