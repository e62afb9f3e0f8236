package dev.freshet.engine.refresh;

import dev.freshet.sql.AppliedChanges;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the refreshes of one transaction did to the stream tables that others read. */
final class Upstreams {

  /** What is known of one stream table's change. */
  sealed interface Change {}

  /** The rows taken away and put in are in a temporary table. */
  record Captured(AppliedChanges changes) implements Change {}

  /** It has changed, and nothing tells how. */
  record Unknown(String reason) implements Change {}

  private final Map<Integer, Change> changes = new HashMap<>();

  /** Of a stream table that is not recorded nothing has changed. */
  void record(int oid, Change change) {
    changes.put(oid, change);
  }

  boolean changed(int oid) {
    return changes.containsKey(oid);
  }

  /** The deltas that are not empty, counted in one round trip. */
  DeltaReader.Reading read(Connection connection, List<DeltaNeed> needs) throws SQLException {
    List<DeltaNeed> wanted = new ArrayList<>();
    List<DeltaBinding.Table> bindings = new ArrayList<>();
    for (DeltaNeed need : needs) {
      switch (changes.get(need.source().oid())) {
        case null -> {}
        case Captured(AppliedChanges applied) -> {
          wanted.add(need);
          bindings.add(applied.binding(need));
        }
        case Unknown(String reason) -> {
          return new DeltaReader.Unknown(reason);
        }
      }
    }
    return new DeltaReader.Known(counted(connection, wanted, bindings));
  }

  private static List<BoundDelta> counted(
      Connection connection, List<DeltaNeed> needs, List<DeltaBinding.Table> bindings)
      throws SQLException {
    List<BoundDelta> deltas = new ArrayList<>();
    if (needs.isEmpty()) {
      return deltas;
    }
    String counts =
        bindings.stream()
            .map(binding -> "(SELECT count(*) FROM " + binding.quotedName() + " AS u)")
            .collect(Collectors.joining(", ", "SELECT ", ""));
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(counts)) {
      row.next();
      for (int i = 0; i < needs.size(); i++) {
        int rows = (int) Math.min(Integer.MAX_VALUE, row.getLong(i + 1));
        if (rows > 0) {
          deltas.add(new BoundDelta(needs.get(i), new AppliedRows(rows), bindings.get(i), rows));
        }
      }
    }
    return deltas;
  }
}
