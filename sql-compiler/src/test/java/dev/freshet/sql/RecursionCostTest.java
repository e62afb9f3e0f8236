package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.SqlStatement.Parameter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the change of one edge costs: pages read and written, by PostgreSQL's own count. */
class RecursionCostTest {
  private static final String HIERARCHY =
      """
      WITH RECURSIVE line AS (
        SELECT id, name AS path, 0 AS level FROM node WHERE parent IS NULL
        UNION ALL
        SELECT n.id, l.path || '/' || n.name, l.level + 1
        FROM node n JOIN line l ON n.parent = l.id)
      """;
  private static final String CLOSURE =
      """
      WITH RECURSIVE below (top, id) AS (
        SELECT id, id FROM node
        UNION
        SELECT b.top, n.id FROM below b JOIN node n ON n.parent = b.id)
      """;
  private static final Pattern BUFFERS = Pattern.compile("shared hit=(\\d+)(?: read=(\\d+))?");
  private static final Pattern TIME = Pattern.compile("Execution Time: ([\\d.]+) ms");

  /**
   * Node i (from 1) has ten children; the numbers are scattered, as ids are. One of those moves
   * that have ten leaves beneath them, however many nodes there are.
   */
  private static List<Long> pages(int nodes, String query) throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase()) {
      database.execute(
          "CREATE FUNCTION number(int) RETURNS int IMMUTABLE RETURN ($1::bigint * 7919) % 1000003",
          "CREATE TABLE node (id int PRIMARY KEY, parent int, name text NOT NULL)",
          "CREATE INDEX ON node (parent)",
          "INSERT INTO node SELECT number(i), number(nullif((i + 8) / 10, 0)), 'n' || number(i)"
              + " FROM generate_series(1, "
              + nodes
              + ") i",
          "ANALYZE node");
      try (Connection connection = database.connect();
          var rig = new Rig(connection, query)) {
        rig.execute("ANALYZE");
        rig.execute("SET random_page_cost = 1.1; SET jit = off"); // as the engine's sessions do
        int first = nodes / 11; // its children are among the last
        int parent = (first + 8) / 10;
        return List.of(
            moved(connection, rig, first, parent, 7),
            moved(connection, rig, first, 7, 8),
            moved(connection, rig, first, 8, parent));
      }
    }
  }

  private static int number(int nth) {
    return (int) (nth * 7919L % 1000003);
  }

  /** The pages that the refresh reads and writes after a subtree of eleven nodes has moved. */
  private static long moved(Connection connection, Rig rig, int nth, int nthBefore, int nthAfter)
      throws SQLException {
    int node = number(nth);
    int from = number(nthBefore);
    int to = number(nthAfter);
    rig.execute("UPDATE public.node SET parent = " + to + " WHERE id = " + node);
    DeltaNeed need = rig.compiled.deltaNeeds().getFirst();
    String name = "n" + node;
    Map<String, List<String>> columns =
        Map.of(
            "id", List.of(String.valueOf(node), String.valueOf(node)),
            "parent", List.of(String.valueOf(from), String.valueOf(to)),
            "name", List.of(name, name),
            "weight", List.of("-1", "1"));
    long pages = 0;
    var binding = new DeltaBinding.Arrays(DeltaBinding.Form.WEIGHTED, Set.of());
    for (SqlStatement statement :
        rig.compiled.incremental(Rig.TARGET, Map.of(need.source().oid(), binding))) {
      pages += pages(connection, statement, (DeltaNeed.Weighted) need, columns);
    }
    rig.equalsItsQuery("moved " + node);
    return pages;
  }

  private static long pages(
      Connection connection,
      SqlStatement statement,
      DeltaNeed.Weighted need,
      Map<String, List<String>> values)
      throws SQLException {
    boolean explained =
        !statement.sql().startsWith("ANALYZE") && !statement.sql().startsWith("DROP");
    String sql = (explained ? "EXPLAIN (ANALYZE, BUFFERS) " : "") + statement.sql();
    var plan = new ArrayList<String>();
    try (PreparedStatement prepared = connection.prepareStatement(sql)) {
      int index = 1;
      for (Parameter parameter : statement.parameters()) {
        String column =
            parameter.column() < need.columns().size()
                ? need.columns().get(parameter.column())
                : "weight";
        prepared.setObject(index++, "{" + String.join(",", values.get(column)) + "}", Types.OTHER);
      }
      if (prepared.execute()) {
        try (ResultSet rows = prepared.getResultSet()) {
          while (rows.next()) {
            plan.add(rows.getString(1));
          }
        }
      }
    }
    return plan.stream()
        .filter(line -> line.contains("Buffers"))
        .findFirst()
        .map(RecursionCostTest::sum)
        .orElse(0L);
  }

  private static long sum(String line) {
    Matcher found = BUFFERS.matcher(line);
    return found.find()
        ? Long.parseLong(found.group(1))
            + (found.group(2) == null ? 0 : Long.parseLong(found.group(2)))
        : 0;
  }

  private static void growsNotWithTheTable(String query) throws Exception {
    List<Long> small = pages(3_000, query);
    List<Long> large = pages(30_000, query);
    for (int i = 0; i < small.size(); i++) {
      assertThat(large.get(i))
          .as("pages at 30,000 nodes; at 3,000: %s", small)
          .isLessThan(3 * small.get(i));
    }
  }

  @Test
  void movedSubtreeCostsItsRows() throws Exception {
    growsNotWithTheTable(HIERARCHY + "SELECT id, path, level FROM line");
    growsNotWithTheTable(HIERARCHY + "SELECT level, count(*) AS n FROM line GROUP BY level");
  }

  @Test
  void movedSubtreeOfAClosureCostsItsPairs() throws Exception {
    growsNotWithTheTable(CLOSURE + "SELECT top, id FROM below");
    growsNotWithTheTable(CLOSURE + "SELECT top, count(*) AS n FROM below GROUP BY top");
  }
}
