package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** WITH RECURSIVE followed from the log: the stream table and the tables beside it. */
@ExtendWith(FreshetExtension.class)
class RecursiveTest {
  private static final String LINE =
      """
      WITH RECURSIVE line AS (
        SELECT id, parent, name::text AS path, 0 AS level FROM node WHERE parent IS NULL
        UNION ALL
        SELECT n.id, n.parent, l.path || '/' || n.name, l.level + 1
        FROM node n JOIN line l ON n.parent = l.id)
      """;
  private static final String REACH =
      """
      WITH RECURSIVE reach (a, b) AS (
        SELECT src, dst FROM edge
        UNION
        SELECT r.a, e.dst FROM reach r JOIN edge e ON e.src = r.b)
      """;
  private static final String HIDDEN =
      "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '%freshet_recursive%'"
          + " ORDER BY 1";

  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE node (id int PRIMARY KEY, parent int, name text NOT NULL)",
        "CREATE INDEX ON node (parent)",
        "INSERT INTO node SELECT i, nullif(i / 3, 0), 'n' || i FROM generate_series(1, 100) i",
        "CREATE TABLE edge (src int NOT NULL, dst int NOT NULL)",
        "INSERT INTO edge SELECT i % 10, (i * 7) % 13 FROM generate_series(1, 25) i",
        "ANALYZE");
  }

  private void create(String name, String query) {
    Reply.Created created =
        freshet.create(name, query, Map.of("max-change-ratio", "1", "cost", "off"));
    assertThat(created.refreshClass()).isEqualTo("affected keys");
  }

  private void audit() {
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  private List<String> hidden() throws SQLException {
    return freshet.rows(HIDDEN);
  }

  /** A leaf, a subtree moved, deleted, renamed at its root; and all of it at once. */
  private void followTheTree(String name) throws SQLException {
    freshet.sql("INSERT INTO node VALUES (1000, 33, 'leaf')");
    freshet.follow(name);
    freshet.sql("UPDATE node SET parent = 2 WHERE id = 4");
    freshet.follow(name);
    freshet.sql("UPDATE node SET name = 'moved' WHERE id = 4");
    freshet.follow(name);
    freshet.sql("DELETE FROM node WHERE id = 5");
    freshet.follow(name);
    freshet.sql(
        "INSERT INTO node VALUES (5, 1, 'again'), (1001, 1000, 'below')",
        "UPDATE node SET parent = NULL WHERE id = 2",
        "UPDATE node SET parent = 1001 WHERE id = 7",
        "DELETE FROM node WHERE id IN (20, 90)",
        "UPDATE node SET id = 2000 WHERE id = 6");
    freshet.follow(name);
  }

  @Test
  void treeIsFollowedInTheStreamTableItself() throws SQLException {
    create("st", LINE + "SELECT id, parent AS boss, path, level FROM line");
    assertThat(hidden()).isEmpty();
    followTheTree("st");
  }

  @Test
  void treeIsFollowedInATableBesideIt() throws SQLException {
    create("st", LINE + "SELECT level, count(*) AS n, max(path) AS last FROM line GROUP BY level");
    assertThat(hidden()).containsExactly("(st_freshet_recursive1)");
    followTheTree("st");
  }

  @Test
  void circlesComeAndGo() throws SQLException {
    create("pairs", REACH + "SELECT a, b FROM reach");
    create("counts", REACH + "SELECT a, count(*) AS n FROM reach GROUP BY a");
    List<String[]> steps =
        List.of(
            new String[] {"INSERT INTO edge VALUES (20, 21), (21, 22)"},
            new String[] {"INSERT INTO edge VALUES (22, 20)"},
            new String[] {"DELETE FROM edge WHERE src = 21"},
            new String[] {"INSERT INTO edge VALUES (21, 22), (21, 22)"},
            new String[] {"DELETE FROM edge WHERE src = 22", "INSERT INTO edge VALUES (3, 21)"},
            new String[] {"DELETE FROM edge WHERE src < 5", "INSERT INTO edge VALUES (12, 0)"},
            new String[] {"UPDATE edge SET dst = src"});
    for (String[] step : steps) {
      freshet.sql(step);
      freshet.follow("pairs");
      freshet.follow("counts");
    }
  }

  @Test
  void refreshOfNothingThatItReadsWritesNothing() throws SQLException {
    create("st", REACH + "SELECT a, count(*) AS n FROM reach GROUP BY a");
    freshet.sql("UPDATE edge SET dst = dst WHERE src = 1");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.NOOP);
  }

  @Test
  void fullRefreshAndRebuildMoveBothTables() throws SQLException {
    create("st", LINE + "SELECT level, count(*) AS n FROM line GROUP BY level");
    freshet.sql("UPDATE node SET parent = 2 WHERE id = 4");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.FULL);
    audit();
    freshet.engine().execute(new Command.Alter("st", Optional.empty(), Map.of("full", "rebuild")));
    freshet.sql("UPDATE node SET parent = 1 WHERE id = 4");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.REBUILD);
    audit();
    followTheTree("st");
  }

  @Test
  void fullRefreshAndRebuildOfTheRecursionItself() throws SQLException {
    create("st", LINE + "SELECT path, id, level, parent FROM line");
    freshet.sql("UPDATE node SET parent = 2 WHERE id = 4");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.FULL);
    audit();
    freshet.engine().execute(new Command.Alter("st", Optional.empty(), Map.of("full", "rebuild")));
    freshet.sql("UPDATE node SET parent = 1 WHERE id = 4");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.REBUILD);
    audit();
    followTheTree("st");
  }

  @Test
  void truncatedSourceIsRefilled() throws SQLException {
    create("st", REACH + "SELECT a, count(*) AS n FROM reach GROUP BY a");
    freshet.sql("TRUNCATE edge", "INSERT INTO edge VALUES (1, 2), (2, 3)");
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    audit();
    freshet.sql("INSERT INTO edge VALUES (3, 4)");
    freshet.follow("st");
  }

  @Test
  void dropTakesTheHiddenTablesAlong() throws SQLException {
    create("st", REACH + "SELECT a, count(*) AS n FROM reach GROUP BY a");
    freshet.engine().execute(new Command.Drop("st", false));
    assertThat(hidden()).isEmpty();
  }

  @Test
  void otherQueryGetsOtherHiddenTables() throws SQLException {
    create("st", "SELECT src AS a, count(DISTINCT dst) AS n FROM edge GROUP BY src");
    for (String query :
        List.of(
            REACH + "SELECT a, count(*) AS n FROM reach GROUP BY a",
            REACH + "SELECT a, count(*) + 1 AS n FROM reach GROUP BY a",
            LINE + "SELECT level AS a, count(*) AS n FROM line GROUP BY level",
            REACH + "SELECT a, b::bigint AS n FROM reach",
            REACH + "SELECT a, b FROM reach")) {
      freshet.engine().execute(new Command.Alter("st", Optional.of(query), Map.of()));
      audit();
      freshet.sql(
          "INSERT INTO edge VALUES (30, 1), (2, 30)", "UPDATE node SET parent = 3 WHERE id = 8");
      assertThat(freshet.refreshIncrementally("st").mode()).isEqualTo(Mode.INCREMENTAL);
      audit();
      freshet.sql(
          "DELETE FROM edge WHERE 30 IN (src, dst)", "UPDATE node SET parent = 2 WHERE id = 8");
      freshet.follow("st");
    }
    assertThat(hidden()).isEmpty();
  }

  @Test
  void engineThatComesBackGoesOn() throws SQLException {
    create("st", LINE + "SELECT level, count(*) AS n FROM line GROUP BY level");
    freshet.sql("UPDATE node SET parent = 2 WHERE id = 4");
    freshet.restartEngine();
    assertThat(freshet.refreshIncrementally("st").mode()).isEqualTo(Mode.INCREMENTAL);
    audit();
  }

  @Test
  void missingHiddenTableIsMadeAgain() throws SQLException {
    create("st", LINE + "SELECT level, count(*) AS n FROM line GROUP BY level");
    freshet.engine().close();
    freshet.sql("DROP TABLE st_freshet_recursive1", "UPDATE node SET parent = 2 WHERE id = 10");
    freshet.restartEngine();
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    audit();
    assertThat(hidden()).containsExactly("(st_freshet_recursive1)");
    followTheTree("st");
  }

  @Test
  void wrongHiddenTableIsTold() throws SQLException {
    create("st", LINE + "SELECT level, count(*) AS n FROM line GROUP BY level");
    freshet.sql("UPDATE st_freshet_recursive1 SET path = 'x' WHERE id = 7");
    List<AuditReport> reports = freshet.audit();
    assertThat(reports).noneMatch(AuditReport::equal);
    assertThat(reports.getFirst().differences())
        .anyMatch(d -> d.row().equals("st_freshet_recursive1: (7,2,x,1)"));
    freshet.refresh("st", Optional.of("full"));
    audit();
  }

  @Test
  void retypedSourceGivesTheHiddenTableOtherColumns() throws SQLException {
    create("st", REACH + "SELECT count(*) AS n, max(a)::int AS a FROM reach");
    freshet.sql("ALTER TABLE edge ALTER COLUMN dst TYPE int USING dst + 1");
    freshet.refresh("st");
    audit();
    freshet.sql("INSERT INTO edge VALUES (7, 77)");
    freshet.refresh("st");
    audit();
  }

  @Test
  void standsInAGraphBelowAndAbove() throws SQLException {
    create("base", "SELECT src, dst, count(DISTINCT src) AS n FROM edge GROUP BY src, dst");
    create(
        "closure",
        REACH.replace("FROM edge", "FROM base").replace("JOIN edge", "JOIN base")
            + "SELECT a, b FROM reach");
    create("sizes", "SELECT a, count(DISTINCT b) AS n FROM closure GROUP BY a");
    for (String change :
        List.of(
            "INSERT INTO edge VALUES (20, 21), (12, 20)",
            "DELETE FROM edge WHERE src = 1",
            "INSERT INTO edge VALUES (21, 12)",
            "UPDATE edge SET dst = 5 WHERE src = 21")) {
      freshet.sql(change);
      freshet.followGraph("sizes");
    }
  }

  /** Writers make and break ways in a graph and a tree, also in transactions that stay open. */
  @Test
  void equalsItsQueryUnderWriters() throws Exception {
    create("pairs", REACH + "SELECT a, b FROM reach");
    create("sizes", REACH + "SELECT a, count(*) AS n FROM reach GROUP BY a");
    create("tree", LINE + "SELECT id, parent, path, level FROM line");
    create("levels", LINE + "SELECT l.level, n.name FROM line l JOIN node n USING (id)");
    AuditedWriters.write(
        freshet,
        AlignmentRun.seed(RecursiveTest.class),
        Duration.ofSeconds(10),
        List.of("pairs", "sizes", "tree", "levels"),
        RecursiveTest::change);
  }

  /** In the tree parents have lesser numbers, so it has no circle. */
  private static String change(Random random) {
    int id = random.nextInt(2, 140);
    return switch (random.nextInt(7)) {
      case 0 -> "INSERT INTO node VALUES (%d, %d, 'w')".formatted(id, random.nextInt(1, id));
      case 1 -> "UPDATE node SET parent = %d WHERE id = %d".formatted(random.nextInt(1, id), id);
      case 2 -> "DELETE FROM node WHERE id = " + id;
      case 3 -> "UPDATE node SET name = name || 'x' WHERE length(name) < 9 AND id = " + id;
      case 4, 5 ->
          "INSERT INTO edge VALUES (%d, %d)".formatted(random.nextInt(12), random.nextInt(14));
      default -> "DELETE FROM edge WHERE src = %d AND dst < 8".formatted(random.nextInt(12));
    };
  }
}
