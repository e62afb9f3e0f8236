package dev.freshet.engine;

import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.refresh.CapturedSources.Captured;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Looks for what changes a source without any row event: a rewrite, a partition attached, a view
 * replaced, a table taken out of the publication. The next refresh would notice, but without a row
 * event no schedule would start one. Nor would anything tell that the stream table itself is gone,
 * or that somebody took away a replica identity: then writers of the source may be refused.
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
    List<Watched> watched = new ArrayList<>();
    for (Maintained table : tables.maintained()) {
      if (table.frontier().valid() && table.changesAreAnnounced()) {
        watched.add(new Watched(table, table.frontier()));
      }
    }
    if (watched.isEmpty()) {
      return false;
    }
    try (Connection connection = connections.getConnection()) {
      try {
        return look(connection, watched);
      } catch (SQLException e) {
        if (!String.valueOf(e.getSQLState()).startsWith("42")) {
          throw e;
        }
        return lookOneByOne(connection, watched);
      }
    }
  }

  private record Watched(Maintained table, Frontier frontier) {
    String question(int number) {
      return "SELECT %d, %s, to_regclass(%s) IS NOT NULL AND %s"
          .formatted(
              number,
              table.sourceState(),
              "'" + table.table().name().toString().replace("'", "''") + "'",
              identities());
    }

    /** Whether old rows are logged as they are needed, or would be refused to their writers. */
    private String identities() {
      return table.loggedSources().stream()
          .map(Watched::identity)
          .collect(
              Collectors.collectingAndThen(
                  Collectors.joining(" AND "), all -> all.isEmpty() ? "true" : all));
    }

    private static String identity(Captured source) {
      return "NOT EXISTS (SELECT FROM pg_class WHERE %s AND relreplident %s)"
          .formatted(
              source.table().kind() == SourceTable.Kind.PARTITIONED
                  ? "oid IN (SELECT relid FROM pg_partition_tree(%1$s) WHERE isleaf)"
                      .formatted(Integer.toUnsignedString(source.table().oid()))
                  : "oid = " + Integer.toUnsignedString(source.table().oid()),
              source.needsOldValues() ? "<> 'f'" : "= 'n'");
    }

    /**
     * Whether there is anything to do, given what was found.
     *
     * @param inOrder whether the stream table is there and old rows are logged as needed
     */
    boolean isDue(String sources, boolean inOrder) {
      if (table.frontier() != frontier) {
        return false;
      }
      if (!inOrder) {
        table.suspectSources();
      } else if (table.sourcesDiffer(sources)) {
        table.requestRefresh();
      } else {
        return false;
      }
      return true;
    }
  }

  private static boolean look(Connection connection, List<Watched> watched) throws SQLException {
    boolean due = false;
    List<String> questions = new ArrayList<>();
    watched.forEach(it -> questions.add(it.question(questions.size())));
    // Prepared: to plan it takes milliseconds for each stream table, to run it a tenth of one.
    try (PreparedStatement statement =
            connection.prepareStatement(String.join(" UNION ALL ", questions));
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        due |= watched.get(row.getInt(1)).isDue(row.getString(2), row.getBoolean(3));
      }
    }
    return due;
  }

  /** One of them cannot be asked for; its refresh will tell why. */
  private static boolean lookOneByOne(Connection connection, List<Watched> watched)
      throws SQLException {
    boolean due = false;
    for (Watched one : watched) {
      try {
        due |= look(connection, List.of(one));
      } catch (SQLException e) {
        if (!String.valueOf(e.getSQLState()).startsWith("42")) {
          throw e;
        }
        one.table().requestRefresh();
        due = true;
      }
    }
    return due;
  }
}
