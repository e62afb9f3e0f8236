package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.refresh.Group.Part;
import dev.freshet.engine.refresh.Group.Result;
import dev.freshet.engine.refresh.GroupRefresher.Guest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Ends a group's transaction: the frontiers of all that were refreshed, and the commit. */
final class GroupCommit {
  private final Connection connection;
  private final String origin;
  private final GroupCut opened;
  private final Optional<Guest> guest;

  GroupCommit(Connection connection, String origin, GroupCut opened, Optional<Guest> guest) {
    this.connection = connection;
    this.origin = origin;
    this.opened = opened;
    this.guest = guest;
  }

  void commitIfWorthIt(Cut cut, Map<Maintained, Result> results) throws SQLException {
    if (isWorthWriting(results)) {
      commit(cut, results);
    }
  }

  private boolean isWorthWriting(Map<Maintained, Result> results) {
    return guest.isPresent()
        || opened.active().stream()
            .filter(part -> results.get(part.table()) instanceof Result.Refreshed)
            .anyMatch(part -> hasChanged(part, results));
  }

  private boolean hasChanged(Part part, Map<Maintained, Result> results) {
    return (results.get(part.table()) instanceof Result.Refreshed(Outcome outcome)
            && outcome.report().mode() != Mode.NOOP)
        || part.request().audit().isPresent()
        || part.table().consumer().pending().transactions() > 0
        || part.table().refreshRequested()
        || part.passedBy().isPresent()
        || !part.table().frontier().valid();
  }

  private void commit(Cut cut, Map<Maintained, Result> results) throws SQLException {
    List<Maintained> moved = new ArrayList<>();
    results.forEach(
        (table, result) -> {
          if (result instanceof Result.Refreshed) {
            moved.add(table);
          }
        });
    Lsn committedAt = writeFrontiers(cut, moved);
    opened.committed();
    for (Maintained table : moved) {
      table.consumer().advance(cut.snapshot(), committedAt);
      table.frontier(
          new Frontier(
              cut.snapshot(),
              cut.lsn(),
              opened.foundFor(table).cut().sourceFiles(),
              cut.clock(),
              true,
              Instant.now()));
    }
    guest.ifPresent(it -> it.work().committed(committedAt));
  }

  private Lsn writeFrontiers(Cut cut, List<Maintained> moved) throws SQLException {
    String frontiers =
        moved.isEmpty()
            ? ""
            : """
            UPDATE freshet.frontier f SET snapshot = ?::pg_snapshot, lsn = ?::pg_lsn, slot = ?,
              source_files = v.files, clock = now(), valid = true,
              refreshed_at = clock_timestamp()
            FROM (VALUES %s) AS v(id, files) WHERE f.stream_table_id = v.id;
            """
                .formatted(
                    moved.stream().map(_ -> "(?::int8, ?)").collect(Collectors.joining(", ")));
    try (PreparedStatement statement =
        connection.prepareStatement(
            frontiers + "COMMIT; SELECT pg_current_wal_insert_lsn()::text")) {
      if (!moved.isEmpty()) {
        statement.setString(1, cut.snapshot().toString());
        statement.setString(2, cut.lsn().toString());
        statement.setString(3, origin);
      }
      int next = 4;
      for (Maintained table : moved) {
        statement.setLong(next++, table.table().id());
        statement.setString(next++, opened.foundFor(table).cut().sourceFiles());
      }
      Opening.toNextRow(statement, statement.execute());
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        return Lsn.parse(row.getString(1));
      }
    }
  }
}
