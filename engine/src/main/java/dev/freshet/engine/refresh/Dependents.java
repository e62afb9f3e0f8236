package dev.freshet.engine.refresh;

import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.sql.AppliedChanges;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** What those that read a stream table of the group learn of its changes. */
final class Dependents {
  /** Rows of a table that this session wrote, as far as it has not told the server yet. */
  private static final String WRITTEN =
      """
      SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
      FROM pg_stat_xact_user_tables WHERE relid = to_regclass(?)\
      """;

  private final Connection connection;
  private final GroupCut opened;
  private final Upstreams upstreams = new Upstreams();

  Dependents(Connection connection, GroupCut opened) {
    this.connection = connection;
    this.opened = opened;
  }

  /** What was done so far. */
  Upstreams upstreams() {
    return upstreams;
  }

  void recordChange(Maintained table, RefreshReport report, long before) throws SQLException {
    List<DeltaNeed> needs = opened.needsOn(table);
    boolean captured = !needs.isEmpty() && opened.foundFor(table).capturing();
    if (report.mode() == Mode.NOOP
        || (report.rowsWritten() == 0
            && (captured ? isUnchanged(needs) : written(table) == before))) {
      return;
    }
    Upstreams.Change change =
        report.mode() == Mode.REBUILD
            ? new Upstreams.Unknown(table.displayName() + " was rebuilt")
            : captured
                ? new Upstreams.Captured(AppliedChanges.of(needs.getFirst().source(), needs))
                : new Upstreams.Unknown(table.displayName() + " changed, its triggers are missing");
    opened.active().stream()
        .flatMap(part -> part.table().analysis().upstreamTables().stream())
        .filter(source -> source.name().equals(table.table().name()))
        .map(SourceTable::oid)
        .forEach(oid -> upstreams.record(oid, change));
  }

  /** PostgreSQL does not count what a statement's WITH clause deletes: a count of zero is no. */
  private boolean isUnchanged(List<DeltaNeed> needs) throws SQLException {
    String applied = AppliedChanges.of(needs.getFirst().source(), needs).table();
    return !isTrue("SELECT to_regclass('pg_temp." + applied + "') IS NOT NULL")
        || !isTrue("SELECT EXISTS (SELECT FROM pg_temp." + applied + ")");
  }

  private boolean isTrue(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Asked only if nobody captures its changes but somebody wants to know of them. */
  long written(Maintained table) throws SQLException {
    boolean captured = !opened.needsOn(table).isEmpty() && opened.foundFor(table).capturing();
    if (captured || opened.active().stream().noneMatch(part -> part.upstreams().contains(table))) {
      return 0;
    }
    try (PreparedStatement statement = connection.prepareStatement(WRITTEN)) {
      statement.setString(1, table.table().name().toString());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
