package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.maintain.HiddenTables;
import dev.freshet.sql.parse.Lowering;
import dev.freshet.sql.parse.Recursions;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.tree.Operator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Queries and their trees, in {@code src/test/resources/lowering}: a query, then its tree or why it
 * is refused. A tree must also return what the query returns. A file's name may end in the version
 * from which PostgreSQL knows the queries. With {@code -Dfreshet.update-golden=true} the files are
 * written.
 */
class LoweringTest {
  private static final Path DIRECTORY = Path.of("src/test/resources/lowering");

  private static final String[] TABLES = {
    "CREATE TABLE a (id int PRIMARY KEY, k int, t text, at date)",
    "CREATE TABLE b (id int PRIMARY KEY, k bigint, x numeric, tags text[], j jsonb)",
    "CREATE TABLE c (k int, y int, t text)",
    "CREATE TYPE pair AS (l int, r text)",
    "CREATE TABLE d (id int PRIMARY KEY, pairs pair[], m xml, n float4)",
    "CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int, initcond = '0')",
    "CREATE FUNCTION several(int) RETURNS SETOF int IMMUTABLE LANGUAGE sql AS 'SELECT"
        + " generate_series(1, $1)'",
    "CREATE FUNCTION two(int, OUT l int, OUT r text) RETURNS SETOF record IMMUTABLE LANGUAGE sql AS"
        + " 'SELECT g, g::text FROM generate_series(1, $1) g'",
    "CREATE FUNCTION twice(i int) RETURNS int IMMUTABLE LANGUAGE sql RETURN i * 2",
    "CREATE VIEW v(i, n) AS SELECT a.k, count(*) FROM a GROUP BY a.k",
    "CREATE VIEW w AS SELECT v.n, b.* FROM v JOIN b ON b.k = v.i",
    "CREATE VIEW vv(i, t) AS VALUES (1, 'x'), (2, 'y')",
    "INSERT INTO a SELECT i, nullif(i % 4, 3), nullif('t' || i % 3, 't2'), date '2024-01-01' + i"
        + " FROM generate_series(1, 12) i",
    "INSERT INTO b SELECT i, nullif(i % 5, 0), i / 2.0, ARRAY['p' || i, NULL, 'q'],"
        + " jsonb_build_object('a', i, 'l', ARRAY[i, i + 1]) FROM generate_series(3, 14) i",
    "INSERT INTO c SELECT i % 3, i % 2, 't' || i % 3 FROM generate_series(1, 6) i",
    "INSERT INTO c VALUES (NULL, 1, NULL), (NULL, NULL, NULL)",
    "INSERT INTO d SELECT i, ARRAY[ROW(i, 'x')::pair, NULL], '<r><e>1</e><e>2</e></r>', 0.1 + i"
        + " FROM generate_series(1, 3) i",
  };

  @ParameterizedTest
  @CsvSource({
    "joins",
    "distinct",
    "subqueries",
    "windows",
    "limits",
    "grouping-sets",
    "from",
    "scalars",
    "scalars-16",
    "from-17"
  })
  void meansTheQueryOnVersion18(String name) throws Exception {
    check(PgVersion.V18, name);
  }

  @ParameterizedTest
  @CsvSource({
    "joins",
    "distinct",
    "subqueries",
    "windows",
    "limits",
    "grouping-sets",
    "from",
    "scalars"
  })
  void meansTheQueryOnVersion15(String name) throws Exception {
    check(PgVersion.V15, name);
  }

  private static void check(PgVersion version, String name) throws Exception {
    Path file = DIRECTORY.resolve(name + ".txt");
    List<String> lines = Files.readAllLines(file);
    List<String> actual = new ArrayList<>();
    try (Database database = SharedServer.of(version).freshDatabase()) {
      database.execute(TABLES);
      try (Connection connection = database.connect()) {
        connection.setAutoCommit(false);
        for (String line : lines) {
          if (line.startsWith("SELECT")
              || line.startsWith("WITH")
              || line.startsWith("VALUES")
              || line.startsWith("(")) {
            actual.add(line);
            actual.add("  " + lowered(connection, line));
          } else if (!line.startsWith("  ")) {
            actual.add(line);
          }
        }
      }
    }
    if (Boolean.getBoolean("freshet.update-golden") && version == PgVersion.V18) {
      Files.write(file, actual);
      return;
    }
    assertThat(String.join("\n", actual)).isEqualTo(String.join("\n", lines));
  }

  private static String lowered(Connection connection, String query) throws SQLException {
    execute(connection, "SET search_path = public");
    execute(connection, "CREATE OR REPLACE TEMPORARY VIEW written AS " + query);
    execute(connection, "SET search_path = ''");
    String qualified =
        rows(connection, "SELECT pg_get_viewdef('pg_temp.written'::regclass)").getFirst();
    execute(connection, "DROP VIEW pg_temp.written");
    var analyst = new Analyst(connection);
    AnalyzedQuery analyzed = analyst.analyze(qualified.replaceAll(";[ |]*$", ""));
    try {
      var recursions = new Recursions(analyst);
      Operator tree = Lowering.lower(analyzed, recursions);
      HiddenTables hidden = HiddenTables.of(analyzed, tree, recursions.all(), recursions);
      String sql = hidden.computed(SqlStatement.of(TreeSql.of(tree))).sql();
      assertThat(rows(connection, sql))
          .as("%s%nas%n%s%nis%n%s", query, tree, sql)
          .isEqualTo(rows(connection, analyzed.definition()));
      return Stream.concat(recursions.all().stream(), Stream.of(tree))
          .map(Object::toString)
          .collect(Collectors.joining("; "));
    } catch (UnsupportedQueryException e) {
      return "refused: " + e.getMessage();
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> rows(Connection connection, String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        var row = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          row.append(result.getString(i)).append(" | ");
        }
        rows.add(row.toString());
      }
    }
    rows.sort(null);
    return rows;
  }
}
