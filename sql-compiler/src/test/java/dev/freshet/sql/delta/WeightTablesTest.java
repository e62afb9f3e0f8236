package dev.freshet.sql.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.Rig;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of the sources, line by line, and which rows of the result come (+) and go (-). */
class WeightTablesTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute("CREATE TABLE a (x int)", "CREATE TABLE b (x int, y text)");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  /** Each line a change, and after a bar the rows with their weights. */
  private void emits(String query, String table) throws Exception {
    var seen = new StringBuilder();
    try (var rig = new Rig(connection, query)) {
      assertThat(rig.compiled.refreshClass()).isNotEqualTo(RefreshClass.FULL);
      for (String line : table.lines().toList()) {
        String change = line.split("\\|")[0].strip();
        List<String> before = rig.rows();
        rig.after(Transport.ARRAYS, change);
        String before0 = line.substring(0, line.indexOf('|'));
        seen.append(before0).append('|').append(weights(before, rig.rows())).append('\n');
      }
    }
    assertThat(seen.toString()).isEqualTo(table);
  }

  private static String weights(List<String> before, List<String> after) {
    Map<String, Integer> zset = new TreeMap<>();
    before.forEach(row -> zset.merge(row, -1, Integer::sum));
    after.forEach(row -> zset.merge(row, 1, Integer::sum));
    return zset.entrySet().stream()
        .filter(e -> e.getValue() != 0)
        .map(e -> " %s %+d".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining(" "));
  }

  @Test
  void leftJoinPadsWhatHasNoPartner() throws Exception {
    emits(
        "SELECT a.x, b.y FROM a LEFT JOIN b USING (x)",
        """
        INSERT INTO a VALUES (1), (1)         | (1,) +2
        INSERT INTO b VALUES (1, 'one')       | (1,) -2  (1,one) +2
        INSERT INTO b VALUES (1, 'uno')       | (1,uno) +2
        DELETE FROM b WHERE y = 'one'         | (1,one) -2
        UPDATE b SET x = 2                    | (1,) +2  (1,uno) -2
        UPDATE a SET x = 2                    | (1,) -2  (2,uno) +2
        """);
  }

  @Test
  void fullJoinPadsEitherSide() throws Exception {
    emits(
        "SELECT a.x, b.y FROM a FULL JOIN b USING (x)",
        """
        INSERT INTO a VALUES (1)              | (1,) +1
        INSERT INTO b VALUES (2, 'two')       | (,two) +1
        UPDATE b SET x = 1                    | (,two) -1  (1,) -1  (1,two) +1
        DELETE FROM a                         | (,two) +1  (1,two) -1
        """);
  }

  @Test
  void notInIsUnknownBesideANull() throws Exception {
    emits(
        "SELECT x FROM a WHERE x NOT IN (SELECT b.x FROM b)",
        """
        INSERT INTO a VALUES (1), (2), (NULL) | () +1  (1) +1  (2) +1
        INSERT INTO b VALUES (1, 'one')       | () -1  (1) -1
        INSERT INTO b VALUES (NULL, 'none')   | (2) -1
        DELETE FROM b WHERE x = 1             |
        DELETE FROM b                         | () +1  (1) +1  (2) +1
        """);
  }

  @Test
  void intersectAllTakesTheSmallerNumberOfCopies() throws Exception {
    emits(
        "SELECT x FROM a INTERSECT ALL SELECT x FROM b",
        """
        INSERT INTO a VALUES (1), (1), (1)    |
        INSERT INTO b VALUES (1, ''), (1, '') | (1) +2
        DELETE FROM b WHERE y = ''            | (1) -2
        INSERT INTO b SELECT 1 FROM a, a c    | (1) +3
        """);
  }

  @Test
  void exceptComesBackWhenTheRightSideLeaves() throws Exception {
    emits(
        "SELECT x FROM a EXCEPT SELECT x FROM b",
        """
        INSERT INTO a VALUES (1), (1), (2)    | (1) +1  (2) +1
        INSERT INTO b VALUES (1, ''), (1, '') | (1) -1
        DELETE FROM b                         | (1) +1
        """);
  }

  @Test
  void rankMovesWhatComesAfter() throws Exception {
    emits(
        "SELECT x, y, rank() OVER (PARTITION BY y ORDER BY x) AS r FROM b",
        """
        INSERT INTO b VALUES (2, 'p')         | (2,p,1) +1
        INSERT INTO b VALUES (3, 'p'),(3,'q') | (3,p,2) +1  (3,q,1) +1
        INSERT INTO b VALUES (1, 'p')         | (1,p,1) +1  (2,p,1) -1  (2,p,2) +1  (3,p,2) -1  (3,p,3) +1
        UPDATE b SET x = 1 WHERE y = 'q'      | (1,q,1) +1  (3,q,1) -1
        """);
  }

  @Test
  void scalarSubqueryChangesTheRowsThatAskedForIt() throws Exception {
    emits(
        "SELECT x, (SELECT count(*) FROM b WHERE b.x = a.x) AS n FROM a",
        """
        INSERT INTO a VALUES (1), (2)         | (1,0) +1  (2,0) +1
        INSERT INTO b VALUES (1, ''), (1, '') | (1,0) -1  (1,2) +1
        UPDATE b SET x = 2                    | (1,0) +1  (1,2) -1  (2,0) -1  (2,2) +1
        """);
  }

  @Test
  void limitLetsTheNextOneIn() throws Exception {
    emits(
        "SELECT x FROM a ORDER BY x LIMIT 2",
        """
        INSERT INTO a VALUES (3), (5), (7)    | (3) +1  (5) +1
        INSERT INTO a VALUES (9)              |
        DELETE FROM a WHERE x = 3             | (3) -1  (7) +1
        """);
  }
}
