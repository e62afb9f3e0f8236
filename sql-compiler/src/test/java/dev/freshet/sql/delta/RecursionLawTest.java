package dev.freshet.sql.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.Rig;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * R(new) = R(old) + ΔR for recursions over small random trees and graphs; hidden tables are
 * compared too. {@code -Dfreshet.seed=N} repeats a run.
 */
class RecursionLawTest {
  private static final int DELTAS = 20;
  private static final long SEED = Long.getLong("freshet.seed", System.nanoTime());

  private final RandomGenerator random = new Random(SEED);
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE node (id int PRIMARY KEY, parent int, name text, w numeric)",
        "CREATE TABLE edge (src int, dst int, w numeric)",
        "CREATE TABLE stop (id int)",
        "INSERT INTO node SELECT i, nullif(i / 2, 0), 'n' || i, i FROM generate_series(1, 9) i",
        "INSERT INTO edge SELECT i % 5, (i * 3) % 7, i FROM generate_series(1, 9) i",
        "INSERT INTO stop VALUES (3), (3)");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  private interface Changes {
    String one();
  }

  private void holds(Changes changes, String... queries) throws Exception {
    for (String query : queries) {
      try (var rig = new Rig(connection, query)) {
        assertThat(rig.compiled.refreshClass())
            .as("%s: %s", query, rig.compiled.explain().reason())
            .isNotEqualTo(RefreshClass.FULL);
        for (int i = 0; i < DELTAS; i++) {
          List<String> some = new ArrayList<>();
          int count = random.nextInt(1, 4);
          for (int j = 0; j < count; j++) {
            some.add(changes.one());
          }
          try {
            rig.after(transport(), some.toArray(String[]::new));
          } catch (AssertionError | Exception e) {
            throw new AssertionError("seed " + SEED + ": " + e.getMessage(), e);
          }
        }
      }
    }
  }

  private Transport transport() {
    return Transport.values()[random.nextInt(Transport.values().length)];
  }

  private String number(int bound) {
    return String.valueOf(random.nextInt(0, bound));
  }

  /** Parents have lesser numbers than children: no circle. */
  private String treeChange() {
    int id = random.nextInt(1, 14);
    String parent = random.nextInt(5) == 0 ? "NULL" : String.valueOf(random.nextInt(0, id));
    return switch (random.nextInt(7)) {
      case 0, 1 -> "INSERT INTO node VALUES (%d, %s, 'new', 1.50)".formatted(id, parent);
      case 2 -> "DELETE FROM node WHERE id = " + id;
      case 3, 4 -> "UPDATE node SET parent = %s WHERE id = %d".formatted(parent, id);
      case 5 ->
          "UPDATE node SET name = %s, w = %s WHERE id = %d"
              .formatted(random.nextBoolean() ? "NULL" : "'m" + id + "'", weight(), id);
      default -> stopChange();
    };
  }

  private String weight() {
    return random.nextBoolean() ? "1.0" : "1.00";
  }

  private String stopChange() {
    return random.nextBoolean()
        ? "INSERT INTO stop VALUES (" + number(9) + ")"
        : "DELETE FROM stop WHERE ctid = (SELECT min(ctid) FROM stop)";
  }

  /** Circles come and go; equal edges, too. */
  private String graphChange() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 ->
          "INSERT INTO edge VALUES (%s, %s, %s)".formatted(number(7), number(7), weight());
      case 3 -> "DELETE FROM edge WHERE ctid = (SELECT max(ctid) FROM edge)";
      case 4, 5 -> "DELETE FROM edge WHERE src = %s AND dst < 5".formatted(number(7));
      case 6 -> "UPDATE edge SET dst = %s WHERE src = %s".formatted(number(7), number(7));
      default -> stopChange();
    };
  }

  @Test
  void hierarchyWithEveryWayOfStoringIt() throws Exception {
    String recursion =
        """
        WITH RECURSIVE line AS (
          SELECT id, parent, name AS path, 0 AS level FROM node WHERE parent IS NULL
          UNION ALL
          SELECT n.id, n.parent, l.path || '/' || n.name, l.level + 1
          FROM node n JOIN line l ON n.parent = l.id)
        """;
    holds(
        this::treeChange,
        recursion + "SELECT id, parent, path, level FROM line",
        recursion + "SELECT level AS depth, id, path AS parent, parent AS path FROM line",
        recursion + "SELECT id, upper(path) AS path FROM line WHERE level > 0",
        recursion + "SELECT level, count(*) AS n, max(path) AS last FROM line GROUP BY level",
        recursion
            + "SELECT a.id, b.id AS other, x.w FROM line a JOIN line b USING (level)"
            + " JOIN node x ON x.id = a.id",
        recursion + "SELECT l.id, s.id AS s FROM line l LEFT JOIN stop s ON s.id = l.level",
        recursion + "SELECT id, rank() OVER (PARTITION BY level ORDER BY path, id) AS r FROM line",
        recursion + "SELECT id FROM node EXCEPT SELECT id FROM line",
        recursion + "SELECT path FROM line ORDER BY path, id LIMIT 3");
  }

  @Test
  void closureOfATreeByTheNumberOfWays() throws Exception {
    holds(
        this::treeChange,
        """
        WITH RECURSIVE below (top, id) AS (
          SELECT id, id FROM node
          UNION ALL
          SELECT b.top, n.id FROM below b JOIN node n ON n.parent = b.id)
        SELECT b.top, count(*) AS n, sum(n.w) AS w FROM below b JOIN node n USING (id) GROUP BY b.top
        """,
        """
        WITH RECURSIVE up (id, top, w) AS (
          SELECT id, parent, w FROM node
          UNION ALL
          SELECT u.id, n.parent, u.w + n.w FROM node n, up u
          WHERE u.top = n.id AND NOT EXISTS (SELECT 1 FROM stop s WHERE s.id = n.id))
        SELECT id, top, w FROM up
        """);
  }

  @Test
  void reachedRowsOfAGraphWithCircles() throws Exception {
    holds(
        this::graphChange,
        """
        WITH RECURSIVE reach (a, b) AS (
          SELECT src, dst FROM edge
          UNION
          SELECT r.a, e.dst FROM reach r JOIN edge e ON e.src = r.b)
        SELECT a, b FROM reach
        """,
        """
        WITH RECURSIVE reach (b) AS (
          SELECT 1
          UNION
          SELECT e.dst FROM reach r JOIN edge e ON e.src = r.b WHERE e.dst NOT IN (SELECT id FROM stop))
        SELECT count(*) AS n, max(b) AS b FROM reach
        """,
        """
        WITH RECURSIVE reach (b, hops) AS (
          SELECT id, 0 FROM stop
          UNION
          SELECT e.dst, r.hops + 1 FROM reach r JOIN edge e ON e.src = r.b WHERE r.hops < 4)
        SELECT b, min(hops) AS hops FROM reach GROUP BY b
        """,
        """
        WITH RECURSIVE line AS (
          SELECT src AS a, dst AS b, w FROM edge UNION ALL SELECT dst, src, w FROM edge),
        reach (a, b, w) AS (
          SELECT a, b, w FROM line
          UNION
          SELECT r.a, l.b, least(r.w, l.w) FROM reach r JOIN line l ON l.a = r.b WHERE l.b <> r.a)
        SELECT a, b, max(w) AS w FROM reach GROUP BY a, b
        """);
  }

  @Test
  void waysThroughAGraph() throws Exception {
    holds(
        this::graphChange,
        """
        WITH RECURSIVE way (a, b, hops, via) AS (
          SELECT src, dst, 1, ARRAY[src, dst] FROM edge
          UNION ALL
          SELECT w.a, e.dst, w.hops + 1, w.via || e.dst FROM way w JOIN edge e ON e.src = w.b
          WHERE w.hops < 4 AND e.dst <> ALL (w.via))
        SELECT a, b, hops, via FROM way
        """,
        """
        WITH RECURSIVE way (b, hops, w) AS (
          SELECT src, 0, w FROM edge WHERE src = 1
          UNION ALL
          SELECT e.dst, y.hops + 1, y.w + e.w FROM way y JOIN edge e ON e.src = y.b WHERE y.hops < 3)
        SELECT b, hops, w, w::text AS t FROM way
        """);
  }

  @Test
  void stepsOfEveryLinearShape() throws Exception {
    holds(
        this::graphChange,
        """
        WITH RECURSIVE r (b, hops, last) AS (
          VALUES (1, 0, NULL::int)
          UNION ALL
          SELECT coalesce(e.dst, -1), r.hops + 1, s.id
          FROM r LEFT JOIN edge e ON e.src = r.b LEFT JOIN stop s ON s.id = e.dst
          WHERE r.hops < 3 AND r.b >= 0)
        SELECT b, hops, last FROM r
        """,
        """
        WITH RECURSIVE r (b, hops, n) AS (
          SELECT 1, 0, 0::bigint
          UNION
          SELECT x.dst, r.hops + 1, (SELECT count(*) FROM stop s WHERE s.id >= x.dst)
          FROM r CROSS JOIN LATERAL (SELECT e.dst FROM edge e WHERE e.src = r.b
            ORDER BY e.dst LIMIT 2) x
          WHERE r.hops < 4 AND EXISTS (SELECT 1 FROM stop))
        SELECT b, hops, n FROM r
        """,
        """
        WITH RECURSIVE r (b, hops) AS (
          SELECT 1, 0
          UNION ALL
          SELECT x.dst, s.hops FROM (SELECT b, hops + 1 AS hops FROM r WHERE hops < 3) s
          JOIN (SELECT src, dst, count(*) AS n FROM edge GROUP BY src, dst) x ON x.src = s.b)
        SELECT b, hops FROM r
        """);
  }

  /** Equal values that are not identical are told apart by what is printed of them. */
  @Test
  void rowsThatAreEqualAndNotIdentical() throws Exception {
    holds(
        this::graphChange,
        """
        WITH RECURSIVE r (b, w, hops) AS (
          SELECT src, w, 0 FROM edge WHERE src < 2
          UNION ALL
          SELECT e.dst, r.w, r.hops + 1 FROM r JOIN edge e ON e.src = r.b WHERE r.hops < 3)
        SELECT b, w, hops, w::text AS printed FROM r
        """,
        """
        WITH RECURSIVE r (b, word, tags, at, odd) AS (
          SELECT src, 'w' || src::text, ARRAY[w::text], date '2026-01-01' + src, w > 1
          FROM edge WHERE src < 3
          UNION ALL
          SELECT e.dst, upper(r.word), r.tags || e.w::text, r.at + 1, NOT r.odd
          FROM r JOIN edge e ON e.src = r.b WHERE cardinality(r.tags) < 4)
        SELECT b, word, tags, at, odd FROM r
        """);
  }

  @Test
  void recursionOverARecursion() throws Exception {
    holds(
        this::graphChange,
        """
        WITH RECURSIVE reach (a, b) AS (
          SELECT src, dst FROM edge
          UNION
          SELECT r.a, e.dst FROM reach r JOIN edge e ON e.src = r.b),
        far (a, hops) AS (
          SELECT b, 0 FROM reach WHERE a = 1
          UNION
          SELECT r.b, f.hops + 1 FROM far f JOIN reach r ON r.a = f.a WHERE f.hops < 2)
        SELECT f.a, f.hops, r.b FROM far f LEFT JOIN reach r ON r.a = f.a AND r.b > f.hops
        """,
        """
        SELECT s.id, x.n FROM stop s LEFT JOIN (
          WITH RECURSIVE reach (a, b) AS (
            SELECT src, dst FROM edge UNION SELECT r.a, e.dst FROM reach r, edge e WHERE e.src = r.b)
          SELECT a, count(*) AS n FROM reach GROUP BY a) x ON x.a = s.id
        """);
  }
}
