package dev.freshet.engine;

import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.Group;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.Request;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Steps 2 and 3 of a {@link Handover}: every stream table, paused ones included, is refreshed to a
 * snapshot taken now, and that becomes its frontier in another capture.
 */
final class FrontierTransfer {
  private final DataSource connections;
  private final StreamTables tables;
  private final RefreshService refreshes;

  FrontierTransfer(DataSource connections, StreamTables tables, RefreshService refreshes) {
    this.connections = connections;
    this.tables = tables;
    this.refreshes = refreshes;
  }

  /**
   * All of them in one transaction: if it is interrupted, all are still the old capture's.
   *
   * @return how many frontiers the other capture has now
   */
  int to(Capture next) throws SQLException, InterruptedException {
    List<Maintained> all = List.copyOf(tables.maintained());
    all.forEach(Maintained::requestRefresh);
    Map<Maintained, Group.Result> results =
        refreshes.refreshAll(all, Request.manual(Optional.empty()));
    int moved = 0;
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      for (Map.Entry<Maintained, Group.Result> entry : results.entrySet()) {
        if (entry.getValue() instanceof Group.Result.Refreshed) {
          moved += transfer(connection, entry.getKey(), next);
        }
      }
      connection.commit();
    }
    return moved;
  }

  /** Not if a source was truncated or altered meanwhile: then the frontier is of no use. */
  private static int transfer(Connection connection, Maintained table, Capture next)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE freshet.frontier SET slot = ?, source_files = %s
            WHERE stream_table_id = ? AND valid AND source_files = %s\
            """
                .formatted(table.sourceState(next), table.sourceState()))) {
      statement.setString(1, next.origin());
      statement.setLong(2, table.table().id());
      return statement.executeUpdate();
    }
  }
}
