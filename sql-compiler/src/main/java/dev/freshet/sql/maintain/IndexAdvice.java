package dev.freshet.sql.maintain;

import dev.freshet.sql.MissingIndex;
import dev.freshet.sql.MissingIndex.Reason;
import dev.freshet.sql.SourceIndexes;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Lookup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The fewest indexes that serve all lookups: the narrow ones first, since they serve wide ones. */
public final class IndexAdvice {
  private record Wanted(Lookup lookup, TableName changed) {}

  private final List<Wanted> wanted = new ArrayList<>();

  /** Adds what a change of a source looks up. */
  public void add(List<Lookup> lookups, SourceTable changed) {
    lookups.forEach(lookup -> wanted.add(new Wanted(lookup, changed.name())));
  }

  /** The indexes to make. */
  public List<MissingIndex> indexes(SourceIndexes known) {
    var advice = new ArrayList<MissingIndex>();
    for (Wanted one :
        wanted.stream()
            .sorted(Comparator.comparingInt(w -> w.lookup().columns().size()))
            .toList()) {
      SourceTable table = one.lookup().scan().table();
      var reason = new Reason(one.changed(), one.lookup().purpose());
      int serving = serving(advice, table, Set.copyOf(one.lookup().columns()));
      if (serving >= 0) {
        MissingIndex index = advice.get(serving);
        var reasons = new LinkedHashSet<>(index.reasons());
        reasons.add(reason);
        advice.set(serving, new MissingIndex(table, index.columns(), List.copyOf(reasons)));
        continue;
      }
      List<String> key = known.key(table, one.lookup().columns());
      if (!key.isEmpty()) {
        advice.add(new MissingIndex(table, key, List.of(reason)));
      }
    }
    return List.copyOf(advice);
  }

  private static int serving(List<MissingIndex> advice, SourceTable table, Set<String> columns) {
    for (int i = 0; i < advice.size(); i++) {
      MissingIndex index = advice.get(i);
      if (index.table().oid() == table.oid() && columns.contains(index.columns().getFirst())) {
        return i;
      }
    }
    return -1;
  }
}
