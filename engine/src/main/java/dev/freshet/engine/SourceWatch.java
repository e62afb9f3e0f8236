package dev.freshet.engine;

import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.refresh.Maintained;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * Looks for what changes a source without any row event: a rewrite, a partition attached, a view
 * replaced, a table taken out of the publication. The next refresh would notice, but without a row
 * event no schedule would start one.
 *
 * <p>One statement for all stream tables, without a lock: what it sees is only a reason to refresh.
 */
final class SourceWatch {
  private final DataSource connections;
  private final StreamTables tables;

  SourceWatch(DataSource connections, StreamTables tables) {
    this.connections = connections;
    this.tables = tables;
  }

  /** Requests the refreshes that are due; tells whether there are any. */
  boolean look() throws SQLException {
    List<Maintained> watched = new ArrayList<>();
    List<Frontier> frontiers = new ArrayList<>();
    List<String> states = new ArrayList<>();
    for (Maintained table : tables.maintained()) {
      Frontier frontier = table.frontier();
      if (frontier.valid() && table.changesAreAnnounced()) {
        states.add("SELECT " + watched.size() + ", " + table.sourceState());
        watched.add(table);
        frontiers.add(frontier);
      }
    }
    if (watched.isEmpty()) {
      return false;
    }
    boolean due = false;
    try (Connection connection = connections.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(String.join(" UNION ALL ", states))) {
      while (row.next()) {
        Maintained table = watched.get(row.getInt(1));
        Frontier frontier = frontiers.get(row.getInt(1));
        if (!frontier.sourceFiles().equals(row.getString(2)) && table.frontier() == frontier) {
          table.requestRefresh();
          due = true;
        }
      }
    }
    return due;
  }
}
