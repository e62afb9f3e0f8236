package dev.freshet.engine;

import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.refresh.CapturedSources.Captured;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what changes a source without any row event: a rewrite, a partition attached, a view
 * replaced, a table taken out of the publication. The next refresh would notice, but without a row
 * event no schedule would start one. Nor would anything tell that the stream table itself is gone,
 * or that somebody took away a replica identity: then writers of the source may be refused.
 *
 * <p>One statement for all stream tables, without a lock: what it sees is only a reason to refresh.
 * It asks each source once, however many stream tables read it.
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
    /** What has to be true: it is there, and old rows are logged as needed, not refused. */
    List<String> conditions() {
      List<String> conditions = new ArrayList<>();
      conditions.add(
          "to_regclass('%s') IS NOT NULL"
              .formatted(table.table().name().toString().replace("'", "''")));
      table.loggedSources().forEach(source -> conditions.add(identity(source)));
      return conditions;
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
    var questions = new LinkedHashMap<String, @Nullable String>();
    var conditions = new LinkedHashMap<String, @Nullable Boolean>();
    for (Watched one : watched) {
      one.table().sourceQuestions().all().forEach(question -> questions.put(question, null));
      one.conditions().forEach(condition -> conditions.put(condition, null));
    }
    String sql =
        "SELECT ARRAY[%s]::text[], ARRAY[%s]::boolean[]"
            .formatted(
                String.join(", ", questions.keySet()), String.join(", ", conditions.keySet()));
    // Prepared: to plan it takes milliseconds for each source, to run it a tenth of one.
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      take(row.getArray(1), questions);
      take(row.getArray(2), conditions);
    }
    boolean due = false;
    for (Watched one : watched) {
      due |=
          one.isDue(
              one.table().sourceQuestions().state(questions::get),
              one.conditions().stream()
                  .allMatch(condition -> Boolean.TRUE.equals(conditions.get(condition))));
    }
    return due;
  }

  /** Puts the elements of {@code answers} beside the questions, in their order. */
  @SuppressWarnings("unchecked") // text[] comes as String[], boolean[] as Boolean[]
  private static <T> void take(Array answers, Map<String, @Nullable T> questions)
      throws SQLException {
    Iterator<@Nullable T> answer = Arrays.asList((T[]) answers.getArray()).iterator();
    questions.replaceAll((_, _) -> answer.next());
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
